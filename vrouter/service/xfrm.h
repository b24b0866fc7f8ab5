/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xfrm.h - the kernel's IPsec: what it can, and what a dead IKE daemon left in it (xfrm(8)). */
#ifndef WEFT_VROUTER_SERVICE_XFRM_H
#define WEFT_VROUTER_SERVICE_XFRM_H

#include "lib/item/facts.h"

/* Tries each algorithm of the document with an ESP state that stands for a moment. Adds the
 * capabilities "ipsec" (ESP at all), "ipsec_3des", "ipsec_aes-128", "ipsec_md5" and so on. */
void xfrm_probe(struct facts *facts);

/* Removes all states and policies of this network namespace. */
int xfrm_flush(struct err *err);

#endif
