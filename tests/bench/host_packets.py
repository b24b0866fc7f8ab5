# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-packets: what a packet from one guest of a host to another costs, with few and with many
ports, beside a bridge alone and beside iptables behind br_netfilter with the same policy. All take
turns; a ratio is the median of the rounds'. The other ports' devices are not there: no packet of these
two is at one of them.

Where the kernel cannot track the connections of bridges there are no groups, on neither side."""
import json
import statistics
import subprocess
import time

import host_peers
import host_scene
import peers
from blast import Blast, Sink, packet
from namespaces import Inside, run

SIZES = [10, 4000]
ROUNDS = 9
ESTABLISHED, NEW = 200_000, 20_000
NEW_TIMES = 3  # A round's figure is their median: each is short.
AT_ONCE, TCP_S, SETTLE_S = 1000, 1, 0.3
PATIENCE_S = 30
SOURCE_PORT = 7000
FIRST = ("nice", "-n", "-10")
TEXTS = (("established", "packets/s", "small UDP, an established connection"),
         ("new", "connections/s", "small UDP, each a new connection"),
         ("tcp", "Gbit/s", "TCP, iperf3"))


class Way:
    """From guest a to guest b of a machine."""

    def __init__(self, name, ports, owner, machine):
        self.name, self.ports, self.owner, self.machine = name, ports, owner, machine
        port = host_scene.LIVE_PORT
        self.sink = Sink(machine.b, host_scene.B, port)
        self.source = Sink(machine.a, host_scene.A, SOURCE_PORT)
        with Inside(machine.b):
            self.server = subprocess.Popen(
                [*FIRST, "iperf3", "-s", "-B", host_scene.B, "-p", str(port)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.flow = Blast(machine.a, [packet(host_scene.A, SOURCE_PORT, host_scene.B, port)]
                          * AT_ONCE, host_scene.B)
        # Each packet passes all rules of those before: fewer tell as much.
        self.by_rules = 100 if name == "iptables" and ports > 1000 else 1
        self.new = NEW // self.by_rules
        self.fresh = Blast(machine.a, [packet(host_scene.A, 10_000 + i, host_scene.B, port)
                                       for i in range(self.new)], host_scene.B)
        self.figures = {"established": [], "new": [], "tcp": []}
        # The first packet is lost to ARP now and then.
        run("ip", "netns", "exec", machine.a, "ping", "-q", "-c", "3", "-i", "0.2", "-w", "60",
            host_scene.B)

    def close(self):
        self.server.kill()
        self.server.wait()
        for part in (self.sink, self.source, self.flow, self.fresh):
            part.close()
        self.owner.close()

    def establish(self):
        self.sink.forget()
        self.flow.send_some(1)
        self.sink.answer(PATIENCE_S)
        self.sink.forget()

    def forget_connections(self):
        run("ip", "netns", "exec", self.machine.name, "conntrack", "-F")
        time.sleep(SETTLE_S)

    def round(self):
        self.establish()
        times = max(1, ESTABLISHED // AT_ONCE // self.by_rules)
        self.figures["established"].append(self.flow.rate(times, self.machine.b))
        self.forget_connections()
        rates = []
        for _ in range(NEW_TIMES):
            rates.append(self.fresh.rate(1, self.machine.b))
            self.forget_connections()
        self.figures["new"].append(statistics.median(rates))
        with Inside(self.machine.a):
            done = subprocess.run([*FIRST, "iperf3", "-c", host_scene.B, "-p",
                                   str(host_scene.LIVE_PORT), "-t", str(TCP_S), "-J"],
                                  capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"iperf3 through {self.name}: {done.stdout[-400:]}{done.stderr}")
        self.figures["tcp"].append(
            json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9)


def weft(ports, groups):
    agent = host_scene.Agent(f"w{ports}", 0)
    agent.apply(host_scene.document(ports, groups))
    return Way("weft", ports, agent, agent.machine)


def bridge():
    machine = host_scene.Machine("plain", 0)
    machine.bridge()
    return Way("bridge alone", 0, machine, machine)


def tracking():
    """The kernel's own bridge and connection tracking, with one rule, which lets known ones pass."""
    machine = host_scene.Machine("tracks", 0)
    machine.bridge()
    peers.nft(machine.name, "table bridge t {\nchain forward {\ntype filter hook forward priority 0;\n"
              "ct state established accept\n}\n}\n")
    return Way("bridge that tracks", 0, machine, machine)


def iptables(ports, groups):
    machine = host_scene.Machine(f"i{ports}", 0)
    machine.bridge()
    host_peers.begin(machine.name)
    host_peers.load(machine.name, ports, groups)
    return Way("iptables", ports, machine, machine)


def ratios(one, other, what):
    return [mine / its for mine, its in zip(one.figures[what], other.figures[what])]


def measure(figures, sizes):
    few, many = sizes[0], sizes[-1]
    groups = host_scene.tracks_bridges()
    with_groups = "with groups" if groups else "guarded, without groups"
    plain, small, large = bridge(), weft(few, groups), weft(many, groups)
    iptables_small, iptables_large = iptables(few, groups), iptables(many, groups)
    ways = [plain, small, large, iptables_small, iptables_large]
    # What groups cost is beside a kernel that tracks as well.
    kernel = tracking() if groups else plain
    if groups:
        ways.append(kernel)
    for number in range(ROUNDS):
        for way in ways if number % 2 == 0 else reversed(ways):
            way.round()
    for what, unit, text in TEXTS:
        text = f"{text}, {with_groups}"
        for way in ways:
            figures.note("host-packets", text, way.name, way.ports, unit, way.figures[what])
        for way in ways[1:]:
            figures.note("host-packets", f"{text}, beside the bridge alone", way.name, way.ports,
                         "x", ratios(way, plain, what))
        for mine, its in ((small, iptables_small), (large, iptables_large)):
            figures.note("host-packets", f"{text}, beside iptables", mine.name, mine.ports, "x",
                         ratios(mine, its, what))
        ratio = statistics.median(ratios(large, small, what))
        figures.target(f"{text}, {many} ports", f">= 0.97x of that at {few}", f"{ratio:.3f}x",
                       ratio >= 0.97)
        ratio = statistics.median(ratios(large, kernel, what))
        figures.target(f"the same, beside the {kernel.name}", ">= 0.9x", f"{ratio:.3f}x",
                       ratio >= 0.9)
    for way in ways:
        way.close()
