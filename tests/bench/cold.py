# SPDX-License-Identifier: GPL-2.0-or-later
"""Part cold: N objects loaded into a namespace that has only its interfaces, while packets of a
forward that is already there go on."""
import time

import peers
import scene
from namespaces import run
from stream import Stream

RUNS = 3
RATE = 1000


def measure(figures, sizes):
    for objects in sizes:
        spent, stalls, lost = [], [], []
        for turn in range(RUNS):
            agent = scene.Agent(f"l{objects}.{turn}")
            agent.apply(scene.empty_document())
            wanted = scene.document(objects, 2)
            with Stream(agent.guest, agent.client, scene.CLIENT, RATE) as stream:
                began = time.monotonic()
                agent.apply(wanted)
                spent.append(time.monotonic() - began)
            stalls.append(stream.longest_ms)
            lost.append(stream.lost)
            agent.close()
        figures.note("cold", "load", "weft", objects, "s", spent)
        figures.note("cold", "longest stall", "weft", objects, "ms", stalls)
        figures.note("cold", "lost packets", "weft", objects, "packets", lost)
        measure_peers(figures, objects)
        quiet(figures, objects, max(spent))
    figures.target(f"load {sizes[-1]} objects cold", "<= 5 s", f"{sorted(spent)[RUNS // 2]:.2f} s",
                   sorted(spent)[RUNS // 2] <= 5)
    figures.target("longest stall of forwarding meanwhile", "<= 20 ms", f"{max(stalls):.2f} ms, "
                   f"{sum(lost)} lost", max(stalls) <= 20 and not sum(lost))


def forwarding(name):
    """A machine that forwards by the kernel alone."""
    one = scene.Scene(name)
    run("ip", "-n", name, "addr", "add", f"{scene.ROUTER}/8", "dev", "pub")
    run("ip", "-n", name, "addr", "add", "172.16.0.1/14", "dev", "lan")
    run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
    run("ip", "-n", one.client, "route", "add", "172.16.0.0/14", "via", scene.ROUTER)
    return one


def measure_peers(figures, objects):
    loads = [(f"{program}-restore", lambda name, program=program: peers.restore(
        name, program, peers.iptables_table(objects))) for program in peers.IPTABLES]
    loads.append(("nft -f", lambda name: peers.nft(name, peers.nft_table(objects))))
    loads.append(("ip -batch, VIPs", lambda name: peers.timed(
        name, ["ip", "-batch", "-"], peers.vip_batch(objects))))
    for side, load in loads:
        spent, stalls = [], []
        for turn in range(RUNS):
            one = forwarding(f"l{objects}.{turn}")
            with Stream(one.guest, one.client, scene.CLIENT, RATE) as stream:
                spent.append(load(one.name) / 1000)
            stalls.append(stream.longest_ms)
            one.close()
        figures.note("cold", "load", side, objects, "s", spent)
        figures.note("cold", "longest stall", side, objects, "ms", stalls)


def quiet(figures, objects, seconds):
    """What the machine does to the same stream while nothing is loaded."""
    one = forwarding(f"q{objects}")
    with Stream(one.guest, one.client, scene.CLIENT, RATE) as stream:
        time.sleep(min(seconds, 10))
    figures.note("cold", "longest stall", "nothing loaded", objects, "ms", [stream.longest_ms])
    one.close()
