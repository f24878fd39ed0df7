# SPDX-License-Identifier: LGPL-2.1-or-later
# The program currant: one file per subcommand.

cli_sources = \
	%D%/cmd-demo.c \
	%D%/cmd-match.c \
	%D%/cmd-watch.c \
	%D%/cmd.c \
	%D%/cmd.h \
	%D%/demo-account.c \
	%D%/demo-account.h \
	%D%/main.c \
	%D%/printer.c \
	%D%/printer.h

bin_PROGRAMS += %D%/currant
%C%_currant_SOURCES = $(cli_sources)
%C%_currant_CPPFLAGS = \
	$(AM_CPPFLAGS) \
	-I$(top_srcdir)/adapters \
	-DG_LOG_DOMAIN=\"currant\" \
	-DLOCALEDIR=\"$(localedir)\"
%C%_currant_CFLAGS = $(AM_CFLAGS) $(JSON_GLIB_CFLAGS)
%C%_currant_LDADD = \
	adapters/libcurrant-adapters-1.0.la lib/libcurrant-1.0.la \
	$(JSON_GLIB_LIBS) $(GLIB_LIBS) $(LTLIBINTL)

dist_man_MANS += %D%/currant.1

# Installed under the name of the command that it completes.
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = %D%/completions/currant
%D%/completions/currant: %D%/currant.bash
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/%D%/currant.bash $@
CLEANFILES += %D%/completions/currant
EXTRA_DIST += %D%/currant.bash
