# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/bench/run, once the packages are there and the agent is built."""
import argparse
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import attach  # noqa: E402
import balance  # noqa: E402
import bind  # noqa: E402
import change  # noqa: E402
import cold  # noqa: E402
import drift  # noqa: E402
import host_change  # noqa: E402
import host_cold  # noqa: E402
import host_dhcp  # noqa: E402
import host_guest  # noqa: E402
import host_member  # noqa: E402
import host_memory  # noqa: E402
import host_packets  # noqa: E402
import limits  # noqa: E402
import memory  # noqa: E402
import model  # noqa: E402
import packets  # noqa: E402
import proxy  # noqa: E402
import rest  # noqa: E402
import restart  # noqa: E402
import revoke  # noqa: E402
import scene  # noqa: E402
from figures import Figures  # noqa: E402
from namespaces import enter_namespaces  # noqa: E402

PARTS = {"change": change, "cold": cold, "restart": restart, "memory": memory, "packets": packets,
         "drift": drift, "revoke": revoke, "eip": attach, "balance": balance,
         "proxy": proxy, "limits": limits, "rest": rest, "bind": bind, "model": model,
         "host-change": host_change, "host-cold": host_cold, "host-member": host_member,
         "host-guest": host_guest, "host-memory": host_memory, "host-packets": host_packets,
         "host-dhcp": host_dhcp}
SIZES = [1000, 10000, 50000]


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--sizes", help="objects (ports of a host), comma separated; each part has "
                        "its own")
    parser.add_argument("--rounds", type=int, help="of whatever a part has several of: fewer where "
                        "the machine is emulated; each part has its own")
    parser.add_argument("--json", metavar="FILE", help="all figures go there too")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part is called '{part}': {' '.join(PARTS)}")
    if options.sizes:
        options.sizes = sorted(int(size) for size in options.sizes.split(","))
    return options


def main():
    options = arguments()
    enter_namespaces()
    shutil.rmtree(scene.STATE, ignore_errors=True)
    figures = Figures()
    for part in options.parts or PARTS:
        for name in ("ROUNDS", "RUNS", "PATCHES", "PEER_RUNS"):
            if options.rounds and hasattr(PARTS[part], name):
                setattr(PARTS[part], name, options.rounds)
        sizes = options.sizes or getattr(PARTS[part], "SIZES", SIZES)
        PARTS[part].measure(figures, sizes)
        if options.json:
            figures.write(options.json)
    figures.show()


main()
