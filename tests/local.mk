# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists of tests, the way they are run, and the check-* and bench targets. A new test is one line in
# one of the lists.

# White box: a file per module of lib/, linked with all its objects.
unit_tests = \
	%D%/unit/test-args \
	%D%/unit/test-budget \
	%D%/unit/test-bus \
	%D%/unit/test-context \
	%D%/unit/test-error \
	%D%/unit/test-fence \
	%D%/unit/test-follower \
	%D%/unit/test-follower-order \
	%D%/unit/test-half \
	%D%/unit/test-hash \
	%D%/unit/test-identifier \
	%D%/unit/test-lock \
	%D%/unit/test-loss \
	%D%/unit/test-mailbox \
	%D%/unit/test-mailbox-block \
	%D%/unit/test-mailbox-model \
	%D%/unit/test-mailbox-threads \
	%D%/unit/test-match-index \
	%D%/unit/test-message \
	%D%/unit/test-message-data \
	%D%/unit/test-message-settings \
	%D%/unit/test-message-value \
	%D%/unit/test-object \
	%D%/unit/test-overflow \
	%D%/unit/test-owner \
	%D%/unit/test-pace \
	%D%/unit/test-pace-order \
	%D%/unit/test-pattern \
	%D%/unit/test-pattern-covers \
	%D%/unit/test-pool \
	%D%/unit/test-pool-burst \
	%D%/unit/test-publish \
	%D%/unit/test-queue \
	%D%/unit/test-queue-async \
	%D%/unit/test-queue-bounds \
	%D%/unit/test-queue-shared \
	%D%/unit/test-queue-source \
	%D%/unit/test-radix \
	%D%/unit/test-replay \
	%D%/unit/test-retained \
	%D%/unit/test-router \
	%D%/unit/test-router-threads \
	%D%/unit/test-router-topics \
	%D%/unit/test-slab \
	%D%/unit/test-slice \
	%D%/unit/test-stats \
	%D%/unit/test-store \
	%D%/unit/test-symbols \
	%D%/unit/test-thread \
	%D%/unit/test-topic \
	%D%/unit/test-topic-cache \
	%D%/unit/test-value \
	%D%/unit/test-voice \
	%D%/unit/test-walk

# White box: the modules of adapters/, linked with all of its objects and the shared libcurrant.
adapters_tests = \
	%D%/unit/test-adapter-base \
	%D%/unit/test-adapter-glob \
	%D%/unit/test-adapter-observer \
	%D%/unit/test-adapter-observer-life \
	%D%/unit/test-adapter-observer-random \
	%D%/unit/test-adapter-observer-trees \
	%D%/unit/test-adapter-schedule \
	%D%/unit/test-adapter-settle \
	%D%/unit/test-adapter-stamp \
	%D%/unit/test-adapter-target \
	%D%/unit/test-adapter-timer \
	%D%/unit/test-adapter-tree

# Black box, across layers, linked with the shared libraries.
flow_tests = \
	%D%/flow/test-backlog \
	%D%/flow/test-bad-input \
	%D%/flow/test-misuse \
	%D%/flow/test-misuse-args \
	%D%/flow/test-objects \
	%D%/flow/test-paint \
	%D%/flow/test-rules \
	%D%/flow/test-rules-bounds \
	%D%/flow/test-rules-locks \
	%D%/flow/test-rules-order \
	%D%/flow/test-rules-stop

# Black box, many threads.
stress_tests = \
	%D%/stress/test-hammer \
	%D%/stress/test-matching \
	%D%/stress/test-planted-race \
	%D%/stress/test-reclaim

script_tests = \
	%D%/flow/test-bench.sh \
	%D%/flow/test-cli.sh \
	%D%/flow/test-demo.sh \
	%D%/flow/test-examples.sh \
	%D%/flow/test-headers.sh \
	%D%/flow/test-install.sh \
	%D%/flow/test-python.sh \
	%D%/flow/test-readme.sh \
	%D%/flow/test-symbols.sh \
	%D%/style/check-layers.sh \
	%D%/style/check-style.sh \
	%D%/style/check-tools.sh

# What several tests of a kind share.
test_headers = \
	%D%/unit/adapter-observer.h \
	%D%/unit/queue-kit.h \
	%D%/unit/spy-sink.h

