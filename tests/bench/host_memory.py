# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-memory: what a host's agent with N ports holds, and what it does while nothing happens."""
import time

import host_scene
from memory import IDLE_S, RUNS, processor_ns, tell

SIZES = [1000, 10000]


def measure(figures, sizes):
    groups = host_scene.tracks_bridges()
    for ports in sizes:
        agent = host_scene.Agent(f"m{ports}", ports)
        agent.apply(host_scene.document(ports, groups))
        agent.settle()
        applied = tell(figures, "host-memory", agent.pid(), ports, "applied")
        idle = []
        for _ in range(RUNS):
            before, began = processor_ns(agent.pid()), time.monotonic()
            time.sleep(IDLE_S)
            idle.append((processor_ns(agent.pid()) - before) / (time.monotonic() - began) / 1e7)
        figures.note("host-memory", "idle processor", "weft", ports, "%", idle)
        agent.restart()
        restarted = tell(figures, "host-memory", agent.pid(), ports, "restarted")
        agent.close()
        worst = max(applied, restarted)
        figures.target(f"memory with {ports} ports", "<= 64 MiB", f"{worst:.1f} MiB", worst <= 64)
        figures.target(f"idle processor with {ports} ports", "< 1 %", f"{max(idle):.3f} %",
                       max(idle) < 1)
