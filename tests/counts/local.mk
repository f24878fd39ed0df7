# SPDX-License-Identifier: LGPL-2.1-or-later
# How many instructions the hottest paths take, against a table of how many they took.

counts_programs = \
	%D%/counts

counts_cflags = -DCOUNTS_CFLAGS='"$(CFLAGS)"'

check_PROGRAMS += $(counts_programs)
$(counts_programs): private LDADD = lib/libcurrant-1.0.la $(GLIB_LIBS)
%D%/counts.$(OBJEXT): private AM_CPPFLAGS += $(counts_cflags)

script_tests += %D%/test-counts.sh

# After all, as the benchmarks are.
update-counts: all
	$(MAKE) $(AM_MAKEFLAGS) $(counts_programs)
	abs_top_srcdir='$(abs_top_srcdir)' abs_top_builddir='$(abs_top_builddir)' \
	CURRANT_SANITIZER='$(SANITIZER)' INSTRUMENT_CFLAGS='$(INSTRUMENT_CFLAGS)' \
		$(BASH_SHELL) $(srcdir)/%D%/test-counts.sh --update

.PHONY: update-counts

dist_noinst_DATA += %D%/counts.txt
