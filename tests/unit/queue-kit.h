/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of queues have in common: numbers published as "q:x". */
#pragma once

#include "currant-test.h"

static inline void
publish_numbers (CurrantBus *bus, int first, int last)
{
  for (int i = first; i <= last; i++)
    currant_bus_publish (bus, "q:x", "(i)", i);
}

static inline void
publish_with_priority (CurrantBus *bus, int number, int priority)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("q:x");
  g_autoptr (CurrantMessage) message = currant_message_new (identifier, "(i)", number);

  currant_message_set_priority (message, priority);
  g_assert_cmpuint (currant_bus_publish_message (bus, message), ==, 1);
}

/* Takes all that is stored: "1 2 3". */
static inline char *
take_all (CurrantQueue *queue)
{
  g_autoptr (GString) text = g_string_new (NULL);
  CurrantMessage *message;

  while ((message = currant_queue_try_get (queue)) != NULL)
    {
      g_string_append_printf (text, "%s%d", text->len > 0 ? " " : "",
                              currant_test_message_number (message));
      currant_message_unref (message);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_stored(queue, expected)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *stored_ = take_all (queue);                                                   \
    g_assert_cmpstr (stored_, ==, expected);                                                       \
  }                                                                                                \
  G_STMT_END

static inline CurrantQueue *
priority_queue_new (CurrantBus *bus)
{
  g_autoptr (CurrantPattern) pattern = currant_test_pattern ("q:*");

  return currant_queue_new_for_pattern (bus, pattern, CURRANT_QUEUE_STANDALONE,
                                        CURRANT_ORDERING_PRIORITY);
}
