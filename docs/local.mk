# SPDX-License-Identifier: LGPL-2.1-or-later
# How it works inside, for those who read the code.

docs_pages = \
	%D%/house.md \
	%D%/internals.md

# Written by make bench.
docs_figures = \
	%D%/performance.md \
	%D%/performance-A.svg \
	%D%/performance-B.svg \
	%D%/performance-C.svg \
	%D%/performance-D.svg \
	%D%/performance-E.svg \
	%D%/performance-curves.svg

dist_noinst_DATA += $(docs_pages) $(docs_figures)
