/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group E: what every library's cases share: counting tasks in threads that the library made. */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

#define POOL_EXCLUSIVE "GThreadPool, exclusive"
#define POOL_TASK "GTask in a thread, with callback"

/* Tasks on their way at a time at most: what a run pushes. */
#define POOL_MAX 200000
#define POOL_TASK_MAX 20000

/* Counts tasks. Each thread counts for itself and adds to the common count now and then, for one
 * atomic counter would be the dearest part of an empty task; the pusher sleeps until most are done
 * and then looks at the threads' own counts. */
void pool_tally_start (BenchRun *run);
void pool_tally_hit (void);
void pool_tally_wait (BenchRun *run);

G_END_DECLS
