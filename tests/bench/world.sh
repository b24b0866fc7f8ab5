#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# world.sh NAME: a router's machine NAME between a client NAME.ext and a guest NAME.vm, on cables:
# a bridge between them would cost each packet the same on both sides, and flatter the ratios.
#
#   NAME.ext 10.255.0.1/8 -- pub NAME lan -- 172.16.0.2/14, .3, .4 NAME.vm
. "$(dirname "$0")/../lib/net.sh"

mkdir -p "$CASE_DIR"
node "$1"
guest_port "$1" pub "$1.ext" fa:16:00:00:00:01
guest_port "$1" lan "$1.vm" fa:16:00:00:00:02
ip -n "$1" link set pub address fa:00:00:00:00:01
ip -n "$1" link set lan address fa:00:00:00:00:02
give_addresses "$1.ext" eth0 10.255.0.1/8
give_addresses "$1.vm" eth0 172.16.0.2/14,172.16.0.3/14,172.16.0.4/14
route "$1.vm" default via 172.16.0.1
