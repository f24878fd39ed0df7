/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a message answers to each format, whichever way its arguments are kept. */
#include "config.h"

#include <string.h>

#include "currant-test.h"

typedef enum
{
  PACKED,
  VARIANT,
  VALUE_INT,
  VALUE_STRING,
  NONE
} Kind;

typedef struct
{
  Kind kind;
  const char *format;
  gboolean fits;
} Case;

typedef union
{
  int number;
  const char *text;
  GVariant *variant;
} Out;

static const Case cases[] = {
  { PACKED, "(i&s)", TRUE },      { VARIANT, "(i&s)", TRUE },    { PACKED, "(i@s)", TRUE },
  { VARIANT, "(i@s)", TRUE },     { PACKED, "(i*)", TRUE },      { VARIANT, "(i*)", TRUE },
  { PACKED, "@(is)", TRUE },      { VARIANT, "@(is)", TRUE },    { PACKED, "(i)", FALSE },
  { VARIANT, "(i)", FALSE },      { PACKED, "(u&s)", FALSE },    { VARIANT, "(u&s)", FALSE },
  { PACKED, "(i@i)", FALSE },     { VARIANT, "(i@i)", FALSE },   { PACKED, "@(si)", FALSE },
  { VARIANT, "@(si)", FALSE },    { PACKED, "(i*i)", FALSE },    { VARIANT, "(i*i)", FALSE },
  { PACKED, "()", FALSE },        { VARIANT, "()", FALSE },      { VALUE_INT, "(i)", TRUE },
  { VALUE_INT, "(@i)", TRUE },    { VALUE_INT, "(*)", TRUE },    { VALUE_INT, "(&s)", FALSE },
  { VALUE_INT, "(@s)", FALSE },   { VALUE_INT, "()", FALSE },    { VALUE_STRING, "(&s)", TRUE },
  { VALUE_STRING, "(@s)", TRUE }, { VALUE_STRING, "(*)", TRUE }, { VALUE_STRING, "(i)", FALSE },
  { NONE, "(i)", FALSE },         { NONE, "(&s)", FALSE },       { NONE, "(*)", FALSE },
};

static CurrantMessage *
message_with_value (CurrantIdentifier *identifier, Kind kind)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, kind == VALUE_INT ? G_TYPE_INT : G_TYPE_STRING);
  if (kind == VALUE_INT)
    g_value_set_int (&value, 7);
  else
    g_value_set_string (&value, "seven");
  return currant_message_new_value (identifier, &value);
}

static CurrantMessage *
message_new (Kind kind)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");

  switch (kind)
    {
    case PACKED:
      return currant_message_new (identifier, "(is)", 7, "seven");
    case VARIANT:
      return currant_message_new_variant (identifier, g_variant_new ("(is)", 7, "seven"), NULL);
    case VALUE_INT:
    case VALUE_STRING:
      return message_with_value (identifier, kind);
    case NONE:
    default:
      return currant_message_new (identifier, NULL);
    }
}

/* Looks at one value that was got, and lets go of it. */
static void
check_out (char type, Out *out)
{
  if (type == 'i')
    g_assert_cmpint (out->number, ==, 7);
  else if (type == '&')
    g_assert_cmpstr (out->text, ==, "seven");
  else
    {
      g_assert_nonnull (out->variant);
      g_variant_unref (out->variant);
    }
}

static void
check_outs (const char *format, Out outs[2])
{
  static const char *const two[] = { "(i&s)", "(i@s)", "(i*)", NULL };

  if (!g_strv_contains (two, format))
    check_out (format[0] == '@' ? '@' : format[1], &outs[0]);
  else
    {
      check_out ('i', &outs[0]);
      check_out (format[2], &outs[1]);
    }
}

static void
check_case (const Case *c)
{
  g_autoptr (CurrantMessage) message = message_new (c->kind);
  Out outs[3], before[3];

  memset (outs, 0x5a, sizeof outs);
  memcpy (before, outs, sizeof outs);
  if (currant_message_get (message, c->format, &outs[0], &outs[1], &outs[2]) != c->fits)
    g_error ("%s for payload %d: not what was wanted", c->format, c->kind);
  if (c->fits)
    check_outs (c->format, outs);
  else
    g_assert_cmpmem (outs, sizeof outs, before, sizeof before);
}

static void
test_formats (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

/* What a borrowed text points to is the message's. */
static void
test_borrowed_text_stays (void)
{
  for (Kind kind = PACKED; kind <= VARIANT; kind++)
    {
      g_autoptr (CurrantMessage) message = message_new (kind);
      const char *first = NULL, *second = NULL;

      g_assert_true (currant_message_get (message, "(i&s)", NULL, &first));
      g_assert_true (currant_message_get (message, "(i&s)", NULL, &second));
      g_assert_cmpstr (first, ==, "seven");
      g_assert_true (first == second);
    }
}

/* The same for the text in a GValue, though it has no GVariant of its own. */
static void
test_borrowed_text_of_value_stays (void)
{
  g_autoptr (CurrantMessage) message = message_new (VALUE_STRING);
  const char *text = NULL;
  int number = 3;

  g_assert_true (currant_message_get (message, "(&s)", &text));
  g_assert_false (currant_message_get (message, "(i)", &number));
  g_assert_cmpstr (text, ==, "seven");
  g_assert_cmpint (number, ==, 3);
}

static void
assert_no_kwargs (CurrantMessage *message)
{
  const char *text = "untouched";

  g_assert_null (currant_message_get_kwargs (message));
  g_assert_false (currant_message_lookup (message, "key", "&s", &text));
  g_assert_cmpstr (text, ==, "untouched");
}

/* A dictionary without entries says as much as no dictionary. */
static void
test_empty_kwargs (void)
{
  g_autoptr (CurrantIdentifier) identifier = currant_test_identifier ("a:x");
  g_autoptr (CurrantMessage) message =
      currant_message_new_variant (identifier, NULL, g_variant_new ("a{sv}", NULL));

  assert_no_kwargs (message);
  g_assert_true (currant_message_is_empty (message));
}

/* Nor does one keep what was set before. */
static void
test_kwargs_emptied (void)
{
  g_autoptr (CurrantMessage) message = message_new (NONE);

  currant_message_set_kwargs (message, g_variant_new_parsed ("{'key': <'value'>}"));
  g_assert_nonnull (currant_message_get_kwargs (message));
  currant_message_set_kwargs (message, g_variant_new ("a{sv}", NULL));
  assert_no_kwargs (message);
}

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/message-data/formats", test_formats);
  currant_test_add ("/message-data/borrowed-text-stays", test_borrowed_text_stays);
  currant_test_add ("/message-data/borrowed-text-of-value-stays",
                    test_borrowed_text_of_value_stays);
  currant_test_add ("/message-data/empty-kwargs", test_empty_kwargs);
  currant_test_add ("/message-data/kwargs-emptied", test_kwargs_emptied);
  return g_test_run ();
}
