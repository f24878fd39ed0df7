/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way to the root of what is watched: a monitor for each directory above it, so that a root
 * that is missing is seen to appear, and one whose parents are moved or replaced is seen to go.
 * Where the path leads through symbolic links, the way that it leads to is watched as well.
 *
 * A chain that is not whole, because a directory on the way cannot be watched, may miss something,
 * so the root has to be looked at every now and then.
 *
 * It says only that something on the way has changed; the caller looks, and refreshes the chain
 * before it does. Not thread-safe; it belongs to one watcher, and is used in its context.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CurrantFileChain CurrantFileChain;

/* `event` is of the root itself, or CREATED where the change is further up. */
typedef void (*CurrantFileChainFunc) (GFileMonitorEvent event, gpointer user_data);

CurrantFileChain *currant_file_chain_new (const char *root, CurrantFileChainFunc func,
                                          gpointer user_data);
void currant_file_chain_free (CurrantFileChain *self);
void currant_file_chain_refresh (CurrantFileChain *self);
gboolean currant_file_chain_is_whole (CurrantFileChain *self);
GError *currant_file_chain_take_error (CurrantFileChain *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrantFileChain, currant_file_chain_free)

G_END_DECLS
