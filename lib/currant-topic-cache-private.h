/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread's own way from the text of an identifier to its topic, without a lock.
 *
 * Two places for each hash. It begins small and doubles while it turns out entries faster than it
 * could have learnt them, up to CURRANT_TOPIC_CACHE_MAX; what is left out is found by the router.
 * So whoever chooses texts that collide makes look-ups slower by a lock, and no more. */
#pragma once

#include "currant-topic.h"

#define CURRANT_TOPIC_CACHE_MAX 4096

typedef struct
{
  guint64 hash;
  char *text;          /* NULL where it is the topic's canonical one */
  CurrantTopic *topic; /* a reference; NULL for a free place */
} CurrantCached;

typedef struct
{
  CurrantCached *places; /* NULL until there is one */
  guint n_places;
  guint n_lost; /* turned out since it last grew */
} CurrantTopicCache;

/* @hash is currant_hash_quickly () of @text. */
CurrantTopic *currant_topic_cache_find (const CurrantTopicCache *self, const char *text,
                                        guint64 hash);

/* Has a free place for @hash; or returns what is turned out to make one, for the caller to clear
 * with currant_cached_clear (), which may run user code, and then to ask again. */
gboolean currant_topic_cache_make_room (CurrantTopicCache *self, guint64 hash,
                                        CurrantCached *turned_out);

/* Takes over @topic. There must be room. */
void currant_topic_cache_put (CurrantTopicCache *self, const char *text, guint64 hash,
                              CurrantTopic *topic);

void currant_topic_cache_clear (CurrantTopicCache *self);
void currant_cached_clear (CurrantCached *self);
