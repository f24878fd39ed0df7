/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Curves: how the cost of our own cases changes as there is more of something. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

/* Adds a case for each of @params, which a 0 ends; the first may be 0 itself. A short run has only
 * those up to a thousand. */
void curve_add (BenchCase bench, const char *series, const gint64 *params);

G_END_DECLS
