# SPDX-License-Identifier: GPL-2.0-or-later
"""Part drift: from the event of a foreign deletion to the event of its repair."""
import json
from concurrent.futures import ThreadPoolExecutor

import peers
import scene
from events import (NETLINK_NETFILTER, NETLINK_ROUTE, NEW_ELEMENT, NEW_ROUTE, NEW_RULE, NFT_GROUP,
                    REMOVED_ELEMENT, REMOVED_ROUTE, REMOVED_RULE, ROUTE_GROUP, Events)
from namespaces import run
from priority import RealTime

RUNS = 50
PATIENCE_S = 60


def inside(name, *command):
    return run("ip", "netns", "exec", name, *command)


def delete_element(name, turn, objects):
    vip = scene.eip_vip(turn * 7 % peers.counts(objects)[0])["address"]
    inside(name, "nft", "delete", "element", "inet", "weft", "eip_in", f"{{ {vip} }}")


def delete_rule(name, turn, _):
    """Each in its turn: who deletes the same again and again is answered ever more slowly, on
    purpose."""
    listed = json.loads(inside(name, "nft", "-j", "-t", "list", "ruleset"))["nftables"]
    rules = [entry["rule"] for entry in listed if "rule" in entry]
    rules.sort(key=lambda rule: (rule["chain"], rule["handle"]))
    rule = {key: rules[turn % len(rules)][key] for key in ("family", "table", "chain", "handle")}
    run("ip", "netns", "exec", name, "nft", "-j", "-f", "-",
        text=json.dumps({"nftables": [{"delete": {"rule": rule}}]}))


def delete_vip(name, turn, objects):
    vip = scene.eip_vip(turn * 7 % peers.counts(objects)[0])["address"]
    run("ip", "-n", name, "route", "del", "local", vip, "dev", "pub", "table", "local")


DELETIONS = [
    ("element", delete_element, (NETLINK_NETFILTER, NFT_GROUP), REMOVED_ELEMENT, NEW_ELEMENT),
    ("rule", delete_rule, (NETLINK_NETFILTER, NFT_GROUP), REMOVED_RULE, NEW_RULE),
    ("VIP", delete_vip, (NETLINK_ROUTE, ROUTE_GROUP), REMOVED_ROUTE, NEW_ROUTE),
]


def between(heard, removed, made):
    """Read as they come: while the deleting program still runs the repair may be done."""
    with RealTime():
        gone = heard.wait(removed, PATIENCE_S)
        return heard.wait(made, PATIENCE_S) - gone


def measure(figures, sizes):
    for objects in sizes:
        agent = scene.Agent(f"d{objects}")
        agent.apply(scene.document(objects))
        spent = {what: [] for what, *_ in DELETIONS}
        for turn in range(RUNS):
            for what, delete, source, removed, made in DELETIONS:
                # What it still does after the last repair is none of this one's time.
                agent.settle()
                with ThreadPoolExecutor(1) as watch:
                    heard = Events(agent.name, *source)
                    repaired = watch.submit(between, heard, removed, made)
                    delete(agent.name, turn, objects)
                    spent[what].append(repaired.result() * 1000)
                    heard.close()
        for what, times in spent.items():
            figures.note("drift", f"{what} put back", "weft", objects, "ms", times)
        agent.close()
    for what, times in spent.items():
        median = sorted(times)[RUNS // 2]
        figures.target(f"{what} deleted by others, {objects} objects", "median < 50 ms",
                       f"{median:.2f} ms, at most {max(times):.1f} ms", median < 50)
