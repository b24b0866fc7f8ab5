# SPDX-License-Identifier: GPL-2.0-or-later
"""The same policy as host agents have long made it: br_netfilter sends bridged packets through
iptables, where two rules of a port (physdev) lead to its two chains; groups are ipsets."""
import subprocess

import host_scene
import peers
from namespaces import run


def chains(number):
    return f"i{number}", f"o{number}"


def port_lines(its_device, its_mac, its_address, groups, number):
    """A port's chains: what comes in is judged by its groups, what goes out by MAC and address."""
    into, out = chains(number)
    lines = [f"-A sg -m physdev --physdev-out {its_device} --physdev-is-bridged -j {into}",
             f"-A sg -m physdev --physdev-in {its_device} --physdev-is-bridged -j {out}",
             f"-A {out} -m mac ! --mac-source {its_mac} -j DROP",
             f"-A {out} ! -s {its_address}/32 -j DROP"]
    if not groups:
        return [*lines, f"-A {out} -j RETURN", f"-A {into} -j RETURN"]
    for chain in (into, out):
        lines += [f"-A {chain} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
                  f"-A {chain} -m conntrack --ctstate INVALID -j DROP"]
    for name in groups:
        for _, protocol, ports, peer in host_scene.RULES:
            match = "" if protocol == "all" else f" -p {protocol}"
            if ports:
                match += f" -m {protocol} --dport {ports.replace('-', ':')}"
            if peer:
                match += f" -m set --match-set {name} src"
            lines.append(f"-A {into}{match} -j RETURN")
    return [*lines, f"-A {into} -j DROP", f"-A {out} -j RETURN"]


def table(ports, groups):
    """The filter table of a host with PORTS ports, the two live ones in the middle of them."""
    names = [(host_scene.device(i), host_scene.mac(i), host_scene.address(i),
              host_scene.groups_of(i) if groups else []) for i in range(ports)]
    live = [("live-a", host_scene.MAC_A, host_scene.A), ("live-b", host_scene.MAC_B, host_scene.B)]
    names[ports // 2:ports // 2] = [(*one, host_scene.groups_of(0) if groups else [])
                                    for one in live]
    lines = ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
             ":sg - [0:0]"]
    for i in range(len(names)):
        lines += [f":{chain} - [0:0]" for chain in chains(i)]
    lines.append("-A FORWARD -m physdev --physdev-is-bridged -j sg")
    for i, one in enumerate(names):
        lines += port_lines(*one, i)
    return "\n".join([*lines, "-A sg -j ACCEPT", "COMMIT", ""])


def sets(ports):
    """The groups as ipset's own text."""
    lines = []
    for i in range(host_scene.networks(ports)):
        lines.append(f"create sg-{i} hash:net")
        lines += [f"add sg-{i} {host_scene.address(n)}" for n in range(
            i * host_scene.PORTS_OF_A_NETWORK,
            min(ports, (i + 1) * host_scene.PORTS_OF_A_NETWORK))]
    lines.append("create sg-all hash:net")
    lines += [f"add sg-all {one}" for one in host_scene.members()]
    return "\n".join(lines) + "\n"


def begin(name):
    """Bridged packets of this namespace are seen by iptables from now on."""
    subprocess.run(["modprobe", "-q", "br_netfilter"], check=False)
    run("ip", "netns", "exec", name, "sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1")


def load(name, ports, groups):
    """Milliseconds of both programs."""
    spent = 0
    if groups:
        spent += peers.timed(name, ["ipset", "restore"], sets(ports))
    return spent + peers.restore(name, "iptables-legacy", table(ports, groups))
