# SPDX-License-Identifier: GPL-2.0-or-later
"""Part revoke: an elastic IP is removed while 200,000 connections are tracked, a thousand of them
its own: how long until those are gone, and whether all others live on."""
import time

import peers
import scene
from blast import Blast, Sink, packet
from events import CONNTRACK_DESTROY_GROUP, NETLINK_NETFILTER, Events
from namespaces import run
from priority import RealTime

CONNECTIONS, OWN = 200_000, 1000
RUNS = 5
SETTLE_S = 1  # The one before is still looking for what its guest began itself.
DESTROYED = 0x102  # IPCTNL_MSG_CT_DELETE of the connection tracking's subsystem
PATIENCE_S = 60


def tracked(name):
    return int(run("ip", "netns", "exec", name, "cat",
                   "/proc/sys/net/netfilter/nf_conntrack_count"))


def of_others():
    """From a few clients, each with many ports, to the port forward that is always there."""
    return [packet(scene.address("10.255.0.1", i // 50_000), 10_000 + i % 50_000,
                   scene.LIVE_FORWARD, scene.LIVE_PORT) for i in range(CONNECTIONS - OWN)]


def own(port):
    return [packet(scene.CLIENT, 10_000 + i, scene.LIVE_EIP, port) for i in range(OWN)]


def measure(figures, sizes):
    objects = sizes[0]
    agent = scene.Agent("g")
    agent.apply(scene.document(objects))
    run("ip", "netns", "exec", agent.name, "sysctl", "-qw",
        "net.netfilter.nf_conntrack_udp_timeout=3600")
    sinks = [Sink(agent.guest, scene.OTHER_GUEST, scene.LIVE_PORT), Sink(agent.guest, scene.GUEST, 7)]
    # The kernel keeps events only of connections that began while someone listened.
    heard = Events(agent.name, NETLINK_NETFILTER, CONNTRACK_DESTROY_GROUP)
    fill(agent, of_others(), scene.LIVE_FORWARD)
    others = tracked(agent.name)
    spent, killed = [], []
    for _ in range(RUNS):
        fill(agent, own(7), scene.LIVE_EIP)
        if tracked(agent.name) != others + OWN:
            raise RuntimeError(f"{tracked(agent.name)} connections instead of {others + OWN}")
        time.sleep(SETTLE_S)
        heard.forget()
        with RealTime():
            began = time.monotonic()
            agent.patch(remove={"eips": ["eip-live"]})
            spent.append((heard.wait(DESTROYED, PATIENCE_S, OWN) - began) * 1000)
        killed.append(others - tracked(agent.name))
        agent.patch({"eips": [{"uuid": "eip-live", "vip": "vip-live-e", "target": scene.GUEST}]})
    figures.note("revoke", f"{OWN} of {others + OWN} connections cut", "weft", objects, "ms", spent)
    figures.note("revoke", "others' connections lost", "weft", objects, "count", killed)
    measure_peer(figures, agent, others, heard)
    worst = max(spent)
    figures.target(f"an EIP removed, {others + OWN} connections tracked", "< 100 ms, others live",
                   f"{sorted(spent)[RUNS // 2]:.1f} ms, at most {worst:.1f} ms; {sum(killed)} of "
                   "others lost", worst < 100 and not sum(killed))
    for sink in sinks:
        sink.close()
    heard.close()
    agent.close()


def fill(agent, packets, to):
    blast = Blast(agent.client, packets, to)
    blast.send()
    blast.close()


def measure_peer(figures, agent, others, heard):
    """conntrack(8), told of the same address."""
    spent = []
    for _ in range(RUNS):
        fill(agent, own(7), scene.LIVE_EIP)
        heard.forget()
        spent.append(peers.timed(agent.name, ["conntrack", "-D", "-d", scene.LIVE_EIP], None))
    figures.note("revoke", f"{OWN} of {others + OWN} connections cut", "conntrack -D", "-", "ms",
                 spent)
