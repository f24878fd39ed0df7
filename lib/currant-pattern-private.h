/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a pattern, for the match index. */
#pragma once

#include "currant-half-private.h"
#include "currant-pattern.h"

#include <stdatomic.h>

struct _CurrantPattern
{
  atomic_uint ref_count;
  /* immutable: */
  CurrantHalf name;
  CurrantHalf action;
  char *namespace; /* NULL for the default one */
  char *text;      /* canonical */
  char *key;       /* the same for all patterns that multiply out to the same choices; the text
                      itself where nothing is to be multiplied out */
};

/* For text that the programmer wrote: NULL, with a critical, where it is malformed. */
CurrantPattern *currant_pattern_parse_constant (const char *text);
