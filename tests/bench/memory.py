# SPDX-License-Identifier: GPL-2.0-or-later
"""Part memory: what an agent with N objects holds, and what it does while nothing happens."""
import time

import scene

IDLE_S = 10
RUNS = 3
SETTLE_S = 2  # What a large change or a start took goes back a second later.


def memory_mib(pid):
    """Resident, and proportional: what it shares with others counted in parts."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file if line.endswith("kB\n"))
    return [int(fields[name].split()[0]) / 1024 for name in ("Rss", "Pss")]


def highest_mib(pid):
    """The most that was resident since the program began."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["VmHWM"].split()[0]) / 1024


def processor_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def measure(figures, sizes):
    for objects in sizes:
        agent = scene.Agent(f"m{objects}")
        pid = agent.router.process.pid
        agent.apply(scene.document(objects))
        applied = tell(figures, "memory", pid, objects, "applied")
        # A busy life: every hundredth object changed once.
        for number in range(0, objects // 2, 100):
            agent.patch({"eips": [scene.eip(number, True)],
                         "port_forwards": [scene.forward(number, True)]})
        patched = tell(figures, "memory", pid, objects, "patched")
        idle = []
        for _ in range(RUNS):
            before, began = processor_ns(pid), time.monotonic()
            time.sleep(IDLE_S)
            idle.append((processor_ns(pid) - before) / (time.monotonic() - began) / 1e7)
        figures.note("memory", "idle processor", "weft", objects, "%", idle)
        agent.router.kill(15)
        agent.router.start()
        restarted = tell(figures, "memory", agent.router.process.pid, objects, "restarted")
        agent.close()
    worst = max(applied, patched, restarted)
    figures.target(f"memory with {sizes[-1]} objects", "<= 64 MiB", f"{worst:.1f} MiB", worst <= 64)
    figures.target(f"idle processor with {sizes[-1]} objects", "< 1 %", f"{max(idle):.3f} %",
                   max(idle) < 1)


def tell(figures, part, pid, objects, when):
    time.sleep(SETTLE_S)
    rss, pss = memory_mib(pid)
    figures.note(part, f"RSS, {when}", "weft", objects, "MiB", [rss])
    figures.note(part, f"PSS, {when}", "weft", objects, "MiB", [pss])
    figures.note(part, f"highest RSS, {when}", "weft", objects, "MiB", [highest_mib(pid)])
    return rss
