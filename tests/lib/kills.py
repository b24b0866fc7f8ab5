#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills a router's daemon again and again while its document changes: kills.py BINARY KILLS SEED.

Expects the world of tests/fault/kill.sh. After each kill a new daemon must hold all that was
acknowledged, have the kernel as a fresh router with that document has it, and the connections that
were open at the beginning must still carry data."""
import argparse
import pathlib
import random
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "differential"))
from daemon import Router, differences  # noqa: E402  pylint: disable=wrong-import-position
from generate import MACS, NICS, Generator, patch  # noqa: E402  pylint: disable=wrong-import-position
from world import PATIENCE, World  # noqa: E402  pylint: disable=wrong-import-position

import varlink  # noqa: E402  pylint: disable=wrong-import-position
from namespaces import Inside, run  # noqa: E402  pylint: disable=wrong-import-position

KEPT = {
    "vips": [{"uuid": "keep-vip-1", "address": "10.151.10.170", "network": "l3-pub0",
              "system": False},
             {"uuid": "keep-vip-2", "address": "10.151.10.171", "network": "l3-pub0",
              "system": False}],
    "eips": [{"uuid": "keep-eip", "vip": "keep-vip-1", "target": "192.168.10.79"}],
    "port_forwards": [{"uuid": "keep-pf", "vip": "keep-vip-2", "protocol": "tcp",
                       "vip_ports": "24", "target": "192.168.20.228", "target_ports": "22"}]}
INTERFACES = [
    {"uuid": "if-pub0", "mac": MACS["pub0"], "role": "public", "network": "l3-pub0", "mtu": 1500,
     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": True},
    {"uuid": "if-pri0", "mac": MACS["pri0"], "role": "private", "network": "l3-pri0",
     "addresses": ["192.168.10.1/24"], "snat": True},
    {"uuid": "if-pri1", "mac": MACS["pri1"], "role": "private", "network": "l3-pri1",
     "addresses": ["192.168.20.1/24"], "snat": True}]


def keeps(document):
    """Whether all is there that the open connections need."""
    uuids = {link["uuid"] for link in document["interfaces"]}
    return uuids >= {link["uuid"] for link in INTERFACES} and all(
        kept in document[section] for section, values in KEPT.items() for kept in values)


class Connection:
    """From the world outside, open until the end."""

    def __init__(self, name, address):
        self.name = name
        with Inside("ext"):
            self.socket = socket.create_connection(address, PATIENCE)
        self.socket.settimeout(PATIENCE)
        self.file = self.socket.makefile("rb")

    def broken(self):
        try:
            self.socket.sendall(b"who\n")
            return None if self.file.readline() else f"{self.name}: closed"
        except OSError as error:
            return f"{self.name}: {error}"


class Kills:
    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.generator = Generator(self.random)
        self.router = Router(options.binary, "vr")
        self.document = {"revision": 1, "router": {"uuid": "r-1"}, "interfaces": INTERFACES} | KEPT
        self.counts = {"acknowledged": 0, "lost": 0, "kept unasked": 0, "killed at start": 0}

    def changed(self):
        """The next document; what the open connections need stays."""
        while True:
            wanted = self.generator.change(self.document)
            if keeps(wanted):
                return wanted

    def send(self, wanted):
        if self.random.random() < 0.5:
            self.router.client.send("Patch", patch(self.document, wanted))
        else:
            self.router.client.send("Apply", {"state": wanted})

    def kill_at_start(self):
        """Another one that does not live long enough to finish its start."""
        while self.random.random() < 0.3:
            self.router.launch()
            time.sleep(self.random.random() * self.random.choice([0.005, 0.05]))
            self.router.kill()
            self.counts["killed at start"] += 1

    def kill_once(self):
        """What is wrong after one kill, or None."""
        wanted = self.changed()
        self.send(wanted)
        acknowledged = self.random.random() < 0.3
        if acknowledged:
            self.router.client.receive()
        else:
            time.sleep(self.random.random() * self.random.choice([0, 0.0002, 0.001, 0.003, 0.02]))
        self.router.kill()
        self.kill_at_start()
        held = self.router.start()
        if held["revision"] == wanted["revision"]:
            self.document = wanted
            self.counts["acknowledged" if acknowledged else "kept unasked"] += 1
        elif acknowledged or held["revision"] != self.document["revision"]:
            return f"revision {held['revision']} is held instead of {wanted['revision']}"
        else:
            self.counts["lost"] += 1
        return self.wrong_state(held)

    def wrong_state(self, held):
        """Compares with a router that never saw anything but this document."""
        # A name of its own: the links of the one before go when the kernel finds time.
        name = f"f{sum(self.counts.values())}"
        world = World(name, NICS)
        run("ip", "-n", name, "link", "set", "lo", "up")
        fresh = Router(self.options.binary, name)
        try:
            fresh.start()
            fresh.call("Apply", {"state": self.document})
            if fresh.call("Get")["hash"] != held["hash"]:
                return f"held is {held['state']} instead of {self.document}"
            found = self.differences(fresh.kernel_state())
        finally:
            fresh.close()
            world.close()
        failed = [status for status in self.router.call("Status")["objects"]
                  if status["health"] == "failed"]
        plan = self.router.call("Reconcile", {"dry_run": True})["plan"]
        return "\n".join([*found, *map(str, failed + plan)]) or None

    def differences(self, wanted):
        """What stays different from 'wanted'."""
        end = time.monotonic() + PATIENCE
        while True:
            found = differences(self.router.kernel_state(), wanted)
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.1)

    def run(self):
        self.router.start()
        self.router.call("Apply", {"state": self.document})
        connections = [Connection("elastic IP", ("10.151.10.170", 22)),
                       Connection("port forward", ("10.151.10.171", 24))]
        for number in range(1, self.options.kills + 1):
            wrong = self.kill_once()
            for connection in connections:
                wrong = wrong or connection.broken()
            if wrong:
                print(f"kill {number}: {wrong}\ndocument: {self.document}\n{self.router.tail()}\n"
                      f"again: KILLS={self.options.kills} SEED={self.options.seed}")
                return 1
        self.router.close()
        print(f"{self.options.kills} kills, seed {self.options.seed}: {self.counts}")
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("kills", type=int)
    parser.add_argument("seed", type=int)
    try:
        return Kills(parser.parse_args()).run()
    except (varlink.VarlinkError, RuntimeError, ConnectionError) as error:
        print(f"failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
