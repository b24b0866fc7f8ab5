# SPDX-License-Identifier: GPL-2.0-or-later
"""How others put the same objects into a kernel: iptables-restore of the whole table, the nft
program with elements of maps. Each is run in the namespace, without a shell between."""
import subprocess
import time

import scene
from namespaces import Inside

IPTABLES = ("iptables-legacy", "iptables-nft")


def counts(objects):
    return (objects + 1) // 2, objects // 2


def iptables_table(objects, moved=()):
    """The nat table: two rules for an elastic IP, one for a port forward. Of the forwards in MOVED
    the target is another."""
    eips, forwards = counts(objects)
    lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
             ":POSTROUTING ACCEPT [0:0]"]
    for i in range(forwards):
        one = scene.forward(i, i in moved)
        vip = scene.forward_vip(i // scene.PORTS_OF_A_VIP)["address"]
        lines.append(f"-A PREROUTING -d {vip}/32 -p tcp -m tcp --dport {one['vip_ports']} -j DNAT "
                     f"--to-destination {one['target']}:80")
    for i in range(eips):
        vip, target = scene.eip_vip(i)["address"], scene.eip(i)["target"]
        lines.append(f"-A PREROUTING -d {vip}/32 -j DNAT --to-destination {target}")
        lines.append(f"-A POSTROUTING -s {target}/32 -o pub -j SNAT --to-source {vip}")
    return "\n".join([*lines, "COMMIT", ""])


def forward_element(number, moved=False):
    one = scene.forward(number, moved)
    vip = scene.forward_vip(number // scene.PORTS_OF_A_VIP)["address"]
    return f"{vip} . tcp . {one['vip_ports']}", f"{one['target']} . 80"


def nft_table(objects):
    """The whole, replaced in one transaction: three maps and as many rules."""
    eips, forwards = counts(objects)
    lines = ["table ip peer {}", "delete table ip peer", "table ip peer {",
             "map eip_in { type ipv4_addr : ipv4_addr; elements = {"]
    lines += [f"{scene.eip_vip(i)['address']} : {scene.eip(i)['target']}," for i in range(eips)]
    lines += ["} }", "map eip_out { type ifname . ipv4_addr : ipv4_addr; elements = {"]
    lines += [f"pub . {scene.eip(i)['target']} : {scene.eip_vip(i)['address']},"
              for i in range(eips)]
    lines += ["} }", "map pf { type ipv4_addr . inet_proto . inet_service : "
              "ipv4_addr . inet_service; elements = {"]
    lines += [f"{key} : {data}," for key, data in map(forward_element, range(forwards))]
    lines += ["} }", "chain prerouting { type nat hook prerouting priority -100; policy accept;",
              "dnat to ip daddr map @eip_in",
              "dnat ip to ip daddr . meta l4proto . th dport map @pf", "}",
              "chain postrouting { type nat hook postrouting priority 100; policy accept;",
              "snat to oifname . ip saddr map @eip_out", "}", "}", ""]
    return "\n".join(lines)


def nft_change(number, moved):
    """One port forward's target becomes another, or is what it was again."""
    key, now = forward_element(number, moved)
    _, before = forward_element(number, not moved)
    return (f"delete element ip peer pf {{ {key} : {before} }}\n"
            f"add element ip peer pf {{ {key} : {now} }}\n")


def vip_batch(objects):
    """For ip -batch: the VIPs, which an agent has to make the machine's own as well."""
    wanted = scene.document(objects)["vips"]
    return "".join(f"route add local {vip['address']} dev pub table local\n" for vip in wanted)


def timed(namespace, command, text):
    """Milliseconds of one program that reads TEXT."""
    with Inside(namespace):
        began = time.monotonic()
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        spent = time.monotonic() - began
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.strip()[:400]}")
    return spent * 1000


def restore(namespace, program, text):
    return timed(namespace, [f"{program}-restore", "--noflush"], text)


def nft(namespace, text):
    return timed(namespace, ["nft", "-f", "-"], text)
