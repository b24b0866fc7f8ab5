# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-cold: N ports, whose devices are there, on a host that has only two guests, while these
two go on; and a restart of the agent with all of them."""
import time

import host_peers
import host_scene
from events import NETLINK_NETFILTER, NFT_GROUP, Events
from memory import processor_ns
from restart import rules, transactions
from namespaces import run
from stream import Stream

SIZES = [1000, 4000]
RUNS = 3
RATE = 1000
AFTERWARDS_S = 2
DEVICES, SETTLE_S, PATIENCE_S = 10, 0.5, 60


def plan(agent):
    return len(agent.router.call("Reconcile", {"dry_run": True})["plan"])


def load(agent, ports, groups):
    """Seconds of Apply, and of the agent's processor until nothing is left to do."""
    agent.apply(host_scene.document(0, groups))
    wanted = host_scene.document(ports, groups, 2)
    used = -processor_ns(agent.pid())
    with Stream(agent.machine.a, agent.machine.b, host_scene.B, RATE) as stream:
        began = time.monotonic()
        agent.apply(wanted)
        spent = time.monotonic() - began
        # What its own links make it look at again.
        time.sleep(AFTERWARDS_S)
        agent.settle()
    return spent, (used + processor_ns(agent.pid())) / 1e9, stream


def plugged(agent, device):
    return '"master"' in run("ip", "-n", agent.name, "-j", "link", "show", device)


def devices(agent):
    """A guest that starts: milliseconds from its device to its being plugged in, and of the agent's
    processor for it and for its going before."""
    spent, used = [], []
    for number in range(DEVICES):
        device = host_scene.device(number)
        began = -processor_ns(agent.pid())
        run("ip", "-n", agent.name, "link", "del", device)
        time.sleep(SETTLE_S)
        run("ip", "-n", agent.name, "link", "add", device, "type", "veth", "peer", "name", device,
            "netns", agent.machine.rest)
        since = time.monotonic()
        while not plugged(agent, device):
            if time.monotonic() - since > PATIENCE_S:
                raise RuntimeError(f"{device} is not plugged in")
        spent.append((time.monotonic() - since) * 1000)
        time.sleep(SETTLE_S)
        agent.settle()
        used.append((began + processor_ns(agent.pid())) / 1e6)
    return spent, used


def restart(agent):
    """What a restart costs: seconds, changes, lost packets, transactions, what was made anew."""
    handles, _ = rules(agent.name)
    heard = Events(agent.name, NETLINK_NETFILTER, NFT_GROUP)
    with Stream(agent.machine.a, agent.machine.b, host_scene.B, RATE, fresh=True) as stream:
        began = time.monotonic()
        agent.restart()
        took = time.monotonic() - began
        changes = plan(agent)
        time.sleep(AFTERWARDS_S)
    return took, changes, stream.lost, transactions(heard), len(handles ^ rules(agent.name)[0])


def measure_size(figures, ports, groups):
    spent, used, stalls, lost, restarts = [], [], [], [], []
    for turn in range(RUNS):
        agent = host_scene.Agent(f"l{ports}.{turn}", ports)
        seconds, processor, stream = load(agent, ports, groups)
        spent.append(seconds)
        used.append(processor)
        stalls.append(stream.longest_ms)
        lost.append(stream.lost)
        restarts.append(restart(agent))
        if turn == 0:
            came, used_by_devices = devices(agent)
        agent.close()
    note = lambda what, unit, values: figures.note("host-cold", what, "weft", ports, unit, values)
    note("load", "s", spent)
    note("processor until settled", "s", used)
    note("a device: until plugged in", "ms", came)
    note("a device comes and goes, processor", "ms", used_by_devices)
    note("longest stall", "ms", stalls)
    note("lost packets", "packets", lost)
    for i, (what, unit) in enumerate((("restart until it answers", "s"), ("changes", "changes"),
                                      ("lost packets, restart", "packets"),
                                      ("nftables transactions", "count"),
                                      ("rules and sets made anew", "count"))):
        note(what, unit, [one[i] for one in restarts])
    figures.target(f"restart with {ports} ports", "0 lost, 0 changes",
                   f"{sum(one[2] for one in restarts)} lost, "
                   f"{sum(one[1] for one in restarts)} changes",
                   not sum(one[1] + one[2] for one in restarts))


def measure(figures, sizes):
    groups = host_scene.tracks_bridges()
    for ports in sizes:
        measure_size(figures, ports, groups)
        spent = []
        for turn in range(RUNS):
            machine = host_scene.Machine(f"l{ports}.{turn}", 0)
            host_peers.begin(machine.name)
            spent.append(host_peers.load(machine.name, ports, groups) / 1000)
            machine.close()
        figures.note("host-cold", "load, rules alone", "iptables", ports, "s", spent)
