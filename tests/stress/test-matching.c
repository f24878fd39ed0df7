/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The match index against its oracle: which followers and queues a message reaches has to agree
 * with currant_pattern_matches() on more than a million random pairs, while patterns come, go and
 * change.
 */
#include "config.h"

#include "currant-test.h"

#define N_RECEIVERS 320
#define N_TOPICS 48
#define N_IDENTIFIERS 4000

typedef struct
{
  CurrantPattern *pattern;
  CurrantFollower *follower; /* one of the two */
  CurrantQueue *queue;
  guint hits; /* calls since the last look */
} Receiver;

typedef struct
{
  CurrantBus *bus;
  GRand *rand;
  Receiver receivers[N_RECEIVERS];
  CurrantTopic *topics[N_TOPICS];
  guint64 n_pairs;
  guint64 n_matches;
} World;

static guint
dice (World *world, guint sides)
{
  return (guint)g_rand_int_range (world->rand, 0, (int)sides);
}

static const char *
pick (World *world, const char *const *from, guint n)
{
  return from[dice (world, n)];
}

static char *
random_half (World *world, gboolean as_pattern)
{
  static const char *const pieces[] = { "a",       "b",        "ab",      ".",     "é",
                                        "log",     "a.",       "*",       "*.",    "{a,b}",
                                        "{ab,b.}", "{log,*a}", "{é,a*b}", "{a,ab}" };
  GString *half = g_string_new (NULL);
  guint n = 1 + dice (world, 3);

  for (guint i = 0; i < n; i++)
    g_string_append (half, pick (world, pieces, as_pattern ? G_N_ELEMENTS (pieces) : 7));
  if (dice (world, as_pattern ? 5 : 12) == 0)
    g_string_assign (half, "*");
  return g_string_free (half, FALSE);
}

static char *
random_text (World *world, gboolean as_pattern)
{
  static const char *const namespaces[] = { "", "", "", "@n", "@ns" };
  g_autofree char *name = random_half (world, as_pattern);
  g_autofree char *action = random_half (world, as_pattern);

  return g_strconcat (name, pick (world, namespaces, G_N_ELEMENTS (namespaces)), ":", action, NULL);
}

static CurrantPattern *
random_pattern (World *world)
{
  for (;;)
    {
      g_autofree char *text = random_text (world, TRUE);
      CurrantPattern *pattern = currant_pattern_new (text, NULL);

      if (pattern != NULL)
        return pattern;
    }
}

static void
hit (CurrantMessage *message, gpointer data)
{
  (void)message;
  ((Receiver *)data)->hits++;
}

static void
add_receiver (World *world, Receiver *receiver)
{
  receiver->pattern = random_pattern (world);
  if (dice (world, 4) == 0)
    {
      receiver->queue = currant_queue_new_for_pattern (
          world->bus, receiver->pattern, CURRANT_QUEUE_STANDALONE, CURRANT_ORDERING_FIFO);
      return;
    }
  receiver->follower = currant_follower_new (receiver->pattern, hit, receiver, NULL);
  currant_follower_set_delivery (receiver->follower, CURRANT_DELIVERY_DIRECT);
  currant_bus_add_follower (world->bus, receiver->follower);
}

static void
remove_receiver (Receiver *receiver)
{
  g_clear_pointer (&receiver->pattern, currant_pattern_unref);
  if (receiver->follower != NULL)
    currant_follower_stop (receiver->follower);
  g_clear_pointer (&receiver->follower, currant_follower_unref);
  g_clear_object (&receiver->queue);
}

static void
change_pattern (World *world, Receiver *receiver)
{
  if (receiver->follower == NULL)
    return;
  currant_pattern_unref (receiver->pattern);
  receiver->pattern = random_pattern (world);
  currant_follower_set_pattern (receiver->follower, receiver->pattern);
}

static void
change_something (World *world)
{
  Receiver *receiver = &world->receivers[dice (world, N_RECEIVERS)];

  if (receiver->pattern == NULL)
    add_receiver (world, receiver);
  else if (dice (world, 2) == 0)
    change_pattern (world, receiver);
  else
    remove_receiver (receiver);
}

