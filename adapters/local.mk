# SPDX-License-Identifier: LGPL-2.1-or-later
# libcurrant-adapters-1.0, which knows libcurrant by its public <currant.h> only.

adapters_public_headers = \
	%D%/currant-adapter.h \
	%D%/currant-adapters.h \
	%D%/currant-file-observer.h \
	%D%/currant-interval-timer.h

adapters_private_headers = \
	%D%/currant-file-chain-private.h \
	%D%/currant-file-change-private.h \
	%D%/currant-file-glob-private.h \
	%D%/currant-file-monitor-private.h \
	%D%/currant-file-settle-private.h \
	%D%/currant-file-stamp-private.h \
	%D%/currant-file-target-private.h \
	%D%/currant-file-tree-private.h \
	%D%/currant-file-view-private.h \
	%D%/currant-file-watcher-private.h \
	%D%/currant-schedule-private.h \
	%D%/currant-tick-source-private.h

adapters_sources = \
	%D%/currant-adapter.c \
	%D%/currant-file-chain.c \
	%D%/currant-file-change.c \
	%D%/currant-file-glob.c \
	%D%/currant-file-monitor.c \
	%D%/currant-file-observer.c \
	%D%/currant-file-settle.c \
	%D%/currant-file-stamp.c \
	%D%/currant-file-target.c \
	%D%/currant-file-tree.c \
	%D%/currant-file-view.c \
	%D%/currant-file-watcher.c \
	%D%/currant-interval-timer.c \
	%D%/currant-schedule.c \
	%D%/currant-tick-source.c

adapters_cppflags = \
	$(AM_CPPFLAGS) \
	-I$(srcdir)/%D% \
	-DG_LOG_DOMAIN=\"CurrantAdapters\" \
	-DCURRANT_ADAPTERS_COMPILATION

adaptersincludedir = $(includedir)/currant-adapters-$(CURRANT_API_VERSION)
adaptersinclude_HEADERS = $(adapters_public_headers)

noinst_LTLIBRARIES += %D%/libcurrant-adapters-core.la
%C%_libcurrant_adapters_core_la_SOURCES = \
	$(adapters_sources) $(adapters_public_headers) $(adapters_private_headers)
%C%_libcurrant_adapters_core_la_CPPFLAGS = $(adapters_cppflags)
%C%_libcurrant_adapters_core_la_CFLAGS = $(AM_CFLAGS) $(GIO_UNIX_CFLAGS) -fvisibility=hidden
%C%_libcurrant_adapters_core_la_LIBADD = lib/libcurrant-1.0.la $(GIO_UNIX_LIBS) $(GLIB_LIBS)

lib_LTLIBRARIES += %D%/libcurrant-adapters-1.0.la
%C%_libcurrant_adapters_1_0_la_SOURCES =
%C%_libcurrant_adapters_1_0_la_LIBADD = \
	%D%/libcurrant-adapters-core.la lib/libcurrant-1.0.la $(GIO_UNIX_LIBS) $(GLIB_LIBS)
%C%_libcurrant_adapters_1_0_la_LDFLAGS = \
	$(AM_LDFLAGS) -no-undefined -version-info $(CURRANT_LT_VERSION)

pkgconfig_DATA += %D%/currant-adapters-1.0.pc

if HAVE_INTROSPECTION
INTROSPECTION_GIRS += %D%/CurrantAdapters-1.0.gir
%D%/CurrantAdapters-1.0.gir: %D%/libcurrant-adapters-1.0.la lib/Currant-1.0.gir
%C%_CurrantAdapters_1_0_gir_NAMESPACE = CurrantAdapters
%C%_CurrantAdapters_1_0_gir_VERSION = 1.0
%C%_CurrantAdapters_1_0_gir_FILES = $(adapters_public_headers) $(adapters_sources)
%C%_CurrantAdapters_1_0_gir_LIBS = %D%/libcurrant-adapters-1.0.la lib/libcurrant-1.0.la
%C%_CurrantAdapters_1_0_gir_INCLUDES = GLib-2.0 GObject-2.0 Gio-2.0
%C%_CurrantAdapters_1_0_gir_PACKAGES = glib-2.0 gobject-2.0 gio-2.0
%C%_CurrantAdapters_1_0_gir_EXPORT_PACKAGES = currant-adapters-1.0
%C%_CurrantAdapters_1_0_gir_C_INCLUDES = currant-adapters.h
%C%_CurrantAdapters_1_0_gir_CFLAGS = $(adapters_cppflags)
%C%_CurrantAdapters_1_0_gir_SCANNERFLAGS = --include-uninstalled=lib/Currant-1.0.gir \
	--identifier-prefix=Currant --symbol-prefix=currant
gir_DATA += %D%/CurrantAdapters-1.0.gir
typelib_DATA += %D%/CurrantAdapters-1.0.typelib
endif

EXTRA_DIST += \
	%D%/currant-adapters.symbols
