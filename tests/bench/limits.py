# SPDX-License-Identifier: GPL-2.0-or-later
"""Part limits: how exactly a VIP's limit is kept, what it costs another VIP beside it, and what
5,000 limits cost beside one.

A limit counts frames as the link has them, with their 14 bytes of Ethernet header: a TCP connection
of full packets carries 1448 bytes of payload in 1514."""
import json
import statistics
import subprocess
import time

import scene
from namespaces import Inside

LIMITS_MBPS = (1, 10, 50, 100, 500)
RUNS, SECONDS, OMITTED_S = 3, 10, 3
FRAME, PAYLOAD = 1514, 1448
LIMITED, BESIDE = "10.255.3.1", "10.255.3.2"
PORT = 5300
MANY, ROUNDS, ROUND_S = 5000, 9, 2
BESIDE_MBPS = 50  # The limit that is used up beside the unlimited VIP.
# What that sends: as much as it can would only tell that the other one's sender needs a processor.
PACED_MBPS = 1000
WIDE_MBPS = 100_000
PATIENCE_S = 30


class Limited(scene.Agent):
    """A VIP with a limit, one without; each is the elastic IP of an address of the guest."""

    def __init__(self, name, more=0):
        super().__init__(name)
        self.servers = [self.serve(port) for port in (PORT, PORT + 1)]
        vips, eips = [], []
        for n in range(more):
            vips.append(scene.eip_vip(n) | {"qos": [qos(100, 100, f"q-{n}")]})
            eips.append(scene.eip(n))
        self.apply(scene.empty_document() | {
            "vips": [self.vip(WIDE_MBPS, WIDE_MBPS),
                     {"uuid": "vip-o", "address": BESIDE, "network": "l3-pub"}, *vips],
            "eips": [{"uuid": "eip-q", "vip": "vip-q", "target": scene.GUEST},
                     {"uuid": "eip-o", "vip": "vip-o", "target": scene.OTHER_GUEST}, *eips]})

    @staticmethod
    def vip(up, down):
        return {"uuid": "vip-q", "address": LIMITED, "network": "l3-pub",
                "qos": [qos(up, down, "q-own")]}

    def limit(self, mbps):
        self.patch({"vips": [self.vip(mbps, mbps)]})

    def serve(self, port):
        with Inside(self.guest):
            return subprocess.Popen(["iperf3", "-s", "-p", str(port)], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def begin(self, address, direction, seconds, port=PORT, omitted=0, paced=0):
        with Inside(self.client):
            return subprocess.Popen(
                ["iperf3", "-c", address, "-p", str(port), "-t", str(seconds), "-O", str(omitted),
                 "-J", *(["-R"] if direction == "up" else []),
                 *(["-b", f"{paced}M"] if paced else [])],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def result(self, *how, **more):
        """Mbit/s of payload, and how many segments were sent again."""
        end = time.monotonic() + PATIENCE_S
        while True:
            said = json.loads(self.begin(*how, **more).communicate()[0])
            # A server that is still taken up by what was sent before refuses.
            if "error" not in said:
                return (said["end"]["sum_received"]["bits_per_second"] / 1e6,
                        said["end"]["sum_sent"].get("retransmits", 0))
            if time.monotonic() > end:
                raise RuntimeError(f"iperf3: {said['error']}")
            time.sleep(0.1)

    def rate(self, *how, **more):
        """Mbit/s of payload."""
        return self.result(*how, **more)[0]

    def close(self):
        for one in self.servers:
            one.kill()
            one.wait()
        super().close()


def qos(up, down, uuid):
    return {"uuid": uuid, "up_mbps": up, "down_mbps": down}


def measure(figures, _):
    one = Limited("k")
    measure_accuracy(figures, one)
    measure_beside(figures, one)
    one.close()
    measure_many(figures)


def measure_accuracy(figures, one):
    worst = 0
    for mbps in LIMITS_MBPS:
        one.limit(mbps)
        for direction in ("down", "up"):
            got = [one.result(LIMITED, direction, SECONDS, omitted=OMITTED_S)
                   for _ in range(RUNS)]
            parts = [rate * FRAME / PAYLOAD / mbps for rate, _ in got]
            worst = max(worst, *(abs(1 - part) for part in parts))
            figures.note("limits", f"{mbps} Mbit/s {direction}, payload", "weft", 1, "Mbit/s",
                         [rate for rate, _ in got], again=[again for _, again in got])
            figures.note("limits", f"{mbps} Mbit/s {direction}, frames of the limit", "weft", 1,
                         "x", parts)
    figures.target("a limit is kept, frames of TCP", "within 5 %", f"{worst * 100:.1f} % off",
                   worst <= 0.05)


def measure_beside(figures, one):
    """The unlimited VIP, while the limited one is used up and while it rests."""
    one.limit(BESIDE_MBPS)
    alone, beside = {"down": [], "up": []}, {"down": [], "up": []}
    for _ in range(ROUNDS):
        for direction in alone:
            alone[direction].append(paced(one, direction))
            other = one.begin(LIMITED, direction, ROUND_S + 1)
            beside[direction].append(paced(one, direction))
            other.communicate()
    for direction, rates in alone.items():
        judge(figures, f"another VIP {direction}, beside a limit of {BESIDE_MBPS} Mbit/s",
              beside[direction], rates, "rest")


def paced(one, direction):
    return one.rate(BESIDE, direction, ROUND_S, port=PORT + 1, paced=PACED_MBPS)


def measure_many(figures):
    few, many = Limited("o"), Limited("p", MANY)
    got = {(side, address, direction): [] for side in (few, many)
           for address in (LIMITED, BESIDE) for direction in ("down", "up")}
    for number in range(ROUNDS):
        for side in (few, many) if number % 2 == 0 else (many, few):
            for address in (LIMITED, BESIDE):
                for direction in ("down", "up"):
                    got[side, address, direction].append(side.rate(address, direction, ROUND_S))
    for address, what in ((LIMITED, "a limited VIP"), (BESIDE, "a VIP without limit")):
        for direction in ("down", "up"):
            judge(figures, f"{what} {direction}, {MANY} limits",
                  got[many, address, direction], got[few, address, direction], "one limit")
    few.close()
    many.close()


def judge(figures, what, mine, its, beside):
    ratios = [one / other for one, other in zip(mine, its)]
    figures.note("limits", what, "weft", len(mine), "Mbit/s", mine)
    figures.note("limits", what, beside, len(its), "Mbit/s", its)
    figures.note("limits", what, f"beside {beside}", len(ratios), "x", ratios)
    ratio = statistics.median(ratios)
    figures.target(f"{what}, beside {beside}", ">= 0.95x", f"{ratio:.3f}x", ratio >= 0.95)
