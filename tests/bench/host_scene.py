# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured of a host: its document with N ports, its machine with their devices and two
guests that are really there, and the agent on it.

    NAME.a eth0 -- live-a NAME live-b -- eth0 NAME.b        NAME em01 -- NAME.ext (VTEPs)

Ports are in networks of a hundred (a bridge has 1,023 at most), each in two groups of five rules."""
import subprocess

import router
import scene
from namespaces import run

BINARY = str(scene.ROOT / "build" / "bin" / "hostnetd")
PORTS_OF_A_NETWORK = 100
# Lines for one ip: until its end it keeps each namespace open that one of them names, and a process
# may have 1,024 files open.
BATCH = 1000
A, B, LIVE_PORT = "10.0.250.1", "10.0.250.2", 5201
GUEST_MTU = "1450"  # What a VXLAN leaves, which guests are told by DHCP.
MAC_A, MAC_B = "fa:16:00:00:00:01", "fa:16:00:00:00:02"
RULES = [("ingress", "tcp", "22", None), ("ingress", "tcp", str(LIVE_PORT), None),
         ("ingress", "udp", "1-65535", None), ("ingress", "icmp", None, None),
         ("ingress", "all", None, "self")]


def mac(number):
    return f"fa:17:{number >> 24:02x}:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def address(number):
    network, place = divmod(number, PORTS_OF_A_NETWORK)
    return f"10.{network}.1.{place + 1}"


def device(number):
    return f"t{number}"


def networks(ports):
    return max(1, -(-ports // PORTS_OF_A_NETWORK))


def groups_of(number):
    """The names of a port's groups: its network's, and one that is everybody's."""
    return [f"sg-{number // PORTS_OF_A_NETWORK}", "sg-all"]


def port(number, groups=True, **more):
    return {"uuid": f"nic-{number}", "device": device(number),
            "l2": f"l2-{number // PORTS_OF_A_NETWORK}", "mac": mac(number), "anti_spoofing": True,
            "addresses": [{"l3": f"l3-{number // PORTS_OF_A_NETWORK}", "address": address(number)}],
            "security_groups": groups_of(number) if groups else []} | more


def live_ports(groups):
    return [port(0, groups) | {"uuid": f"nic-live-{name}", "device": f"live-{name}", "mac": its_mac,
                               "addresses": [{"l3": "l3-0", "address": its}]}
            for name, its_mac, its in (("a", MAC_A, A), ("b", MAC_B, B))]


def rules(name):
    return [{"uuid": f"r{i}", "direction": direction, "protocol": protocol}
            | ({"ports": ports} if ports else {}) | ({"peer_group": name} if peer else {})
            for i, (direction, protocol, ports, peer) in enumerate(RULES)]


def members():
    """Of the group that all ports are in."""
    return [f"172.16.0.{i}" for i in range(100)]


def group(name, its_members):
    return {"uuid": name, "members": its_members, "rules": rules(name)}


def document(ports, groups, revision=1):
    """PORTS of them beside the two that are there; with GROUPS each in two."""
    several = range(networks(ports))
    return {
        "revision": revision, "host": {"uuid": "h-1", "vtep": "192.168.29.21"},
        "l2_networks": [{"uuid": f"l2-{i}", "type": "vxlan", "vni": 100 + i} for i in several],
        "l3_networks": [{"uuid": f"l3-{i}", "l2": f"l2-{i}", "cidr": f"10.{i}.0.0/16"}
                        for i in several],
        "security_groups": [group(f"sg-{i}", [address(n) for n in range(
            i * PORTS_OF_A_NETWORK, min(ports, (i + 1) * PORTS_OF_A_NETWORK))]) for i in several]
        + [group("sg-all", members())] if groups else [],
        "ports": [port(i, groups) for i in range(ports)] + live_ports(groups)}


class Machine:
    """A host with PORTS devices, none of them plugged in."""

    def __init__(self, name, ports):
        self.name, self.a, self.b, self.rest = name, f"{name}.a", f"{name}.b", f"{name}.rest"
        self.ext = f"{name}.ext"
        for each in (name, self.a, self.b, self.rest, self.ext):
            run("ip", "netns", "add", each)
            run("ip", "-n", each, "link", "set", "lo", "up")
        lines = [f"link add em01 type veth peer name em01 netns {self.ext}", "link set em01 up",
                 "addr add 192.168.29.21/24 dev em01"]
        for its, its_mac, other in (("live-a", MAC_A, self.a), ("live-b", MAC_B, self.b)):
            lines += [f"link add {its} type veth peer name eth0 address {its_mac} netns {other}",
                      f"link set {its} up"]
        for i in range(ports):
            lines += [f"link add {device(i)} type veth peer name {device(i)} netns {self.rest}",
                      f"link set {device(i)} up"]
        for i in range(0, len(lines), BATCH):
            run("ip", "-n", name, "-batch", "-", text="\n".join(lines[i:i + BATCH]) + "\n")
        run("ip", "-n", self.ext, "link", "set", "em01", "up")
        for its, other in ((A, self.a), (B, self.b)):
            run("ip", "-n", other, "addr", "add", f"{its}/16", "dev", "eth0")
            run("ip", "-n", other, "link", "set", "eth0", "mtu", GUEST_MTU, "up")

    def close(self):
        for name in (self.a, self.b, self.rest, self.ext, self.name):
            run("ip", "netns", "del", name)

    def bridge(self, ports=0):
        """What an agent would make, by hand: one bridge, with the two guests' devices."""
        lines = ["link add br0 type bridge", "link set br0 up"]
        lines += [f"link set {each} master br0" for each in
                  ["live-a", "live-b", *(device(i) for i in range(min(ports, 1000)))]]
        run("ip", "-n", self.name, "-batch", "-", text="\n".join(lines) + "\n")


class Agent(scene.Agent):
    """A machine with a hostnetd on it."""

    def __init__(self, name, ports):  # pylint: disable=super-init-not-called
        self.machine, self.name, self.revision = Machine(name, ports), name, 0
        self.router = router.Router(BINARY, name, scene.STATE, "io.weft.HostNet")
        self.router.start()
        self.router.client.socket.settimeout(600)

    def close(self):
        self.router.close()
        self.machine.close()

    def pid(self):
        return self.router.process.pid

    def restart(self):
        self.router.kill(9)
        self.router.start(600)
        self.router.client.socket.settimeout(600)


def tracks_bridges():
    """Whether this kernel tracks the connections of bridges: without it there are no groups."""
    name = "probe"
    run("ip", "netns", "add", name)
    done = subprocess.run(["ip", "netns", "exec", name, "nft", "table bridge t { chain c { type "
                           "filter hook forward priority 0; ct state established accept; }; }"],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    run("ip", "netns", "del", name)
    return done.returncode == 0
