# SPDX-License-Identifier: LGPL-2.1-or-later
# Examples: built, and run, by make check, so that they cannot rot.

examples_sources = \
	%D%/hello.c \
	%D%/object.c \
	%D%/queue.c \
	%D%/threads.c \
	%D%/watch.c

examples_programs = $(examples_sources:.c=)

check_PROGRAMS += $(examples_programs)
$(examples_programs): private LDADD = \
	adapters/libcurrant-adapters-1.0.la lib/libcurrant-1.0.la $(GLIB_LIBS)
%D%/%.$(OBJEXT): private AM_CPPFLAGS += -I$(srcdir)/adapters

EXTRA_DIST += $(examples_sources)
