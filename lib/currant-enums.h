/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include <glib.h>

G_BEGIN_DECLS

/**
 * CurrantDelivery:
 * @CURRANT_DELIVERY_AUTO: in the follower's main context: at once when the publishing thread runs
 *   that context or could (the rule of g_main_context_invoke()), else posted to it
 * @CURRANT_DELIVERY_DIRECT: at once, in the publisher's thread, so perhaps in several at a time
 * @CURRANT_DELIVERY_QUEUED: always posted to the follower's main context
 * @CURRANT_DELIVERY_POOL: on the bus's thread pool, one message at a time per follower unless its
 *   concurrency is raised
 *
 * Where and when a follower's callback runs.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_DELIVERY_AUTO,
  CURRANT_DELIVERY_DIRECT,
  CURRANT_DELIVERY_QUEUED,
  CURRANT_DELIVERY_POOL
} CurrantDelivery;

/**
 * CurrantOverflow:
 * @CURRANT_OVERFLOW_BLOCK: the publisher waits for room. Where that could dead-lock or keep a loop
 *   from painting (in a callback of a main loop or of the pool, or in the very thread that has to
 * make the room) the message is dropped, counted and announced instead
 * @CURRANT_OVERFLOW_DROP_OLDEST: the message that has waited longest is dropped
 * @CURRANT_OVERFLOW_DROP_NEWEST: the message being published is dropped
 * @CURRANT_OVERFLOW_LATEST: all that wait are dropped and only the new message is kept
 * @CURRANT_OVERFLOW_FAIL: the message is refused, which currant_bus_publish_message_checked()
 *   reports as %CURRANT_ERROR_FULL
 *
 * What happens to a message for a follower or queue whose bound is reached. Every drop is counted,
 * and announced as `currant:dropped`.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_OVERFLOW_BLOCK,
  CURRANT_OVERFLOW_DROP_OLDEST,
  CURRANT_OVERFLOW_DROP_NEWEST,
  CURRANT_OVERFLOW_LATEST,
  CURRANT_OVERFLOW_FAIL
} CurrantOverflow;

/**
 * CurrantPace:
 * @CURRANT_PACE_ALL: every message is delivered
 * @CURRANT_PACE_DEBOUNCE: the last message, once none has come for the interval
 * @CURRANT_PACE_THROTTLE: the first message at once, then at most one an interval: the last that
 * came
 * @CURRANT_PACE_CONFLATE: a message that waits is replaced, in its place, by a newer one with the
 *   same identifier and key
 *
 * How a follower thins out a stream of messages. What is left out is counted as conflated.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_PACE_ALL,
  CURRANT_PACE_DEBOUNCE,
  CURRANT_PACE_THROTTLE,
  CURRANT_PACE_CONFLATE
} CurrantPace;

/**
 * CurrantPublishFlags:
 * @CURRANT_PUBLISH_NONE: no flags
 * @CURRANT_PUBLISH_RETAIN: keep the message as the last one of its identifier, for followers that
 * ask for it later; one without arguments clears what is kept
 *
 * Flags of a publish.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  CURRANT_PUBLISH_NONE = 0,
  CURRANT_PUBLISH_RETAIN = 1 << 0
} CurrantPublishFlags;

/**
 * CurrantQueueKind:
 * @CURRANT_QUEUE_STANDALONE: the queue gets every message that matches
 * @CURRANT_QUEUE_SHARED: all shared queues of one pattern on one bus are one queue; each message
 * goes to one getter
 *
 * How queues of one pattern divide the messages.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_QUEUE_STANDALONE,
  CURRANT_QUEUE_SHARED
} CurrantQueueKind;

/**
 * CurrantOrdering:
 * @CURRANT_ORDERING_FIFO: first in, first out
 * @CURRANT_ORDERING_PRIORITY: lowest priority number first; first in, first out within a priority
 *
 * The order in which a queue hands out its messages.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_ORDERING_FIFO,
  CURRANT_ORDERING_PRIORITY
} CurrantOrdering;

G_END_DECLS
