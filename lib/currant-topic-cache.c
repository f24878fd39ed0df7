/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-topic-cache-private.h"

#include <string.h>

#include "currant-identifier-private.h"

#define N_AT_FIRST 64

/* The first of the two places. */
static CurrantCached *
places_of (const CurrantTopicCache *self, guint64 hash)
{
  return &self->places[(hash & (self->n_places - 1)) & ~(guint64)1];
}

static gboolean
is_for (const CurrantCached *place, const char *text, guint64 hash)
{
  const char *known = place->text;

  if (place->topic == NULL || place->hash != hash)
    return FALSE;
  if (known == NULL)
    known = currant_topic_get_identifier (place->topic)->canonical;
  return strcmp (known, text) == 0;
}

CurrantTopic *
currant_topic_cache_find (const CurrantTopicCache *self, const char *text, guint64 hash)
{
  const CurrantCached *place;

  if (G_UNLIKELY (self->places == NULL))
    return NULL;
  place = places_of (self, hash);
  if (G_LIKELY (is_for (&place[0], text, hash)))
    return place[0].topic;
  return is_for (&place[1], text, hash) ? place[1].topic : NULL;
}

/* Each pair of places becomes two pairs, so there is room for all. */
static void
grow (CurrantTopicCache *self)
{
  CurrantTopicCache old = *self;

  self->n_places = MAX (2 * old.n_places, N_AT_FIRST);
  self->places = g_new0 (CurrantCached, self->n_places);
  self->n_lost = 0;
  for (guint i = 0; i < old.n_places; i++)
    {
      CurrantCached *place;

      if (old.places[i].topic == NULL)
        continue;
      place = places_of (self, old.places[i].hash);
      place[place->topic != NULL] = old.places[i];
    }
  g_free (old.places);
}

gboolean
currant_topic_cache_make_room (CurrantTopicCache *self, guint64 hash, CurrantCached *turned_out)
{
  CurrantCached *place;

  if (self->places == NULL
      || (self->n_lost > self->n_places / 4 && self->n_places < CURRANT_TOPIC_CACHE_MAX))
    grow (self);
  place = places_of (self, hash);
  if (place[0].topic == NULL || place[1].topic == NULL)
    return TRUE;
  /* The newer one stays. */
  *turned_out = place[1];
  place[1] = place[0];
  place[0] = (CurrantCached){ 0 };
  self->n_lost++;
  return FALSE;
}

void
currant_topic_cache_put (CurrantTopicCache *self, const char *text, guint64 hash,
                         CurrantTopic *topic)
{
  const char *canonical = currant_topic_get_identifier (topic)->canonical;
  CurrantCached *place = places_of (self, hash);

  if (place[0].topic != NULL)
    place[1] = place[0];
  place[0] = (CurrantCached){ hash, NULL, topic };
  if (strcmp (text, canonical) != 0)
    place[0].text = g_strdup (text);
}

void
currant_cached_clear (CurrantCached *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->topic, currant_topic_unref);
}

void
currant_topic_cache_clear (CurrantTopicCache *self)
{
  CurrantTopicCache old = *self;

  *self = (CurrantTopicCache){ 0 };
  for (guint i = 0; i < old.n_places; i++)
    currant_cached_clear (&old.places[i]);
  g_free (old.places);
}
