# SPDX-License-Identifier: GPL-2.0-or-later
"""Part packets: what a packet costs on its way through the router, with few and with many objects,
beside the kernel alone and beside iptables with as many rules.

All machines are there at once and take turns; a ratio is the median of the ratios of each round,
so that what else the machine does falls on both sides of it."""
import json
import statistics
import subprocess

import cold
import peers
import scene
from blast import Blast, Sink, packet
from namespaces import Inside, run

ROUNDS = 9
FEW = 10
ESTABLISHED, NEW, NEW_BY_RULES = 200_000, 20_000, 1000
TCP_S = 2


class Way:
    """One way from client to guest: its machine, the address the client sends to."""

    def __init__(self, name, objects, one, to, guest):
        self.name, self.objects, self.scene, self.to = name, objects, one, to
        self.sink = Sink(one.guest, guest, scene.LIVE_PORT)
        with Inside(one.guest):
            self.server = subprocess.Popen(
                ["iperf3", "-s", "-B", guest, "-p", str(scene.LIVE_PORT)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.new_count = NEW_BY_RULES if name == "iptables" and objects > 1000 else NEW
        self.figures = {"established": [], "new": [], "tcp": []}
        flow = [packet(scene.CLIENT, 7000, to, scene.LIVE_PORT)] * 1000
        self.flow = Blast(one.client, flow, to)
        self.fresh = Blast(one.client, [packet(scene.CLIENT, 10_000 + i, to, scene.LIVE_PORT)
                                        for i in range(self.new_count)], to)

    def close(self):
        self.server.kill()
        self.server.wait()
        for part in (self.sink, self.flow, self.fresh):
            part.close()

    def arrived(self):
        with Inside(self.scene.guest):
            links = json.loads(subprocess.run(["ip", "-s", "-j", "link", "show", "eth0"],
                                              capture_output=True, check=True).stdout)
        return links[0]["stats64"]["rx"]["packets"]

    def blast(self, what, blast, count, times):
        before = self.arrived()
        seconds = blast.send(times)
        arrived = self.arrived() - before
        if arrived < count * 0.999:
            raise RuntimeError(f"{self.name}: only {arrived} of {count} packets arrived")
        self.figures[what].append(count / seconds)

    def round(self):
        self.flow.send_all()
        self.blast("established", self.flow, ESTABLISHED, ESTABLISHED // self.flow.n)
        run("ip", "netns", "exec", self.scene.name, "conntrack", "-F")
        self.blast("new", self.fresh, self.new_count, 1)
        run("ip", "netns", "exec", self.scene.name, "conntrack", "-F")
        with Inside(self.scene.client):
            done = subprocess.run(["iperf3", "-c", self.to, "-p", str(scene.LIVE_PORT), "-t",
                                   str(TCP_S), "-J"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"iperf3 through {self.name}: {done.stdout[-400:]}{done.stderr}")
        self.figures["tcp"].append(
            json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9)


def weft(objects):
    agent = scene.Agent(f"e{objects}")
    agent.apply(scene.document(objects))
    return agent


def plain():
    """Tracks connections, translates nothing."""
    one = cold.forwarding("plain")
    peers.nft(one.name, "table ip plain {\nchain forward {\n"
              "type filter hook forward priority 0; policy drop;\n"
              "ct state established,related accept\nip daddr 172.16.0.0/14 accept\n}\n}\n")
    return one


def iptables(objects):
    """The rule of the guest that is there stands in the middle of all."""
    one = cold.forwarding(f"i{objects}")
    run("ip", "-n", one.name, "addr", "add", f"{scene.LIVE_EIP}/32", "dev", "pub")
    lines = peers.iptables_table(objects).split("\n")
    first = [i for i, line in enumerate(lines) if line.startswith("-A PREROUTING")]
    lines.insert(first[len(first) // 2], f"-A PREROUTING -d {scene.LIVE_EIP}/32 -j DNAT "
                 f"--to-destination {scene.GUEST}")
    peers.restore(one.name, "iptables-legacy", "\n".join(lines))
    return one


def measure(figures, sizes):
    many = sizes[-1]
    few, full = weft(FEW), weft(many)
    rules = {objects: iptables(objects) for objects in (FEW, many)}
    kernel = plain()
    ways = [Way("kernel alone", 0, kernel, scene.GUEST, scene.GUEST),
            Way("weft, EIP", FEW, few, scene.LIVE_EIP, scene.GUEST),
            Way("weft, EIP", many, full, scene.LIVE_EIP, scene.GUEST),
            Way("weft, port forward", FEW, few, scene.LIVE_FORWARD, scene.OTHER_GUEST),
            Way("weft, port forward", many, full, scene.LIVE_FORWARD, scene.OTHER_GUEST)]
    ways += [Way("iptables", objects, one, scene.LIVE_EIP, scene.GUEST)
             for objects, one in rules.items()]
    for number in range(ROUNDS):
        # Forwards and back, so that nobody always comes first.
        for way in ways if number % 2 == 0 else reversed(ways):
            way.round()
    for what, unit, text in (("established", "packets/s", "small UDP, one connection"),
                             ("new", "connections/s", "small UDP, each a new connection"),
                             ("tcp", "Gbit/s", "TCP, iperf3")):
        for way in ways:
            figures.note("packets", text, way.name, way.objects, unit, way.figures[what],
                         to_kernel=ratio(way, ways[0], what))
        for name, small, large in (("EIP", *ways[1:3]), ("port forward", *ways[3:5])):
            judge(figures, f"{text}, {name}", ratio(large, small, what), f"of that at {FEW}", 0.97,
                  many)
            judge(figures, f"{text}, {name}", ratio(large, ways[0], what), "of the kernel alone",
                  0.9, many)
        judge_rules(figures, text, ratio(ways[2], ways[6], what), many)
    for way in ways:
        way.close()
    for one in (few, full, kernel, *rules.values()):
        one.close()


def ratio(one, other, what):
    return statistics.median(mine / its for mine, its in zip(one.figures[what],
                                                             other.figures[what]))


def judge(figures, what, measured, whose, wanted, objects):
    figures.target(f"{what}, {objects} objects", f">= {wanted}x {whose}", f"{measured:.3f}x",
                   measured >= wanted)


def judge_rules(figures, what, measured, objects):
    figures.target(f"{what}, {objects} objects", "beside iptables", f"{measured:.3g}x",
                   measured >= 1)
