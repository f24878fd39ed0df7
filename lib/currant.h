/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The umbrella header of libcurrant: the only one a program includes. */
#pragma once

#define CURRANT_INSIDE

#include <currant-bus.h>
#include <currant-enum-types.h>
#include <currant-enums.h>
#include <currant-error.h>
#include <currant-follower.h>
#include <currant-identifier.h>
#include <currant-macros.h>
#include <currant-message.h>
#include <currant-object.h>
#include <currant-pattern.h>
#include <currant-queue.h>
#include <currant-topic.h>
#include <currant-types.h>
#include <currant-version.h>

#undef CURRANT_INSIDE
