# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured: figures with the machine's load beside each, their table, their JSON."""
import json
import os
import platform
import statistics
import time


def percentile(values, part):
    """The smallest value that PART (0-1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(len(ordered) * part * 1000) // 1000) - 1))]


def load():
    return round(os.getloadavg()[0], 2)


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        models = [line.split(": ", 1)[1].strip() for line in file if line.startswith("model name")]
    with open("/proc/meminfo", encoding="ascii") as file:
        memory_kib = int(file.readline().split()[1])
    return {"processor": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "memory_mib": memory_kib // 1024, "kernel": platform.release(),
            "began_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "load": load()}


class Figures:
    """A figure has many VALUES of one thing (p50, p99 and the largest are told), or one."""

    def __init__(self):
        self.machine, self.all, self.targets = machine(), [], []

    def note(self, part, what, side, objects, unit, values, **more):
        figure = {"part": part, "what": what, "side": side, "objects": objects, "unit": unit,
                  "runs": len(values), "p50": statistics.median(values),
                  "p99": percentile(values, 0.99), "max": max(values), "load": load()} | more
        self.all.append(figure)
        print(row(figure), flush=True)
        return figure

    def target(self, what, wanted, measured, met):
        self.targets.append({"what": what, "target": wanted, "measured": measured, "met": met})

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"machine": self.machine | {"load_at_end": load()}, "figures": self.all,
                       "targets": self.targets}, file, indent=1)
            file.write("\n")

    def show(self):
        one = self.machine
        print(f"\n{one['processor']}, {one['cores']} cores, {one['memory_mib']} MiB, "
              f"Linux {one['kernel']}, {one['began_at']}, load {one['load']}\n")
        print(table(("part", "what", "side", "objects", "runs", "p50", "p99", "max", "unit",
                     "load"), [cells(figure) for figure in self.all]))
        if self.targets:
            print()
            print(table(("what", "target", "measured", "met"),
                        [(one["what"], one["target"], one["measured"],
                          "yes" if one["met"] else "NO") for one in self.targets]))


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def cells(figure):
    return (figure["part"], figure["what"], figure["side"], str(figure["objects"]),
            str(figure["runs"]), number(figure["p50"]), number(figure["p99"]),
            number(figure["max"]), figure["unit"], str(figure["load"]))


def row(figure):
    return "  ".join(cells(figure))


def table(titles, rows):
    """As Markdown: the page takes it as it is."""
    rows = [titles, *rows]
    widths = [max(len(line[i]) for line in rows) for i in range(len(titles))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
             for line in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
