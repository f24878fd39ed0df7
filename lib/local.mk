# SPDX-License-Identifier: LGPL-2.1-or-later
# libcurrant-1.0: sources, headers, introspection and the pkg-config file.

lib_public_headers = \
	%D%/currant-bus.h \
	%D%/currant-enums.h \
	%D%/currant-error.h \
	%D%/currant-follower.h \
	%D%/currant-identifier.h \
	%D%/currant-macros.h \
	%D%/currant-message.h \
	%D%/currant-object.h \
	%D%/currant-pattern.h \
	%D%/currant-queue.h \
	%D%/currant-topic.h \
	%D%/currant-types.h \
	%D%/currant.h

lib_private_headers = \
	%D%/currant-args-private.h \
	%D%/currant-backlog-private.h \
	%D%/currant-budget-private.h \
	%D%/currant-clock-private.h \
	%D%/currant-context-private.h \
	%D%/currant-fence-private.h \
	%D%/currant-follower-private.h \
	%D%/currant-half-private.h \
	%D%/currant-hash-private.h \
	%D%/currant-hub-private.h \
	%D%/currant-identifier-private.h \
	%D%/currant-lock-private.h \
	%D%/currant-loss-private.h \
	%D%/currant-mailbox-private.h \
	%D%/currant-match-index-private.h \
	%D%/currant-message-private.h \
	%D%/currant-owner-private.h \
	%D%/currant-pace-private.h \
	%D%/currant-pattern-private.h \
	%D%/currant-pool-private.h \
	%D%/currant-queue-private.h \
	%D%/currant-radix-private.h \
	%D%/currant-replay-private.h \
	%D%/currant-retained-private.h \
	%D%/currant-route-private.h \
	%D%/currant-router-private.h \
	%D%/currant-sink-private.h \
	%D%/currant-slab-private.h \
	%D%/currant-snapshot-private.h \
	%D%/currant-stats-private.h \
	%D%/currant-store-private.h \
	%D%/currant-symbols-private.h \
	%D%/currant-thread-private.h \
	%D%/currant-topic-cache-private.h \
	%D%/currant-value-private.h \
	%D%/currant-voice-private.h \
	%D%/currant-walk-private.h

lib_sources = \
	%D%/currant-args.c \
	%D%/currant-backlog.c \
	%D%/currant-bus.c \
	%D%/currant-clock.c \
	%D%/currant-context.c \
	%D%/currant-error.c \
	%D%/currant-fence.c \
	%D%/currant-follower-delivery.c \
	%D%/currant-follower-settings.c \
	%D%/currant-follower.c \
	%D%/currant-half.c \
	%D%/currant-hash.c \
	%D%/currant-hub.c \
	%D%/currant-identifier.c \
	%D%/currant-lock.c \
	%D%/currant-loss.c \
	%D%/currant-mailbox-post.c \
	%D%/currant-mailbox-take.c \
	%D%/currant-mailbox.c \
	%D%/currant-match-index.c \
	%D%/currant-message-data.c \
	%D%/currant-message-settings.c \
	%D%/currant-message.c \
	%D%/currant-object.c \
	%D%/currant-owner.c \
	%D%/currant-pace.c \
	%D%/currant-pattern.c \
	%D%/currant-pool.c \
	%D%/currant-publish.c \
	%D%/currant-queue-source.c \
	%D%/currant-queue.c \
	%D%/currant-radix.c \
	%D%/currant-replay.c \
	%D%/currant-retained.c \
	%D%/currant-route.c \
	%D%/currant-router.c \
	%D%/currant-slab.c \
	%D%/currant-snapshot.c \
	%D%/currant-stats.c \
	%D%/currant-store.c \
	%D%/currant-symbols.c \
	%D%/currant-thread.c \
	%D%/currant-topic-cache.c \
	%D%/currant-topic.c \
	%D%/currant-value.c \
	%D%/currant-voice.c \
	%D%/currant-walk.c

lib_enum_headers = \
	%D%/currant-enums.h \
	%D%/currant-error.h

