/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/model/types.h"

const struct model_type *const all_types[] = {
	&zone_type,
	&cluster_type,
	&host_type,
	&l2_network_type,
	&vxlan_pool_type,
	&vni_range_type,
	&vxlan_pool_cluster_type,
	&l3_network_type,
	&ip_range_type,
	&used_address_type,
	&vip_type,
	NULL,
};
