/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which routes does an identifier reach? A plain data structure: no locks, no threads.
 *
 * Every pattern is, per choice, a pair of symbols (currant-symbols-private.h), and a hash table of
 * such pairs leads to the routes. An identifier is answered by looking up each symbol that matches
 * its name with each that matches its action: four look-ups without globs, whatever the number of
 * patterns. Broadcasts look at every route of their namespace. */
#pragma once

#include "currant-identifier.h"
#include "currant-route-private.h"

typedef struct _CurrantMatchIndex CurrantMatchIndex;

CurrantMatchIndex *currant_match_index_new (void);
void currant_match_index_free (CurrantMatchIndex *self);

void currant_match_index_add (CurrantMatchIndex *self, CurrantRoute *route);
void currant_match_index_remove (CurrantMatchIndex *self, CurrantRoute *route);

/* Replaces what is in @routes by the routes that match, in the order they were made, each once. */
void currant_match_index_collect (CurrantMatchIndex *self, CurrantIdentifier *identifier,
                                  GPtrArray *routes);

/* All routes, of every namespace. */
CurrantRoute *currant_match_index_first (CurrantMatchIndex *self);
