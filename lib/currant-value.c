/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-value-private.h"

static GVariant *
number_to_variant (const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (g_value_get_boolean (value));
    case G_TYPE_CHAR:
      return g_variant_new_int16 (g_value_get_schar (value));
    case G_TYPE_UCHAR:
      return g_variant_new_byte (g_value_get_uchar (value));
    case G_TYPE_INT:
      return g_variant_new_int32 (g_value_get_int (value));
    case G_TYPE_UINT:
      return g_variant_new_uint32 (g_value_get_uint (value));
    case G_TYPE_LONG:
      return g_variant_new_int64 (g_value_get_long (value));
    case G_TYPE_ULONG:
      return g_variant_new_uint64 (g_value_get_ulong (value));
    case G_TYPE_INT64:
      return g_variant_new_int64 (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return g_variant_new_uint64 (g_value_get_uint64 (value));
    case G_TYPE_FLOAT:
      return g_variant_new_double ((double)g_value_get_float (value));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (g_value_get_double (value));
    case G_TYPE_ENUM:
      return g_variant_new_int32 (g_value_get_enum (value));
    case G_TYPE_FLAGS:
      return g_variant_new_uint32 (g_value_get_flags (value));
    default:
      return NULL;
    }
}

static GVariant *
string_to_variant (const char *text)
{
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;
  return g_variant_new_string (text);
}

static GVariant *
strv_to_variant (const char *const *strv)
{
  for (guint i = 0; strv != NULL && strv[i] != NULL; i++)
    if (!g_utf8_validate (strv[i], -1, NULL))
      return NULL;
  return g_variant_new_strv (strv, strv != NULL ? -1 : 0);
}

static GVariant *
compound_to_variant (const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    return string_to_variant (g_value_get_string (value));
  if (G_VALUE_HOLDS_VARIANT (value))
    return g_value_get_variant (value);
  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return strv_to_variant (g_value_get_boxed (value));
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && g_value_get_boxed (value) != NULL)
    return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, g_value_get_boxed (value), TRUE);
  return NULL;
}

GVariant *
currant_value_to_variant (const GValue *value)
{
  GVariant *child = number_to_variant (value);

  if (child == NULL)
    child = compound_to_variant (value);
  if (child == NULL)
    return NULL;
  return g_variant_new_tuple (&child, 1);
}
