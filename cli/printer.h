/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages as lines on the standard output, to be read by people or, as NDJSON, by programs. Lines
 * may be printed from any thread; each is written whole.
 */
#pragma once

#include <currant.h>

/* Somebody who got a message: what stands first in its line. */
typedef struct
{
  const char *who;
  const char *pattern;
} Receiver;

char *printer_make_text (const Receiver *receiver, CurrantMessage *message);
char *printer_make_json (const Receiver *receiver, CurrantMessage *message);
int printer_write_line (const char *line);
