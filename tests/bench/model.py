# SPDX-License-Identifier: GPL-2.0-or-later
"""Part model: what a controller with 10,000 hosts and as many guests as there are objects (a NIC
each) needs to make, find and keep them, and to start with them."""
import time

import cloud

SIZES = [1000, 10000, 100000]
HOSTS = 10000
NETWORKS = 10
RUNS = 100


def condition(field, operation, value):
    return {"conditions": [{"field": field, "op": operation, "value": value}]}


def queries(guests):
    middle = guests // 2
    return {
        "a guest by its name": ("vm", condition("name", "=", f"v{middle}")),
        "guests by the beginning of their names": (
            "vm", condition("name", "like", f"v{middle // 100}%") | {"limit": 100}),
        "a NIC by its address": ("nic", condition("address", "=", "172.16.0.77")),
        "guests of a host, through its name": ("vm", condition("host.name", "=", "h7")),
        "NICs of a host, through guest and host": ("nic", condition("vm.host.name", "=", "h7")),
        "a page of guests by name, and how many there are": (
            "vm", {"sort": ["name"], "limit": 100, "count": True}),
        "a page from the middle": ("vm", {"sort": ["name"], "start": middle, "limit": 100}),
    }


def guests(first, last):
    for n in range(first, last):
        yield "vm", {"name": f"v{n}", "uuid": f"v{n}", "cluster": "cluster", "host": f"h{n % HOSTS}",
                     "networks": [f"n{n % NETWORKS}"]}


def ask(one, type_name, parameters):
    began = time.monotonic()
    one.client.call("Query", {"type": type_name} | parameters)
    return (time.monotonic() - began) * 1000


def measure(figures, sizes):
    one = cloud.Cloud("model")
    cloud.small_zone(one, HOSTS)
    for n in range(NETWORKS):
        cloud.private_network(one, f"n{n}", f"172.{16 + n}.0.0/16")
    made = 0
    for size in sizes:
        spent = one.create_many(guests(made, size))
        made = size
        figures.note("model", "1,000 guests more, with their NICs", "weft", size, "s", spent)
        for what, (type_name, parameters) in queries(size).items():
            figures.note("model", what, "weft", size, "ms",
                         [ask(one, type_name, parameters) for _ in range(RUNS)])
        figures.note("model", "memory", "weft", size, "MiB", [one.resident_mib()])
        one.stop()
        figures.note("model", "start until it answers", "weft", size, "s", [one.start()])
        figures.note("model", "memory after a start", "weft", size, "MiB", [one.resident_mib()])
    one.close()