static guint
take_hits (Receiver *receiver)
{
  guint hits = receiver->hits;
  g_autoptr (CurrantMessage) message = NULL;

  if (receiver->queue != NULL)
    {
      message = currant_queue_try_get (receiver->queue);
      return message != NULL;
    }
  receiver->hits = 0;
  return hits;
}

static guint
compare_each (World *world, CurrantIdentifier *identifier)
{
  guint wanted = 0;

  for (guint i = 0; i < N_RECEIVERS; i++)
    {
      Receiver *receiver = &world->receivers[i];
      gboolean matches;

      if (receiver->pattern == NULL)
        continue;
      matches = currant_pattern_matches (receiver->pattern, identifier);
      world->n_pairs++;
      wanted += matches;
      if (take_hits (receiver) != (guint)matches)
        g_error ("%s to %s: the oracle says %d", currant_identifier_to_string (identifier),
                 currant_pattern_to_string (receiver->pattern), matches);
    }
  return wanted;
}

static void
compare (World *world, CurrantIdentifier *identifier, CurrantTopic *topic)
{
  guint counted = currant_bus_count_matches (world->bus, identifier);
  guint taken =
      topic != NULL
          ? currant_topic_publish (topic, NULL)
          : currant_bus_publish (world->bus, currant_identifier_to_string (identifier), NULL);
  guint wanted = compare_each (world, identifier);

  world->n_matches += wanted;
  g_assert_cmpuint (counted, ==, wanted);
  g_assert_cmpuint (taken, ==, wanted);
  if (topic != NULL)
    g_assert_cmpint (currant_topic_has_followers (topic), ==, wanted > 0);
}

static CurrantTopic *
random_topic (World *world)
{
  g_autofree char *text = random_text (world, FALSE);
  CurrantTopic *topic = currant_bus_get_topic (world->bus, text, NULL);

  g_assert_nonnull (topic);
  return topic;
}

static void
compare_random (World *world)
{
  g_autofree char *text = random_text (world, FALSE);
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier (text);
  CurrantTopic *topic = world->topics[dice (world, N_TOPICS)];

  if (dice (world, 2) == 0)
    compare (world, identifier, NULL);
  else
    compare (world, currant_topic_get_identifier (topic), topic);
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < N_RECEIVERS; i++)
    remove_receiver (&world->receivers[i]);
  for (guint i = 0; i < N_TOPICS; i++)
    currant_topic_unref (world->topics[i]);
  g_assert_cmpuint (currant_test_stat_now (world->bus, "followers"), ==, 0);
  g_assert_cmpuint (currant_test_stat_now (world->bus, "queues"), ==, 0);
  g_object_unref (world->bus);
  g_rand_free (world->rand);
}

static void
test_random_pairs (void)
{
  World world = { .bus = currant_bus_new (), .rand = currant_test_rand_new () };

  for (guint i = 0; i < N_RECEIVERS; i++)
    add_receiver (&world, &world.receivers[i]);
  for (guint i = 0; i < N_TOPICS; i++)
    world.topics[i] = random_topic (&world);
  for (guint i = 0; i < N_IDENTIFIERS || world.n_pairs < 1000000; i++)
    {
      if (dice (&world, 3) == 0)
        change_something (&world);
      compare_random (&world);
    }
  g_test_message ("%" G_GUINT64_FORMAT " pairs, %" G_GUINT64_FORMAT " of them match", world.n_pairs,
                  world.n_matches);
  g_assert_cmpuint (world.n_matches, >, world.n_pairs / 1000);
  world_clear (&world);
}

/* From no receivers to many and back, where the index splits and merges all its nodes. */
static void
test_growing_and_shrinking (void)
{
  World world = { .bus = currant_bus_new (), .rand = currant_test_rand_new () };

  for (guint i = 0; i < N_TOPICS; i++)
    world.topics[i] = random_topic (&world);
  for (guint round = 0; round < 4; round++)
    {
      for (guint i = 0; i < N_RECEIVERS; i++)
        {
          add_receiver (&world, &world.receivers[i]);
          compare_random (&world);
        }
      for (guint i = 0; i < N_RECEIVERS; i++)
        {
          remove_receiver (&world.receivers[(i * 7 + round) % N_RECEIVERS]);
          compare_random (&world);
        }
    }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/matching/random-pairs", test_random_pairs);
  currant_test_add ("/matching/growing-and-shrinking", test_growing_and_shrinking);
  return g_test_run ();
}