kit_sources = \
	%D%/kit/currant-test-loop.c \
	%D%/kit/currant-test-recorder.c \
	%D%/kit/currant-test.c \
	%D%/kit/currant-test.h

python_tests = \
	%D%/python/test_currant.py

suppressions = \
	%D%/supp/currant.supp \
	%D%/supp/lsan.supp \
	%D%/supp/tsan.supp

include tests/bench/local.mk
include tests/counts/local.mk

# ---- building ------------------------------------------------------------------------------------

check_LTLIBRARIES += %D%/libkit.la
%C%_libkit_la_SOURCES = $(kit_sources)
%C%_libkit_la_LIBADD = $(GLIB_LIBS)

check_PROGRAMS += $(unit_tests) $(adapters_tests) $(flow_tests) $(stress_tests)

# A program links either the objects or the shared library, never both: types register once.
LDADD = %D%/libkit.la \
	adapters/libcurrant-adapters-1.0.la lib/libcurrant-1.0.la $(GLIB_LIBS) -lm
$(unit_tests): private LDADD = %D%/libkit.la lib/libcurrant-core.la $(GLIB_LIBS) -lm
$(unit_tests): lib/libcurrant-core.la
$(adapters_tests): private LDADD = %D%/libkit.la \
	adapters/libcurrant-adapters-core.la lib/libcurrant-1.0.la $(GIO_UNIX_LIBS) $(GLIB_LIBS) -lm
$(adapters_tests): adapters/libcurrant-adapters-core.la

# Real programs where a wrapper script would stand: a test starts itself again to trap a critical.
$(check_PROGRAMS): private AM_LDFLAGS += -no-install

tests_cppflags = -I$(srcdir)/%D%/kit -I$(srcdir)/adapters
%D%/%.$(OBJEXT): private AM_CPPFLAGS += $(tests_cppflags)
%D%/unit/%.$(OBJEXT): private AM_CPPFLAGS += $(tests_cppflags) \
	-DCURRANT_COMPILATION -DCURRANT_ADAPTERS_COMPILATION

# ---- running -------------------------------------------------------------------------------------

TESTS += $(unit_tests) $(adapters_tests) $(flow_tests) $(stress_tests) $(script_tests)
TEST_EXTENSIONS = .sh

tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
SH_LOG_DRIVER = $(tap_driver)
SH_LOG_COMPILER = $(BASH_SHELL)
# A script's exit status says again, for whoever starts it by hand, what its points say.
AM_SH_LOG_DRIVER_FLAGS = --ignore-exit

tests_scratch = $(abs_top_builddir)/%D%/scratch
tests_supp = $(abs_top_srcdir)/%D%/supp

# The same surroundings for everybody: no session, no home, no settings but these.
AM_TESTS_ENVIRONMENT = \
	$(MKDIR_P) $(tests_scratch)/run && chmod 700 $(tests_scratch)/run; \
	unset DISPLAY WAYLAND_DISPLAY LANGUAGE G_DEBUG CURRANT_DEBUG CDPATH; \
	export \
	abs_top_srcdir='$(abs_top_srcdir)' \
	abs_top_builddir='$(abs_top_builddir)' \
	G_TEST_SRCDIR='$(abs_top_srcdir)/%D%' \
	G_TEST_BUILDDIR='$(abs_top_builddir)/%D%' \
	CC='$(CC)' \
	NM='$(NM)' \
	PKG_CONFIG='$(PKG_CONFIG)' \
	PYTHON_GI='$(PYTHON_GI)' \
	GLIB_CFLAGS='$(GLIB_CFLAGS)' \
	GLIB_LIBS='$(GLIB_LIBS)' \
	INSTRUMENT_CFLAGS='$(INSTRUMENT_CFLAGS)' \
	CURRANT_SANITIZER='$(SANITIZER)' \
	CURRANT_TEST_TIMEOUT_SCALE="$${CURRANT_TEST_TIMEOUT_SCALE:-$(TIMEOUT_SCALE)}" \
	HOME='$(tests_scratch)' \
	XDG_CACHE_HOME='$(tests_scratch)/cache' \
	XDG_CONFIG_HOME='$(tests_scratch)/config' \
	XDG_DATA_HOME='$(tests_scratch)/data' \
	XDG_RUNTIME_DIR='$(tests_scratch)/run' \
	DBUS_SESSION_BUS_ADDRESS=disabled: \
	GSETTINGS_BACKEND=memory \
	GIO_USE_VFS=local \
	GIO_USE_VOLUME_MONITOR=unix \
	G_MESSAGES_DEBUG= \
	G_SLICE=always-malloc \
	MALLOC_PERTURB_=165 \
	LC_ALL=C.UTF-8 \
	ASAN_OPTIONS="$${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1}" \
	LSAN_OPTIONS=suppressions='$(tests_supp)/lsan.supp':print_suppressions=0 \
	TSAN_OPTIONS=suppressions='$(tests_supp)/tsan.supp':halt_on_error=1:second_deadlock_stack=1 \
	UBSAN_OPTIONS=print_stacktrace=1;

