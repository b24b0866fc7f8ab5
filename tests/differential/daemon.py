# SPDX-License-Identifier: GPL-2.0-or-later
"""A vrouterd in a namespace, and the state of the kernel that it is answerable for."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from world import PATIENCE, run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import varlink  # noqa: E402  pylint: disable=wrong-import-position

VOLATILE = {"handle", "ifindex", "link_index", "link_netnsid", "valid_life_time", "secondary",
            "preferred_life_time", "cache_info", "packets", "bytes"}


class Router:
    def __init__(self, binary, namespace):
        self.binary, self.namespace = binary, namespace
        self.directory = pathlib.Path("/run") / namespace
        self.socket = str(self.directory / "socket")
        self.directory.mkdir()
        self.process = self.client = None
        self.log = open(self.directory / "log", "ab")

    def launch(self):
        """Starts the daemon without waiting for it."""
        command = ["ip", "netns", "exec", self.namespace, self.binary,
                   "--state-dir", str(self.directory / "state"),
                   "--run-dir", str(self.directory / "run"), "--socket", f"unix:{self.socket}"]
        for name in ("state", "run"):
            (self.directory / name).mkdir(exist_ok=True)
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)

    def start(self, deadline=PATIENCE):
        """Starts the daemon; returns what it holds."""
        self.launch()
        end = time.monotonic() + deadline
        while True:
            try:
                self.client = varlink.Client(self.socket)
                return self.client.call("Get")
            except (OSError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the daemon did not start (status "
                                       f"{self.process.poll()}): {self.tail()}") from None
                time.sleep(0.005)

    def call(self, method, parameters=None):
        return self.client.call(method, parameters)

    def kill(self, signal=9):
        self.process.send_signal(signal)
        self.process.wait()
        if self.client:
            self.client.close()
            self.client = None

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill(15)
        for file in (self.directory / "run").rglob("*.pid"):
            end_process(file)
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def tail(self):
        self.log.flush()
        return (self.directory / "log").read_text(errors="replace")[-3000:]

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


def end_process(file):
    """A child service outlives its agent; here it must not outlive the test."""
    try:
        os.kill(int(file.read_text()), 15)
    except (OSError, ValueError):
        pass


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
