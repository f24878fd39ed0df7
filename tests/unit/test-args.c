/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packed arguments, against GVariant. */
#include "config.h"

#include "currant-args-private.h"
#include "currant-test.h"

#include <math.h>
#include <string.h>

#define GUARD 16
#define GUARD_BYTE 0x5a

/* A block as a message would have it, with a guard behind it. */
typedef struct
{
  gpointer block;
  gsize size;
  guint n_args;
} Packed;

static Packed
pack (const char *format, ...)
{
  Packed self = { NULL, 0, 0 };
  va_list args, twice;
  gboolean has_text;
  gsize text_size;

  g_assert_true (currant_args_can_pack (format, &self.n_args, &self.size, &has_text));
  va_start (args, format);
  va_copy (twice, args);
  g_assert_true (currant_args_measure_texts (format, &twice, &text_size));
  g_assert_cmpint (has_text, ==, text_size > 0);
  self.size += text_size;
  va_end (twice);
  self.block = g_malloc (self.size + GUARD);
  memset (self.block, 0xa5, self.size);
  memset ((char *)self.block + self.size, GUARD_BYTE, GUARD);
  currant_args_pack (self.block, self.n_args, format, &args);
  va_end (args);
  for (int i = 0; i < GUARD; i++)
    g_assert_cmphex (((guchar *)self.block)[self.size + i], ==, GUARD_BYTE);
  return self;
}

static void
unpack (const Packed *self, const char *format, ...)
{
  va_list args;

  g_assert_true (currant_args_fit (self->block, self->n_args, format));
  va_start (args, format);
  currant_args_unpack (self->block, self->n_args, format, &args);
  va_end (args);
}

/* That the block is what GVariant makes of the same arguments. */
static void
assert_variant (const Packed *self, const char *format, ...)
{
  g_autoptr (GVariant) packed =
      g_variant_ref_sink (currant_args_to_variant (self->block, self->n_args));
  g_autoptr (GVariant) wanted = NULL;
  va_list args;

  va_start (args, format);
  wanted = g_variant_ref_sink (g_variant_new_va (format, NULL, &args));
  va_end (args);
  g_assert_true (g_variant_is_of_type (packed, g_variant_get_type (wanted)));
  if (!g_variant_equal (packed, wanted))
    {
      g_autofree char *a = g_variant_print (packed, TRUE);
      g_autofree char *b = g_variant_print (wanted, TRUE);

      g_error ("%s is not %s", a, b);
    }
}

#define assert_packs(...)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    Packed packed_ = pack (__VA_ARGS__);                                                           \
    assert_variant (&packed_, __VA_ARGS__);                                                        \
    g_free (packed_.block);                                                                        \
  }                                                                                                \
  G_STMT_END

