# SPDX-License-Identifier: LGPL-2.1-or-later
# Benchmarks: this bus, its peers, and the floors under both, in one run of one program for each
# group. make check only proves that every case still works; make bench measures.
#
# A peer is a file of its own that adds its cases by itself: where configure finds its library, the
# file joins the sources of its group, and the library LDADD.

bench_programs = \
	%D%/bench-context \
	%D%/bench-match \
	%D%/bench-pool \
	%D%/bench-publish \
	%D%/bench-queue

bench_harness_sources = \
	%D%/bench-private.h \
	%D%/bench-report.c \
	%D%/bench-stats.c \
	%D%/bench-thread.c \
	%D%/bench.c \
	%D%/bench.h

check_LTLIBRARIES += %D%/libbench.la
%C%_libbench_la_SOURCES = $(bench_harness_sources)
%C%_libbench_la_LIBADD = $(GLIB_LIBS)

check_PROGRAMS += $(bench_programs)
$(bench_programs): private LDADD = %D%/libbench.la lib/libcurrant-1.0.la $(GLIB_LIBS)
$(bench_programs): %D%/libbench.la

%C%_bench_context_SOURCES = \
	%D%/bench-context-floor.c \
	%D%/bench-context-glib.c \
	%D%/bench-context-loop.c \
	%D%/bench-context.c \
	%D%/bench-context.h

%C%_bench_match_SOURCES = \
	%D%/bench-match-floor.c \
	%D%/bench-match-set.c \
	%D%/bench-match.c \
	%D%/bench-match.h

%C%_bench_pool_SOURCES = \
	%D%/bench-pool-glib.c \
	%D%/bench-pool-tally.c \
	%D%/bench-pool.c \
	%D%/bench-pool.h

%C%_bench_publish_SOURCES = \
	%D%/bench-publish-glib.c \
	%D%/bench-publish-more.c \
	%D%/bench-publish.c \
	%D%/bench-publish.h

%C%_bench_queue_SOURCES = \
	%D%/bench-queue-glib.c \
	%D%/bench-queue.c \
	%D%/bench-queue.h

# The programs are made after all, not beside: all is a make of its own, and two would make the same
# files at a time.
bench: all
	$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	python3 $(srcdir)/%D%/bench-all.py --json %D%/bench.json $(BENCH_FLAGS) \
		$(addprefix ./,$(bench_programs))

bench-quick:
	$(MAKE) $(AM_MAKEFLAGS) bench BENCH_FLAGS="--quick --brief"

.PHONY: bench bench-quick

CLEANFILES += %D%/bench.json
dist_noinst_DATA += %D%/bench-all.py
