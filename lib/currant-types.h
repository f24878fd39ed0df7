/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CurrantBus CurrantBus;
typedef struct _CurrantFollower CurrantFollower;
typedef struct _CurrantIdentifier CurrantIdentifier;
typedef struct _CurrantMessage CurrantMessage;
typedef struct _CurrantPattern CurrantPattern;
typedef struct _CurrantQueue CurrantQueue;
typedef struct _CurrantTopic CurrantTopic;

/**
 * CurrantFollowerFunc:
 * @message: the message; valid during the call, take a reference to keep it
 * @user_data: what was given with the callback
 *
 * Called with each message that a follower's pattern matches. Which thread it runs in is the
 * follower's [enum@Currant.Delivery]. It may publish, follow, stop, and dispose the bus: no lock of
 * the bus is held.
 *
 * Since: 1.0
 */
typedef void (*CurrantFollowerFunc) (CurrantMessage *message, gpointer user_data);

/**
 * CurrantTryFunc:
 * @message: the message; valid during the call, take a reference to keep it
 * @user_data: what was given with the callback
 * @error: where to say what went wrong
 *
 * A follower's callback that can fail. A failure is counted and never keeps the message from other
 * followers.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
typedef gboolean (*CurrantTryFunc) (CurrantMessage *message, gpointer user_data, GError **error);

/**
 * CurrantGuardFunc:
 * @message: the message that matched; valid during the call
 * @user_data: what was given with the guard
 *
 * Decides, in the publisher's thread, whether a follower takes a message that its pattern matches.
 * It runs in several threads at once when several publish, so it must be thread-safe, and quick.
 *
 * Returns: %FALSE to skip the follower for this message
 *
 * Since: 1.0
 */
typedef gboolean (*CurrantGuardFunc) (CurrantMessage *message, gpointer user_data);

/**
 * CurrantQueueSourceFunc:
 * @queue: the queue that has messages, or has been closed
 * @user_data: what was given to g_source_set_callback()
 *
 * Called in the source's context while @queue has messages, and once it is closed.
 *
 * Returns: %G_SOURCE_CONTINUE to be called again, %G_SOURCE_REMOVE to end the source
 *
 * Since: 1.0
 */
typedef gboolean (*CurrantQueueSourceFunc) (CurrantQueue *queue, gpointer user_data);

G_END_DECLS
