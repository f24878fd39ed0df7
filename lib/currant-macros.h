/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Export and availability macros, and the check that keeps users on the umbrella header. */
#pragma once

#include <glib.h>

#ifndef _CURRANT_EXTERN
#define _CURRANT_EXTERN __attribute__ ((visibility ("default"))) extern
#endif

#define CURRANT_AVAILABLE_IN_1_0 _CURRANT_EXTERN
