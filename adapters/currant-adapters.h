/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The umbrella header of libcurrant-adapters: the only one a program includes. */
#pragma once

#define CURRANT_ADAPTERS_INSIDE

#include <currant-adapter.h>
#include <currant-file-observer.h>
#include <currant-interval-timer.h>

#undef CURRANT_ADAPTERS_INSIDE