static void
test_can_pack (void)
{
  static const struct
  {
    const char *format;
    int n; /* -1 for what cannot be packed */
  } rows[] = {
    { "()", 0 },       { "(b)", 1 },    { "(bynqiuxthdsog)", 13 },
    { "(&s&o&g)", 3 }, { "(is", -1 },   { "is)", -1 },
    { "", -1 },        { "(", -1 },     { "i", -1 },
    { "(i)(i)", -1 },  { "(i) ", -1 },  { "(v)", -1 },
    { "(as)", -1 },    { "(^as)", -1 }, { "(@s)", -1 },
    { "(&i)", -1 },    { "(&&s)", -1 }, { "(&)", -1 },
    { "(&", -1 },      { "(?)", -1 },   { "(ms)", -1 },
    { "({ss})", -1 },  { "((i))", -1 }, { "(i,s)", -1 },
    { "(^ay)", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint n = 99;
      gboolean has_text;
      gsize size;
      gboolean packable = currant_args_can_pack (rows[i].format, &n, &size, &has_text);

      if (packable != (rows[i].n >= 0) || (packable && n != (guint)rows[i].n))
        g_error ("“%s”: %d, %u arguments", rows[i].format, packable, n);
    }
}

static void
test_most_args (void)
{
  g_autofree char *most = g_strnfill (CURRANT_ARGS_MAX, 'i');
  g_autofree char *fits = g_strdup_printf ("(%s)", most);
  g_autofree char *exceeds = g_strdup_printf ("(%si)", most);
  gboolean has_text;
  gsize size;
  guint n;

  g_assert_true (currant_args_can_pack (fits, &n, &size, &has_text));
  g_assert_cmpuint (n, ==, CURRANT_ARGS_MAX);
  g_assert_false (currant_args_can_pack (exceeds, &n, &size, &has_text));
}

static void
test_as_variants (void)
{
  assert_packs ("()");
  assert_packs ("(b)", TRUE);
  assert_packs ("(bb)", FALSE, TRUE);
  assert_packs ("(yy)", 0, 255);
  assert_packs ("(nn)", G_MININT16, G_MAXINT16);
  assert_packs ("(qq)", 0, G_MAXUINT16);
  assert_packs ("(ii)", G_MININT32, G_MAXINT32);
  assert_packs ("(uu)", 0u, G_MAXUINT32);
  assert_packs ("(xx)", G_MININT64, G_MAXINT64);
  assert_packs ("(tt)", (guint64)0, G_MAXUINT64);
  assert_packs ("(hh)", 0, G_MAXINT32);
  assert_packs ("(dddd)", 0.0, -1.5, G_MAXDOUBLE, (double)INFINITY);
  assert_packs ("(sss)", "", "text", "größe");
  assert_packs ("(oo)", "/", "/a/b_1");
  assert_packs ("(ggg)", "", "a{sv}", "(ii)s");
  assert_packs ("(&s&o&g)", "text", "/a", "s");
  assert_packs ("(sisds)", "a", 1, "b", 2.5, "c");
  assert_packs ("(bynqiuxthdsog)", TRUE, 1, -2, 3, -4, 5u, (gint64)-6, (guint64)7, 8, 9.5, "s",
                "/o", "g");
}

/* The integers that a short type is given as are wider; and whatever is not zero is true. */
static void
test_integers_are_cut (void)
{
  Packed packed = pack ("(ynqb)", 0x1ff, 0x1ffff, 0x12345, 0x100);
  guint8 y;
  gint16 n;
  guint16 q;
  gboolean b;

  unpack (&packed, "(ynqb)", &y, &n, &q, &b);
  g_assert_cmpuint (y, ==, 0xff);
  g_assert_cmpint (n, ==, -1);
  g_assert_cmpuint (q, ==, 0x2345);
  g_assert_cmpint (b, ==, TRUE);
  g_free (packed.block);
}

/* Each goes where it is to go, and not a byte further. */
static void
test_unpack_widths (void)
{
  Packed packed = pack ("(bynqiuxthd)", TRUE, 1, -2, 3, -4, 5u, (gint64)-6, (guint64)7, 8, 9.5);
  struct
  {
    guint8 y, after_y;
    gint16 n, after_n;
    guint16 q, after_q;
    gboolean b, after_b;
    gint32 i, after_i;
    guint32 u, after_u;
    gint32 h, after_h;
    gint64 x, after_x;
    guint64 t, after_t;
    double d, after_d;
  } to = { 0 };

  unpack (&packed, "(bynqiuxthd)", &to.b, &to.y, &to.n, &to.q, &to.i, &to.u, &to.x, &to.t, &to.h,
          &to.d);
  g_assert_true (to.b == TRUE && to.y == 1 && to.n == -2 && to.q == 3 && to.i == -4 && to.u == 5);
  g_assert_true (to.x == -6 && to.t == 7 && to.h == 8 && to.d > 9.4 && to.d < 9.6);
  g_assert_true (!to.after_b && !to.after_y && !to.after_n && !to.after_q && !to.after_i);
  g_assert_true (!to.after_u && !to.after_x && !to.after_t && !to.after_h);
  g_assert_true (!(to.after_d > 0 || to.after_d < 0));
  g_free (packed.block);
}

/* A plain type gives a copy, a borrowed one what is in the block; NULL skips. */
static void
test_unpack_texts (void)
{
  Packed packed = pack ("(so&gsi)", "text", "/path", "ai", "skipped", 7);
  g_autofree char *copy = NULL;
  const char *path = NULL, *signature = NULL;
  int number = 0;

  unpack (&packed, "(s&o&gsi)", &copy, &path, &signature, NULL, &number);
  g_assert_cmpstr (copy, ==, "text");
  g_assert_cmpstr (path, ==, "/path");
  g_assert_cmpstr (signature, ==, "ai");
  g_assert_cmpint (number, ==, 7);
  g_assert_true (copy < (char *)packed.block || copy >= (char *)packed.block + packed.size);
  g_assert_true (path > (char *)packed.block && path < (char *)packed.block + packed.size);
  unpack (&packed, "(sogsi)", NULL, NULL, NULL, NULL, NULL);
  g_free (packed.block);
}

static void
test_fit (void)
{
  static const char *const unfit[] = { "",      "()",     "(i)",  "(is",   "is)",    "(isi)",
                                       "(si)",  "(us)",   "(io)", "(is)i", "(i&)",   "(&is)",
                                       "(iss)", "((is))", "(iv)", "(i@s)", "(i^as)", "(i&s)x" };
  Packed packed = pack ("(is)", 1, "a");
  Packed none = pack ("()");

  g_assert_true (currant_args_fit (packed.block, packed.n_args, "(is)"));
  g_assert_true (currant_args_fit (packed.block, packed.n_args, "(i&s)"));
  for (gsize i = 0; i < G_N_ELEMENTS (unfit); i++)
    if (currant_args_fit (packed.block, packed.n_args, unfit[i]))
      g_error ("“%s” fits (is)", unfit[i]);
  g_assert_true (currant_args_fit (none.block, none.n_args, "()"));
  g_assert_false (currant_args_fit (none.block, none.n_args, "(i)"));
  g_free (packed.block);
  g_free (none.block);
}

/* What is measured is what is used: eight bytes a slot, one a type, the texts, and a NUL each. */
static void
test_measure_is_exact (void)
{
  Packed none = pack ("()");
  Packed numbers = pack ("(id)", 1, 2.0);
  Packed texts = pack ("(ss)", "four", "");

  g_assert_cmpuint (none.size, ==, 1);
  g_assert_cmpuint (numbers.size, ==, 2 * 8 + 2 + 1);
  g_assert_cmpuint (texts.size, ==, 2 * 8 + 2 + 1 + 5 + 1);
  g_free (none.block);
  g_free (numbers.block);
  g_free (texts.block);
}

static void
test_long_text (void)
{
  g_autofree char *text = g_strnfill (1000000, 'x');
  Packed packed = pack ("(sis)", text, 5, "behind");
  const char *first, *last;

  unpack (&packed, "(&si&s)", &first, NULL, &last);
  g_assert_cmpuint (strlen (first), ==, 1000000);
  g_assert_cmpstr (last, ==, "behind");
  g_free (packed.block);
}

static gboolean
measure (const char *format, ...)
{
  gsize size;
  va_list args;
  gboolean legal;

  va_start (args, format);
  legal = currant_args_measure_texts (format, &args, &size);
  va_end (args);
  return legal;
}

static void
measure_null (void)
{
  g_assert_false (measure ("(is)", 1, NULL));
}

static void
measure_broken_text (void)
{
  g_assert_false (measure ("(s)", "a\xff"));
}

static void
measure_broken_tail (void)
{
  g_assert_false (measure ("(is)", 1, "plain, then half of a character: \xc3"));
}

static void
measure_no_path (void)
{
  g_assert_false (measure ("(o)", "a/b"));
}

static void
measure_no_signature (void)
{
  g_assert_false (measure ("(g)", "a{"));
}

static const CurrantTestMisuse misuses[] = {
  { "/args/misuse/null", measure_null, "string argument is NULL" },
  { "/args/misuse/broken-text", measure_broken_text, "not legal" },
  { "/args/misuse/broken-tail", measure_broken_tail, "not legal" },
  { "/args/misuse/no-path", measure_no_path, "not legal*o" },
  { "/args/misuse/no-signature", measure_no_signature, "not legal*g" },
};

int
main (int argc, char **argv)
{
  currant_test_init (&argc, &argv);
  currant_test_add ("/args/can-pack", test_can_pack);
  currant_test_add ("/args/can-pack/most", test_most_args);
  currant_test_add ("/args/as-variants", test_as_variants);
  currant_test_add ("/args/integers-are-cut", test_integers_are_cut);
  currant_test_add ("/args/unpack/widths", test_unpack_widths);
  currant_test_add ("/args/unpack/texts", test_unpack_texts);
  currant_test_add ("/args/fit", test_fit);
  currant_test_add ("/args/measure-is-exact", test_measure_is_exact);
  currant_test_add ("/args/long-text", test_long_text);
  for (gsize i = 0; i < G_N_ELEMENTS (misuses); i++)
    currant_test_add_misuse (&misuses[i]);
  return g_test_run ();
}
