# SPDX-License-Identifier: GPL-2.0-or-later
"""Part packets: what a packet costs on its way through the router, with few and with many objects,
beside the kernel alone and beside iptables with as many rules.

All machines are there at once and take turns; a ratio is the median of the ratios of each round,
so that what else the machine does falls on both sides of it."""
import itertools
import json
import statistics
import subprocess
import time

import cold
import peers
import scene
from blast import Blast, Sink, packet
from namespaces import Inside, run

ROUNDS = 9
FEW = 10
ESTABLISHED, NEW, NEW_BY_RULES = 200_000, 20_000, 1000
TCP_S = 1
SETTLE_S = 0.3
SOURCE_PORTS = itertools.count(7000)
PATIENCE_S = 30
FIRST = ("nice", "-n", "-10")  # before whatever else the machine does


class Way:
    """One way from client to guest: its machine, the address the client sends to."""

    def __init__(self, name, objects, one, to, guest):
        self.name, self.objects, self.scene, self.to = name, objects, one, to
        self.sink = Sink(one.guest, guest, scene.LIVE_PORT)
        port = next(SOURCE_PORTS)
        self.source = Sink(one.client, scene.CLIENT, port)
        with Inside(one.guest):
            self.server = subprocess.Popen(
                [*FIRST, "iperf3", "-s", "-B", guest, "-p", str(scene.LIVE_PORT)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.new_count = NEW_BY_RULES if name == "iptables" and objects > 1000 else NEW
        self.figures = {"established": [], "new": [], "tcp": []}
        flow = [packet(scene.CLIENT, port, to, scene.LIVE_PORT)] * 1000
        self.flow = Blast(one.client, flow, to)
        self.fresh = Blast(one.client, [packet(scene.CLIENT, 10_000 + i, to, scene.LIVE_PORT)
                                        for i in range(self.new_count)], to)

    def close(self):
        self.server.kill()
        self.server.wait()
        for part in (self.sink, self.source, self.flow, self.fresh):
            part.close()

    def establish(self):
        """To connection tracking a connection is new until its first answer."""
        self.sink.forget()
        self.flow.send_some(1)
        self.sink.answer(PATIENCE_S)
        self.sink.forget()

    def forget_connections(self):
        run("ip", "netns", "exec", self.scene.name, "conntrack", "-F")
        # The kernel frees them a grace period later, which is nobody's share.
        time.sleep(SETTLE_S)

    def round(self):
        self.establish()
        self.figures["established"].append(self.flow.rate(ESTABLISHED // self.flow.n,
                                                          self.scene.guest))
        self.forget_connections()
        self.figures["new"].append(self.fresh.rate(1, self.scene.guest))
        self.forget_connections()
        with Inside(self.scene.client):
            done = subprocess.run([*FIRST, "iperf3", "-c", self.to, "-p",
                                   str(scene.LIVE_PORT), "-t", str(TCP_S), "-J"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"iperf3 through {self.name}: {done.stdout[-400:]}{done.stderr}")
        self.figures["tcp"].append(
            json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9)


FILTER = """table ip filter {
chain forward {
type filter hook forward priority 0; policy drop;
ct state established,related accept
ct status dnat accept
ip daddr 172.16.0.0/14 accept
}
}
"""


def weft(objects):
    agent = scene.Agent(f"e{objects}")
    agent.apply(scene.document(objects))
    return agent


def routed(objects):
    """The client reaches the guest untranslated, by a static route through the public interface."""
    agent = scene.Agent(f"u{objects}")
    agent.apply(scene.document(objects) | {"routes": [
        {"uuid": "rt-1", "destination": "10.255.0.0/16", "type": "static",
         "next_hop": scene.CLIENT}]})
    run("ip", "-n", agent.client, "route", "add", "172.16.0.0/14", "via", scene.ROUTER)
    return agent


def kernel(translates):
    """Tracks connections, lets known ones pass as any router does; a single rule translates."""
    one = cold.forwarding("nat" if translates else "plain")
    run("ip", "-n", one.name, "addr", "add", f"{scene.LIVE_EIP}/32", "dev", "pub")
    peers.nft(one.name, FILTER)
    if translates:
        peers.nft(one.name, "table ip nat {\nchain prerouting {\n"
                  "type nat hook prerouting priority -100;\n"
                  f"ip daddr {scene.LIVE_EIP} dnat to {scene.GUEST}\n}}\n}}\n")
    return one


def iptables(objects):
    """The rule of the guest that is there stands in the middle of all."""
    one = cold.forwarding(f"i{objects}")
    run("ip", "-n", one.name, "addr", "add", f"{scene.LIVE_EIP}/32", "dev", "pub")
    lines = peers.iptables_table(objects).split("\n")
    first = [i for i, line in enumerate(lines) if line.startswith("-A PREROUTING")]
    lines.insert(first[len(first) // 2], f"-A PREROUTING -d {scene.LIVE_EIP}/32 -j DNAT "
                 f"--to-destination {scene.GUEST}")
    lines += ["*filter", ":FORWARD DROP [0:0]",
              "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
              "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT", "COMMIT", ""]
    peers.restore(one.name, "iptables-legacy", "\n".join(lines))
    return one


def measure(figures, sizes):
    many = sizes[-1]
    few, full, plain, nat = weft(FEW), weft(many), kernel(False), kernel(True)
    rules, direct = {objects: iptables(objects) for objects in (FEW, many)}, routed(many)
    ways = [Way("kernel alone", 0, plain, scene.GUEST, scene.GUEST),
            Way("weft, EIP", FEW, few, scene.LIVE_EIP, scene.GUEST),
            Way("weft, EIP", many, full, scene.LIVE_EIP, scene.GUEST),
            Way("weft, port forward", FEW, few, scene.LIVE_FORWARD, scene.OTHER_GUEST),
            Way("weft, port forward", many, full, scene.LIVE_FORWARD, scene.OTHER_GUEST),
            Way("weft, routed", many, direct, scene.GUEST, scene.GUEST),
            Way("kernel, one DNAT rule", 0, nat, scene.LIVE_EIP, scene.GUEST)]
    ways += [Way("iptables", objects, one, scene.LIVE_EIP, scene.GUEST)
             for objects, one in rules.items()]
    for number in range(ROUNDS):
        # Forwards and back, so that nobody always comes first.
        for way in ways if number % 2 == 0 else reversed(ways):
            way.round()
    for what, unit, text in (("established", "packets/s", "small UDP, an established connection"),
                             ("new", "connections/s", "small UDP, each a new connection"),
                             ("tcp", "Gbit/s", "TCP, iperf3")):
        tell(figures, ways, what, unit, text)
        for name, small, large in (("EIP", *ways[1:3]), ("port forward", *ways[3:5])):
            judge(figures, f"{text}, {name}", ratio(large, small, what), f"of that at {FEW}", 0.97,
                  many)
            judge(figures, f"{text}, {name}", ratio(large, ways[0], what), "of the kernel alone",
                  0.9, many)
            figures.note("packets", f"{text}, beside one DNAT rule", large.name, many, "x",
                         ratios(large, ways[6], what))
        judge(figures, f"{text}, routed", ratio(ways[5], ways[0], what), "of the kernel alone", 0.9,
              many)
    for way in ways:
        way.close()
    for one in (few, full, plain, nat, direct, *rules.values()):
        one.close()


def tell(figures, ways, what, unit, text):
    for way in ways:
        figures.note("packets", text, way.name, way.objects, unit, way.figures[what])
    for way in ways[1:]:
        figures.note("packets", f"{text}, beside kernel alone", way.name, way.objects, "x",
                     ratios(way, ways[0], what))


def ratios(one, other, what):
    return [mine / its for mine, its in zip(one.figures[what], other.figures[what])]


def ratio(one, other, what):
    return statistics.median(ratios(one, other, what))


def judge(figures, what, measured, whose, wanted, objects):
    figures.target(f"{what}, {objects} objects", f">= {wanted}x {whose}", f"{measured:.3f}x",
                   measured >= wanted)
