# SPDX-License-Identifier: LGPL-2.1-or-later
# Benchmarks: this bus, its peers, and the floors under both, in one run of one program for each
# group. make check only proves that every case still works; make bench measures.
#
# A peer is a file of its own that adds its cases by itself: where configure finds its library, the
# file joins the sources of its group, and the library LDADD.

bench_programs = \
	%D%/bench-context \
	%D%/bench-curves \
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

bench_ldadd = %D%/libbench.la lib/libcurrant-1.0.la $(GLIB_LIBS)
check_PROGRAMS += $(bench_programs)
$(bench_programs): private LDADD = $(bench_ldadd)
$(bench_programs): %D%/libbench.la

%C%_bench_context_SOURCES = \
	%D%/bench-context-floor.c \
	%D%/bench-context-glib.c \
	%D%/bench-context-loop.c \
	%D%/bench-context.c \
	%D%/bench-context.h

%C%_bench_curves_SOURCES = \
	%D%/bench-curves-more.c \
	%D%/bench-curves.c \
	%D%/bench-curves.h \
	%D%/bench-match-set.c \
	%D%/bench-match.h

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

# ---- peers ---------------------------------------------------------------------------------------

bench_context_libs =
bench_pool_libs =
bench_publish_libs =
bench_queue_libs =
AM_CXXFLAGS += $(BENCH_CXXFLAGS) $(INSTRUMENT_CFLAGS) $(GLIB_CFLAGS)

if HAVE_BOOST
%C%_bench_publish_SOURCES += %D%/bench-publish-boost.cc %D%/bench-publish-peer.hh
endif

if HAVE_CK
%C%_bench_queue_SOURCES += %D%/bench-queue-ck.c %D%/bench-queue-lanes.h
bench_queue_libs += $(CK_LIBS)
%D%/%-ck.$(OBJEXT): private AM_CFLAGS += $(CK_CFLAGS)
endif

if HAVE_MOODYCAMEL
%C%_bench_pool_SOURCES += %D%/bench-pool-moodycamel.cc %D%/bench-pool-peer.hh
%C%_bench_queue_SOURCES += %D%/bench-queue-lanes.h %D%/bench-queue-moodycamel.cc
endif

if HAVE_NNG
%C%_bench_queue_SOURCES += %D%/bench-queue-lanes.h %D%/bench-queue-nng.c
bench_queue_libs += $(NNG_LIBS)
endif

if HAVE_QT
%C%_bench_context_SOURCES += %D%/bench-context-qt.cc
%C%_bench_pool_SOURCES += %D%/bench-pool-peer.hh %D%/bench-pool-qt.cc
%C%_bench_publish_SOURCES += %D%/bench-publish-peer.hh %D%/bench-publish-qt.cc
bench_context_libs += $(QT_LIBS)
bench_pool_libs += $(QT_LIBS)
bench_publish_libs += $(QT_LIBS)
%D%/%-qt.$(OBJEXT): private AM_CXXFLAGS += $(QT_CFLAGS) -fPIC
endif

if HAVE_SIGC
%C%_bench_publish_SOURCES += %D%/bench-publish-peer.hh %D%/bench-publish-sigc.cc
bench_publish_libs += $(SIGC_LIBS)
%D%/%-sigc.$(OBJEXT): private AM_CXXFLAGS += $(SIGC_CFLAGS)
endif

if HAVE_URCU
%C%_bench_publish_SOURCES += %D%/bench-publish-urcu.c
%C%_bench_queue_SOURCES += %D%/bench-queue-lanes.h %D%/bench-queue-urcu.c
bench_publish_libs += $(URCU_LIBS)
bench_queue_libs += $(URCU_LIBS)
%D%/%-urcu.$(OBJEXT): private AM_CFLAGS += $(URCU_CFLAGS)
endif

if HAVE_UV
%C%_bench_context_SOURCES += %D%/bench-context-uv.c
%C%_bench_pool_SOURCES += %D%/bench-pool-uv.c
bench_context_libs += $(UV_LIBS)
bench_pool_libs += $(UV_LIBS)
%D%/%-uv.$(OBJEXT): private AM_CFLAGS += $(UV_CFLAGS)
endif

if HAVE_ZMQ
%C%_bench_queue_SOURCES += %D%/bench-queue-lanes.h %D%/bench-queue-zmq.c
bench_queue_libs += $(ZMQ_LIBS)
%D%/%-zmq.$(OBJEXT): private AM_CFLAGS += $(ZMQ_CFLAGS)
endif

# automake would link with the C++ compiler wherever one of the sources may be C++.
if HAVE_CXX_PEER
bench_link = $(CXXLINK)
else
bench_link = $(LINK)
endif
%C%_bench_context_LINK = $(bench_link)
%C%_bench_pool_LINK = $(bench_link)
%C%_bench_publish_LINK = $(bench_link)
%C%_bench_queue_LINK = $(bench_link)
%C%_bench_context_LDADD = $(bench_ldadd) $(bench_context_libs)
%C%_bench_pool_LDADD = $(bench_ldadd) $(bench_pool_libs)
%C%_bench_publish_LDADD = $(bench_ldadd) $(bench_publish_libs)
%C%_bench_queue_LDADD = $(bench_ldadd) $(bench_queue_libs)

# ---- running -------------------------------------------------------------------------------------

# A full run writes docs/performance.md and its plots, in the build directory and, where they can be
# written, among the sources. The programs are made after all, not beside: all is a make of its own,
# and two would make the same files at a time.
bench: all
	$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	python3 $(srcdir)/%D%/bench-all.py --json %D%/bench.json --source $(srcdir) \
		--release '$(VERSION)' --missing '$(PEERS_MISSING)' $(BENCH_FLAGS) \
		$(addprefix ./,$(bench_programs))
	python3 -B $(srcdir)/%D%/bench-pages.py %D%/bench.json %D%/pages $(srcdir)/docs

bench-quick:
	$(MAKE) $(AM_MAKEFLAGS) bench BENCH_FLAGS="--quick --brief"

.PHONY: bench bench-quick

CLEANFILES += %D%/bench.json %D%/pages/performance*
dist_noinst_DATA += %D%/bench-all.py %D%/bench-pages.py %D%/bench_plot.py
