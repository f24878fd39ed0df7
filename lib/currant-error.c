/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "currant-error.h"

GQuark
currant_error_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("currant-error-quark"));
  return (GQuark)quark;
}
