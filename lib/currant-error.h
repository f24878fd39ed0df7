/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(CURRANT_INSIDE) && !defined(CURRANT_COMPILATION)
#error "Only <currant.h> can be included directly."
#endif

#include "currant-macros.h"

G_BEGIN_DECLS

/**
 * CURRANT_ERROR:
 *
 * The error domain of libcurrant. Its codes are [error@Currant.Error].
 *
 * Since: 1.0
 */
#define CURRANT_ERROR (currant_error_quark ())

/**
 * CurrantError:
 * @CURRANT_ERROR_INVALID_IDENTIFIER: text is not an identifier or pattern; the message says what is
 *   wrong and at which byte
 * @CURRANT_ERROR_CLOSED: the queue, or its bus, has been closed
 * @CURRANT_ERROR_TIMED_OUT: nothing came in time
 * @CURRANT_ERROR_FULL: a receiver with the policy %CURRANT_OVERFLOW_FAIL has no room
 * @CURRANT_ERROR_LIMIT: a fixed limit would be passed
 * @CURRANT_ERROR_INVALID_SETTING: settings contradict each other or are out of range
 *
 * Errors of libcurrant. A cancelled operation gives %G_IO_ERROR_CANCELLED, as everywhere in GIO.
 *
 * Since: 1.0
 */
typedef enum
{
  CURRANT_ERROR_INVALID_IDENTIFIER,
  CURRANT_ERROR_CLOSED,
  CURRANT_ERROR_TIMED_OUT,
  CURRANT_ERROR_FULL,
  CURRANT_ERROR_LIMIT,
  CURRANT_ERROR_INVALID_SETTING
} CurrantError;

CURRANT_AVAILABLE_IN_1_0
GQuark currant_error_quark (void);

G_END_DECLS
