# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: a router's document with N objects, its machine, and the agent on it."""
import ipaddress
import pathlib
import subprocess

import router
from namespaces import run

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = str(ROOT / "build" / "bin" / "vrouterd")
STATE = ROOT / "build" / "bench"
PORTS_OF_A_VIP = 50
ROUTER, CLIENT, GUEST = "10.0.0.2", "10.255.0.1", "172.16.0.2"
OTHER_GUEST, SPARE_GUEST = "172.16.0.3", "172.16.0.4"
LIVE_EIP, LIVE_FORWARD, LIVE_PORT = "10.255.1.1", "10.255.1.2", 5201


def address(base, number):
    return str(ipaddress.IPv4Address(base) + number)


def eip(number, moved=False):
    return {"uuid": f"eip-{number}", "vip": f"vip-e{number}",
            "target": address("172.18.0.0" if moved else "172.17.0.0", number)}


def eip_vip(number):
    return {"uuid": f"vip-e{number}", "address": address("10.16.0.0", number), "network": "l3-pub"}


def forward_vip(number):
    return {"uuid": f"vip-p{number}", "address": address("10.32.0.0", number), "network": "l3-pub"}


def forward(number, moved=False):
    vip = number // PORTS_OF_A_VIP
    # A guest has forwards of one VIP only.
    return {"uuid": f"pf-{number}", "vip": f"vip-p{vip}", "protocol": "tcp",
            "vip_ports": str(1000 + number % PORTS_OF_A_VIP),
            "target": address("172.16.16.0", 2 * vip + moved), "target_ports": "80"}


def interfaces():
    return [{"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
             "addresses": [f"{ROUTER}/8"], "default_route": True, "gateway": CLIENT},
            {"uuid": "if-lan", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-lan",
             "addresses": ["172.16.0.1/14"], "snat": True}]


def document(objects, revision=1):
    """Half of the objects are elastic IPs, each with a VIP, half port forwards, many on a VIP.
    Beside them are one elastic IP and two port forwards of the guest that is really there, at
    an address of its own for each."""
    eips, forwards = (objects + 1) // 2, objects // 2
    live = [{"uuid": f"pf-live-{protocol}", "vip": "vip-live-p", "protocol": protocol,
             "vip_ports": str(LIVE_PORT), "target": OTHER_GUEST} for protocol in ("tcp", "udp")]
    return {
        "revision": revision, "router": {"uuid": "r-1"}, "interfaces": interfaces(),
        "vips": [eip_vip(i) for i in range(eips)]
        + [forward_vip(i) for i in range((forwards + PORTS_OF_A_VIP - 1) // PORTS_OF_A_VIP)]
        + [{"uuid": "vip-live-e", "address": LIVE_EIP, "network": "l3-pub"},
           {"uuid": "vip-live-p", "address": LIVE_FORWARD, "network": "l3-pub"}],
        "eips": [eip(i) for i in range(eips)]
        + [{"uuid": "eip-live", "vip": "vip-live-e", "target": GUEST}],
        "port_forwards": [forward(i) for i in range(forwards)] + live}


def empty_document(revision=1):
    return {"revision": revision, "router": {"uuid": "r-1"}, "interfaces": interfaces()}


class Scene:
    """A machine between a client and a guest."""

    def __init__(self, name):
        self.name, self.client, self.guest = name, f"{name}.ext", f"{name}.vm"
        subprocess.run([HERE / "world.sh", name], check=True, stdin=subprocess.DEVNULL)

    def close(self):
        for name in (self.name, self.client, self.guest):
            run("ip", "netns", "del", name)


class Agent(Scene):
    """A machine with a vrouterd on it."""

    def __init__(self, name):
        super().__init__(name)
        self.revision = 0
        self.router = router.Router(BINARY, name, STATE)
        self.router.start()
        # A cold load of 50,000 objects may take its time, on a machine that others use too.
        self.router.client.socket.settimeout(600)

    def close(self):
        self.router.close()
        super().close()

    def apply(self, wanted):
        self.revision = wanted["revision"]
        return self.done("Apply", {"state": wanted})

    def patch(self, upsert=None, remove=None):
        base, self.revision = self.revision, self.revision + 1
        return self.done("Patch", {"base_revision": base, "revision": self.revision,
                                   "upsert": upsert or {}, "remove": remove or {}})

    def settle(self):
        """Until it is done with what it does by itself: a Patch of nothing, dry."""
        self.router.call("Patch", {"base_revision": self.revision,
                                   "revision": self.revision, "dry_run": True})

    def done(self, method, parameters):
        reply = self.router.call(method, parameters)
        if reply.get("failures"):
            raise RuntimeError(f"{method}: {reply['failures'][:3]}")
        return reply
