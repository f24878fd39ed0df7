# SPDX-License-Identifier: LGPL-2.1-or-later
# How it works inside, for those who read the code.

docs_pages = \
	%D%/house.md

dist_noinst_DATA += $(docs_pages)
