/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-stats-private.h"

static const struct
{
  CurrantCount count;
  const char *key;
} keys[] = {
  { CURRANT_COUNT_PUBLISHED, "published" }, { CURRANT_COUNT_MATCHED, "matched" },
  { CURRANT_COUNT_DELIVERED, "delivered" }, { CURRANT_COUNT_DROPPED, "dropped" },
  { CURRANT_COUNT_DISCARDED, "discarded" }, { CURRANT_COUNT_EXPIRED, "expired" },
  { CURRANT_COUNT_CONFLATED, "conflated" }, { CURRANT_COUNT_NESTED, "nested" },
  { CURRANT_COUNT_ERRORS, "errors" },       { CURRANT_COUNT_UNRETAINED, "unretained" },
};

GVariant *
currant_stats_read (CurrantHub *hub)
{
  guint64 counts[CURRANT_N_COUNTS];
  GVariantDict stats;
  guint n_topics;

  currant_router_read_counts (hub->router, counts, &n_topics);
  g_variant_dict_init (&stats, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_variant_dict_insert (&stats, keys[i].key, "t", counts[keys[i].count]);
  g_variant_dict_insert (&stats, "waiting", "t",
                         counts[CURRANT_COUNT_POSTED] - counts[CURRANT_COUNT_SETTLED]);
  g_variant_dict_insert (&stats, "topics", "u", n_topics);
  g_variant_dict_insert (&stats, "threads", "u", currant_pool_count_threads (hub->pool));
  currant_lock_acquire (&hub->lock);
  g_variant_dict_insert (&stats, "followers", "u", hub->n_followers);
  g_variant_dict_insert (&stats, "queues", "u", hub->n_queues);
  currant_lock_release (&hub->lock);
  return g_variant_dict_end (&stats);
}
