# SPDX-License-Identifier: GPL-2.0-or-later
"""Part restart: an agent killed and started again while packets go through an elastic IP, each a
connection of its own: one that met half a rule set would be lost."""
import json
import time

import scene
from events import GENERATION, NETLINK_NETFILTER, NFT_GROUP, Events
from namespaces import run
from stream import Stream

RUNS = 5
RATE = 2000
AFTERWARDS_S = 1


def rules(name):
    """The handles, which change when a rule or set is made anew, and the sums of the counters."""
    handles, counters = set(), {}
    for entry in json.loads(run("ip", "netns", "exec", name, "nft", "-j", "list", "ruleset"))[
            "nftables"]:
        (kind, value), = entry.items()
        if "handle" in value:
            handles.add((kind, value.get("chain", value.get("name")), value["handle"]))
        if kind == "counter":
            counters[value["name"]] = value["packets"]
        for element in value.get("elem", ()):
            # A map's is a pair: key, data.
            key = element[0] if isinstance(element, list) else element
            if isinstance(key, dict) and "counter" in key.get("elem", ()):
                name = (value["name"], json.dumps(key["elem"]["val"]))
                counters[name] = key["elem"]["counter"]["packets"]
    return handles, counters


def measure(figures, sizes):
    for objects in sizes:
        agent = scene.Agent(f"r{objects}")
        agent.apply(scene.document(objects))
        took, lost, changes, events, anew, forgotten = [], [], [], [], [], []
        for _ in range(RUNS):
            handles, counters = rules(agent.name)
            heard = Events(agent.name, NETLINK_NETFILTER, NFT_GROUP)
            with Stream(agent.client, agent.guest, scene.LIVE_EIP, RATE, fresh=True) as stream:
                began = time.monotonic()
                agent.router.kill(9)
                agent.router.start(600)
                agent.router.client.socket.settimeout(600)
                took.append(time.monotonic() - began)
                changes.append(len(agent.router.call("Reconcile", {"dry_run": True})["plan"]))
                time.sleep(AFTERWARDS_S)
            lost.append(stream.lost)
            events.append(transactions(heard))
            now, sums = rules(agent.name)
            anew.append(len(handles ^ now))
            forgotten.append(sum(sums.get(name, -1) < sum_ for name, sum_ in counters.items()))
        note = lambda what, unit, values: figures.note("restart", what, "weft", objects, unit,
                                                       values)
        note("kill -9 until it answers", "s", took)
        note(f"lost of {stream.sent} packets", "packets", lost)
        note("changes in the plan", "changes", changes)
        note("nftables transactions", "count", events)
        note("rules and sets made anew", "count", anew)
        counted = sum(packets > 0 for packets in counters.values())
        note(f"of {len(counters)} counters lost, {counted} had counted", "count", forgotten)
        agent.close()
    figures.target(f"restart with {sizes[-1]} objects", "0 packets lost, 0 changes, counters kept",
                   f"{sum(lost)} lost, {sum(changes)} changes, {sum(anew)} made anew, "
                   f"{sum(forgotten)} of {len(counters)} counters lost",
                   not sum(lost) + sum(changes) + sum(anew) + sum(forgotten))


def transactions(heard):
    count = 0
    while seen := heard.read(0):
        count += sum(kind == GENERATION for kind, _ in seen)
    heard.close()
    return count
