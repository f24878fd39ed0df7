/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A radix tree that answers: which keys are a prefix of this text?
 *
 * The match index finds globs by their literal start, or, with every text reversed, by their
 * literal end. A look-up costs the length of the text, whatever the number of keys. The empty key
 * is a prefix of every text. Not thread-safe: the router's lock guards it. */
#pragma once

#include <glib.h>

typedef struct _CurrantRadix CurrantRadix;

CurrantRadix *currant_radix_new (void);
void currant_radix_free (CurrantRadix *self);

/* Each (key, value) pair is added once. */
void currant_radix_add (CurrantRadix *self, const char *key, gsize length, gpointer value);
void currant_radix_remove (CurrantRadix *self, const char *key, gsize length, gpointer value);

/* Appends the values of all keys that @text begins with. */
void currant_radix_collect (CurrantRadix *self, const char *text, gsize length, GPtrArray *values);
