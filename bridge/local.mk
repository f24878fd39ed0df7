# SPDX-License-Identifier: LGPL-2.1-or-later
# The room of libcurrant-bridge-1.0: HTTP nodes, links between buses, remote queues and the berryMQ
# endpoint, on libsoup 3 and json-glib, through the public <currant.h> only. It has no sources yet,
# so there is no library to build, and configure does not ask for libsoup. What comes here stands
# under "if BUILD_BRIDGE", which --disable-bridge turns off, except for the lists of sources: a
# disabled bridge is still in the tarball.

EXTRA_DIST += %D%/README
