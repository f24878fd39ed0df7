/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-voice-private.h"

#include "currant-loss-private.h"

/* What this thread is saying, and at which level of nesting: what goes wrong right there is about
 * the bus's own message; what goes wrong further down, a callback has done. */
typedef struct
{
  CurrantRouter *router; /* NULL while it says nothing */
  guint level;
} Speech;

static _Thread_local Speech speech;

/* Where the remainder is announced: the context the bus was made in. */
typedef struct
{
  CurrantRouter *router;
  CurrantLoss *loss;
} Remainder;

static void
speak (CurrantRouter *router, const char *id, GVariant *args, GVariant *kwargs)
{
  CurrantTopic *topic = currant_topic_ref (currant_router_find_topic (router, id, NULL));
  Speech outer = speech;

  speech = (Speech){ router, currant_thread_get (router)->depth + 1 };
  currant_topic_publish_variant (topic, args, kwargs);
  speech = outer;
  currant_topic_unref (topic);
}

static gboolean
is_heard (CurrantRouter *router, const char *id)
{
  return currant_topic_has_followers (currant_router_find_topic (router, id, NULL));
}

static void
announce_drops (CurrantRouter *router, const CurrantLossReport *report)
{
  GVariantDict kwargs;

  g_variant_dict_init (&kwargs, NULL);
  g_variant_dict_insert (&kwargs, "reason", "s", report->reason);
  speak (router, "currant:dropped",
         g_variant_new ("(sut)", report->source, report->n, report->total),
         g_variant_dict_end (&kwargs));
}

/* A bus that is disposed has its timers taken away, as they keep its router. */
static void
start_timer (CurrantRouter *router, GSource *timer)
{
  currant_lock_acquire (&router->lock);
  if (!atomic_load (&router->disposed))
    {
      g_ptr_array_add (router->timers, g_source_ref (timer));
      g_source_attach (timer, router->home);
    }
  currant_lock_release (&router->lock);
}

static void
forget_timer (CurrantRouter *router, GSource *timer)
{
  currant_lock_acquire (&router->lock);
  g_ptr_array_remove_fast (router->timers, timer);
  currant_lock_release (&router->lock);
}

static gboolean
remainder_due (gpointer data)
{
  Remainder *self = data;
  CurrantLossReport report;

  CURRANT_TSAN_ACQUIRE (self);
  forget_timer (self->router, g_main_current_source ());
  if (currant_loss_flush (self->loss, is_heard (self->router, "currant:dropped"), &report))
    announce_drops (self->router, &report);
  return G_SOURCE_REMOVE;
}

static void
remainder_free (gpointer data)
{
  Remainder *self = data;

  currant_loss_unref (self->loss);
  currant_router_unref (self->router);
  g_free (self);
}

static void
announce_later (CurrantRouter *router, CurrantLoss *loss)
{
  g_autoptr (GSource) timer = g_timeout_source_new (CURRANT_LOSS_INTERVAL_US / 1000);
  Remainder *remainder = g_new (Remainder, 1);

  *remainder = (Remainder){ currant_router_ref (router), currant_loss_ref (loss) };
  CURRANT_TSAN_RELEASE (remainder);
  g_source_set_static_name (timer, "currant dropped");
  g_source_set_callback (timer, remainder_due, remainder, remainder_free);
  start_timer (router, timer);
}

void
currant_voice_detach (CurrantHub *hub)
{
  CurrantRouter *router = hub->router;
  g_autoptr (GPtrArray) timers = NULL;

  currant_lock_acquire (&router->lock);
  timers = g_steal_pointer (&router->timers);
  router->timers = g_ptr_array_new ();
  currant_lock_release (&router->lock);
  for (guint i = 0; i < timers->len; i++)
    g_source_destroy (timers->pdata[i]);
}

static char *
describe (CurrantSink *sink)
{
  g_autoptr (CurrantPattern) pattern = currant_router_dup_pattern (sink->router, sink);

  return g_strdup (currant_pattern_to_string (pattern));
}

static gboolean
is_about_speech (CurrantRouter *router)
{
  return speech.router == router && currant_thread_get (router)->depth == speech.level;
}

static void
on_drop (CurrantSink *sink, const char *reason)
{
  CurrantRouter *router = sink->router;
  CurrantLossReport report;
  CurrantLoss *loss;

  if (is_about_speech (router) || !is_heard (router, "currant:dropped"))
    return;
  loss = currant_loss_of_sink (sink, describe);
  switch (currant_loss_note (loss, atomic_load (&sink->n_dropped), reason, speech.router == NULL,
                             &report))
    {
    case CURRANT_LOSS_DUE:
      announce_drops (router, &report);
      break;
    case CURRANT_LOSS_LATER:
      announce_later (router, loss);
      break;
    case CURRANT_LOSS_COVERED:
    default:
      break;
    }
}

static void
on_error (CurrantSink *sink, const GError *error)
{
  g_autofree char *source = NULL;

  if (speech.router == sink->router || !is_heard (sink->router, "currant:follower-error"))
    return;
  source = describe (sink);
  speak (sink->router, "currant:follower-error",
         g_variant_new ("(ssis)", source, g_quark_to_string (error->domain), error->code,
                        error->message),
         NULL);
}

void
currant_voice_attach (CurrantHub *hub)
{
  hub->router->on_drop = on_drop;
  hub->router->on_error = on_error;
}
