/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify.h - tells the service manager how a daemon is doing (sd_notify(3)'s protocol). */
#ifndef WEFT_BASE_NOTIFY_H
#define WEFT_BASE_NOTIFY_H

/* Sends 'state' ("READY=1") to $NOTIFY_SOCKET; nothing happens where there is none. */
void notify_manager(const char *state);

#endif