lib_built_headers = \
	%D%/currant-enum-types.h \
	%D%/currant-version.h

lib_cppflags = \
	$(AM_CPPFLAGS) \
	-DG_LOG_DOMAIN=\"Currant\" \
	-DCURRANT_COMPILATION

currantincludedir = $(includedir)/currant-$(CURRANT_API_VERSION)
currantinclude_HEADERS = $(lib_public_headers)
nodist_currantinclude_HEADERS = $(lib_built_headers)

# All objects in a convenience library: the tests that look inside link it, so that hidden symbols
# stay hidden in the shared one. A program links the one or the other, never both.
noinst_LTLIBRARIES += %D%/libcurrant-core.la
%C%_libcurrant_core_la_SOURCES = $(lib_sources) $(lib_public_headers) $(lib_private_headers)
nodist_%C%_libcurrant_core_la_SOURCES = %D%/currant-enum-types.c $(lib_built_headers)
%C%_libcurrant_core_la_CPPFLAGS = $(lib_cppflags)
# What is exported is called directly from inside all the same.
%C%_libcurrant_core_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden -fno-semantic-interposition
%C%_libcurrant_core_la_LIBADD = $(GLIB_LIBS)

lib_LTLIBRARIES += %D%/libcurrant-1.0.la
%C%_libcurrant_1_0_la_SOURCES =
%C%_libcurrant_1_0_la_LIBADD = %D%/libcurrant-core.la $(GLIB_LIBS)
%C%_libcurrant_1_0_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-Bsymbolic-functions -no-undefined \
	-version-info $(CURRANT_LT_VERSION)

lib_mkenums = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(GLIB_MKENUMS) --output $@ --template

%D%/currant-enum-types.h: %D%/currant-enum-types.h.in $(lib_enum_headers)
	$(lib_mkenums) $(srcdir)/%D%/currant-enum-types.h.in \
		$(addprefix $(srcdir)/,$(lib_enum_headers))

%D%/currant-enum-types.c: %D%/currant-enum-types.c.in $(lib_enum_headers)
	$(lib_mkenums) $(srcdir)/%D%/currant-enum-types.c.in \
		$(addprefix $(srcdir)/,$(lib_enum_headers))

BUILT_SOURCES += %D%/currant-enum-types.h
$(%C%_libcurrant_core_la_OBJECTS): %D%/currant-enum-types.h
CLEANFILES += %D%/currant-enum-types.h %D%/currant-enum-types.c

pkgconfig_DATA += %D%/currant-1.0.pc

if HAVE_INTROSPECTION
INTROSPECTION_GIRS += %D%/Currant-1.0.gir
%D%/Currant-1.0.gir: %D%/libcurrant-1.0.la
%C%_Currant_1_0_gir_NAMESPACE = Currant
%C%_Currant_1_0_gir_VERSION = 1.0
%C%_Currant_1_0_gir_FILES = $(lib_public_headers) $(lib_sources) \
	%D%/currant-enum-types.h %D%/currant-version.h
%C%_Currant_1_0_gir_LIBS = %D%/libcurrant-1.0.la
%C%_Currant_1_0_gir_INCLUDES = GLib-2.0 GObject-2.0 Gio-2.0
%C%_Currant_1_0_gir_PACKAGES = glib-2.0 gobject-2.0 gio-2.0
%C%_Currant_1_0_gir_EXPORT_PACKAGES = currant-1.0
%C%_Currant_1_0_gir_C_INCLUDES = currant.h
%C%_Currant_1_0_gir_CFLAGS = $(lib_cppflags)
%C%_Currant_1_0_gir_SCANNERFLAGS = --identifier-prefix=Currant --symbol-prefix=currant
gir_DATA += %D%/Currant-1.0.gir
typelib_DATA += %D%/Currant-1.0.typelib
endif

EXTRA_DIST += \
	%D%/currant-enum-types.c.in \
	%D%/currant-enum-types.h.in \
	%D%/currant.symbols
