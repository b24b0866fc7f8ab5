#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's document with so many port forwards, for tests of size: forwards.py COUNT.

One public network with a VIP, one private network; forward N takes port 10000 + N to a guest of its
own."""
import ipaddress
import json
import sys

GUESTS = ipaddress.ip_address("172.16.1.0")


def forward(number):
    return {"uuid": f"pf-{number:05}", "vip": "vip-1", "protocol": "tcp",
            "vip_ports": str(10000 + number), "target": str(GUESTS + number),
            "target_ports": "80"}


def document(count):
    return {
        "router": {"uuid": "r-1"},
        "interfaces": [
            {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
             "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": True},
            {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
             "addresses": ["172.16.0.1/16"], "snat": True}],
        "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"}],
        "port_forwards": [forward(number) for number in range(count)]}


if __name__ == "__main__":
    json.dump(document(int(sys.argv[1])), sys.stdout)