# Those that load the machine or look at the clock run alone, one after another, when all the
# others are done.
lone_tests = %D%/unit/test-context %D%/flow/test-paint $(stress_tests) %D%/flow/test-bench.sh
lone_logs = $(filter $(addsuffix .log,$(lone_tests:.sh=)),$(TEST_LOGS))
lone_before = $(filter-out $(lone_logs),$(TEST_LOGS))
$(foreach log,$(lone_logs),$(eval $(log): | $(lone_before))$(eval lone_before += $(log)))

clean-local:
	-rm -rf $(tests_scratch)

# The tests that many threads run through: what ThreadSanitizer is for.
threaded_tests = $(filter-out %D%/flow/test-cli%,$(flow_tests)) $(stress_tests) \
	$(filter %-context %-mailbox %-owner %-pool %-queue %-router %-slab %-snapshot %-thread %-topic, \
	$(unit_tests))
threaded_tests += $(filter %-fence %-lock %-loss %-mailbox-threads %-publish %-queue-bounds \
	%-replay %-router-threads %-router-topics %-store %-walk,$(unit_tests))

valgrind_command = $(VALGRIND) --quiet --error-exitcode=99 --leak-check=full \
	--errors-for-leak-kinds=definite --show-leak-kinds=definite --num-callers=30 \
	--fair-sched=try --child-silent-after-fork=yes \
	--suppressions=$(GLIB_SUPPRESSIONS) --suppressions=$(tests_supp)/currant.supp

check-threads:
	$(MAKE) $(AM_MAKEFLAGS) check-am TESTS='$(threaded_tests)'

# What valgrind is for above all: blocks that go from one thread to another.
memory_tests = %D%/stress/test-hammer \
	$(filter %-follower %-mailbox-threads %-publish %-queue %-slab,$(unit_tests))

# Each message and node is a block of its own there, so that a leaked or freed one is seen. The
# hammer is short: valgrind runs one thread at a time.
check_memory = CURRANT_TEST_TIMEOUT_SCALE=10 CURRANT_HAMMER_SECONDS=2 \
	$(MAKE) $(AM_MAKEFLAGS) check-am \
	LOG_COMPILER='env CURRANT_DEBUG=malloc $(LIBTOOL) --mode=execute $(valgrind_command)'

# Two threads that wait for each other a hundred thousand times are not for a checker that runs them
# by turns, and sees nothing of the order of memory.
check-memory:
	$(check_memory) TESTS='$(filter-out %/test-fence,$(unit_tests)) $(adapters_tests) \
		$(flow_tests) %D%/stress/test-hammer'

check-memory-threads:
	$(check_memory) TESTS='$(memory_tests)'

check-hammer:
	CURRANT_HAMMER_SECONDS=20 CURRANT_RECLAIM_SECONDS=10 $(MAKE) $(AM_MAKEFLAGS) check-am \
		TESTS='%D%/stress/test-hammer %D%/stress/test-reclaim'

style:
	$(MAKE) $(AM_MAKEFLAGS) check-am \
		TESTS='%D%/style/check-layers.sh %D%/style/check-style.sh %D%/style/check-tools.sh'

.PHONY: check-threads check-memory check-memory-threads check-hammer style

dist_noinst_DATA += $(test_headers) $(script_tests) $(python_tests) $(suppressions) \
	%D%/style/layers.txt \
	%D%/style/tap.sh
