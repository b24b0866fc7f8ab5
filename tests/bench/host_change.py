# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-change: what one change costs on a host: an address of a port, a port more; and what goes
over netlink.

Agents of all sizes take turns by blocks."""
import random
import re
import subprocess
import time

import host_peers
import host_scene
import peers
import scene
from figures import percentile
from memory import processor_ns

SIZES = [1000, 4000]
PATCHES, BLOCK, TRACED, PEER_RUNS = 500, 50, 10, 5


class Changing(host_scene.Agent):
    def __init__(self, objects, groups, name=None):
        super().__init__(name or f"h{objects}", 0)
        self.objects, self.groups = objects, groups
        self.random, self.n, self.moved = random.Random(objects), 0, {}
        self.spent, self.processor, self.bytes = {}, {}, {}
        self.apply(host_scene.document(objects, groups))

    def one_address(self):
        number = self.random.randrange(self.objects)
        self.moved[number] = self.moved.get(number, 0) + 1
        changed = host_scene.port(number, self.groups)
        network, place = divmod(number, host_scene.PORTS_OF_A_NETWORK)
        changed["addresses"] = [{"l3": changed["addresses"][0]["l3"],
                                 "address": f"10.{network}.{2 + self.moved[number] % 200}.{place + 1}"}]
        return {"ports": [changed]}

    def one_port(self):
        self.n += 1
        return {"ports": [host_scene.port(0, self.groups) | {
            "uuid": f"nic-more-{self.n}", "device": f"more{self.n}", "mac": host_scene.mac(1 << 20 | self.n),
            "addresses": [{"l3": "l3-0", "address": f"10.0.{240 + self.n // 200}.{self.n % 200 + 1}"}]}]}

    def change(self, wanted):
        """A patch: what to upsert, or that and what to remove."""
        return self.patch(*wanted) if isinstance(wanted, tuple) else self.patch(wanted)

    def turn(self, what, make):
        used = -processor_ns(self.pid())
        for _ in range(BLOCK):
            wanted = make()
            began = time.monotonic()
            reply = self.change(wanted)
            self.spent.setdefault(what, []).append((time.monotonic() - began) * 1000)
            if not reply["plan"]:
                raise RuntimeError("the patch changed nothing")
        self.processor.setdefault(what, []).append((used + processor_ns(self.pid())) / BLOCK / 1e6)

    def traced(self, what, make):
        """Bytes that one change sends to the kernel, and gets from it."""
        path = scene.STATE / "trace"
        tracer = subprocess.Popen(
            ["strace", "-f", "-yy", "-s", "0", "-o", str(path), "-e", "trace=sendto,sendmsg,recvmsg,recvfrom",
             "-p", str(self.pid())], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # It is attached.
        for _ in range(TRACED):
            self.change(make())
        tracer.terminate()
        tracer.wait()
        sums = {"sent": 0, "received": 0}
        for line in path.read_text(errors="replace").splitlines():
            found = re.match(r"\d+ +(send|recv)\w+\(\d+<NETLINK:.* = (\d+)", line)
            if found:
                sums["sent" if found[1] == "send" else "received"] += int(found[2])
        self.bytes[what] = {name: total / TRACED for name, total in sums.items()}


def tell(figures, agent, what, label, part="host-change"):
    figures.note(part, what, label, agent.objects, "ms", agent.spent[what])
    figures.note(part, f"{what}, processor", label, agent.objects, "ms",
                 agent.processor[what])
    for name, count in agent.bytes[what].items():
        figures.note(part, f"{what}, netlink bytes {name}", label, agent.objects, "bytes",
                     [count])


def judge(figures, what, small, large):
    p99 = percentile(large.spent[what], 0.99)
    figures.target(f"{what}, {large.objects}", "p99 <= 5 ms", f"{p99:.2f} ms", p99 <= 5)
    ones, others = sorted(small.spent[what]), sorted(large.spent[what])
    ratio = others[len(others) // 2] / ones[len(ones) // 2]
    figures.target(f"the same, beside {small.objects}", "<= 1.1x (p50)", f"{ratio:.2f}x",
                   ratio <= 1.1)


def measure(figures, sizes):
    groups = host_scene.tracks_bridges()
    agents = [Changing(objects, groups) for objects in sizes]
    changes = (("an address of a port", "one_address"), ("a port more", "one_port"))
    for _ in range(max(1, PATCHES // BLOCK)):
        for what, make in changes:
            for agent in agents:
                agent.turn(what, getattr(agent, make))
    for what, make in changes:
        for agent in agents:
            agent.traced(what, getattr(agent, make))
            tell(figures, agent, what, "weft, ports")
        judge(figures, what, agents[0], agents[-1])
    for agent in agents:
        agent.close()
    for objects in sizes:
        machine = host_scene.Machine(f"p{objects}", 0)
        host_peers.begin(machine.name)
        if groups:
            peers.timed(machine.name, ["ipset", "restore"], host_peers.sets(objects))
        text = host_peers.table(objects, groups)
        spent = [peers.restore(machine.name, "iptables-legacy", text) for _ in range(PEER_RUNS + 1)]
        figures.note("host-change", "an address of a port", "iptables-restore, ports", objects,
                     "ms", spent[1:])
        machine.close()
