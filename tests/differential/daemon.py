# SPDX-License-Identifier: GPL-2.0-or-later
"""The state of the kernel that a vrouterd is answerable for."""
import json

from world import run

import router

VOLATILE = {"handle", "ifindex", "link_index", "link_netnsid", "valid_life_time", "secondary",
            "preferred_life_time", "cache_info", "packets", "bytes"}


class Router(router.Router):
    def ruleset(self):
        return self.inside("nft", "list", "ruleset")

    def inside(self, *command):
        return run("ip", "netns", "exec", self.namespace, *command)

    def kernel_state(self):
        return kernel_state(self.namespace)


def kernel_state(namespace):
    """All that must be the same after any way to the same document."""
    rules = json.loads(run("ip", "netns", "exec", namespace, "nft", "-j", "list",
                           "ruleset"))["nftables"]
    state = {"nft": sorted_rules(rules)}
    for what, command in (("link", ["addr"]), ("rule", ["rule"]),
                          ("route", ["route", "show", "table", "all"])):
        text = run("ip", "-4", "-j", "-d", "-n", namespace, *command)
        values = json.loads(text or "[]")
        if what == "link":
            values = [line for value in values if value for line in link_lines(value)]
        # Of two addresses in one subnet the kernel makes that the first which came first.
        for value in values:
            if value.get("protocol") == "kernel":
                value.pop("prefsrc", None)
        state[what] = sorted(json.dumps(clean(value), sort_keys=True) for value in values)
    return state


def link_lines(link):
    """A link's settings, and each address by itself."""
    about = {"link": link["ifname"], "mtu": link["mtu"], "up": "UP" in link["flags"]}
    return [{"settings": about}] + [{"on": link["ifname"], "address": address}
                                    for address in link["addr_info"]]


def clean(value):
    if isinstance(value, dict):
        return {key: clean(part) for key, part in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [clean(part) for part in value]
    return value


def sorted_rules(objects):
    """Declarations in any order, elements in any order, rules in theirs."""
    state, place = [], {}
    for entry in objects:
        (kind, value), = entry.items()
        if kind == "metainfo":
            continue
        value = clean(value)
        if "elem" in value:
            value["elem"] = sorted(json.dumps(part, sort_keys=True) for part in value["elem"])
        if kind == "rule":
            chain = (value["family"], value["table"], value["chain"])
            place[chain] = value["place"] = place.get(chain, -1) + 1
        state.append(json.dumps({kind: value}, sort_keys=True))
    return sorted(state)


def differences(one, other):
    found = []
    for part, have in one.items():
        want = other[part]
        found += [f"{part} only here:  {line}" for line in have if line not in want]
        found += [f"{part} only there: {line}" for line in want if line not in have]
    return found
