# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's namespace, and the other end of each of its NICs in this process.

Nobody lives on the networks: the far end of each NIC is a packet socket that answers ARP for every
address but the router's own, so that frames of anyone can be sent and what comes out be seen.
All of it is driven from one CPU, where the kernel handles frames in the order in which they were
sent: once the answer to an ARP request is back, all that was sent before it has been dealt with.
"""
import os
import pathlib
import select
import socket
import struct
import sys
import time

import packet as packets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from namespaces import Inside, enter_namespaces, run, write  # noqa: E402

PATIENCE = 30
ETH_P_ALL = 3
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
SENTINEL = b"\x02\xfe"


def enter_world():
    """Starts this program again in namespaces of its own, on one CPU."""
    enter_namespaces()
    for name in ("default", "all"):
        write(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "1")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Port:
    """The far end of one NIC."""

    def __init__(self, name, nic, mac):
        self.name, self.nic, self.mac = name, nic, mac
        self.sentinel = None   # (who asks, the router's address that is asked for)
        self.own = set()       # the router's addresses: not answered for
        self.waiting = False
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.bind((name, ETH_P_ALL))
        self.socket.setblocking(False)

    def send(self, data):
        try:
            self.socket.send(data)
        except OSError as error:  # the link is down: nobody hears it
            if error.errno not in (100, 105):
                raise


class World:
    """NICS are (name, MAC); each gets a port by its name."""

    def __init__(self, namespace, nics):
        self.namespace, self.round = namespace, 0
        self.ports, self.other = {}, []
        run("ip", "netns", "add", namespace)
        for name, mac in nics:
            far = f"{namespace}.{name}"
            run("ip", "link", "add", "name", far, "type", "veth", "peer", "name", name,
                "address", mac, "netns", namespace)
            run("ip", "link", "set", far, "up", "arp", "off")
            self.ports[name] = Port(far, name, packets.mac_bytes(mac))
        with Inside(namespace):
            # An error for each packet that has earned one.
            write("/proc/sys/net/ipv4/icmp_ratelimit", "0")
            write("/proc/sys/net/ipv4/icmp_msgs_per_sec", "100000")
            # Nothing that comes of itself, later.
            write("/proc/sys/net/ipv4/tcp_synack_retries", "0")
            self.netfilter = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.poll = select.epoll()
        self.by_fd = {port.socket.fileno(): port for port in self.ports.values()}
        for number in self.by_fd:
            self.poll.register(number, select.EPOLLIN)

    def close(self):
        for port in self.ports.values():
            port.socket.close()
        self.netfilter.close()
        run("ip", "netns", "del", self.namespace)

    def forget_connections(self):
        """Deletes all that the router's kernel tracks."""
        kind, flags = (1 << 8) | 2, 5  # IPCTNL_MSG_CT_DELETE; NLM_F_REQUEST | NLM_F_ACK
        self.netfilter.send(struct.pack("=IHHIIBBH", 20, kind, flags, 1, 0, 0, 0, 0))
        error = struct.unpack("=i", self.netfilter.recv(4096)[16:20])[0]
        if error not in (0, -2):
            raise OSError(-error, "conntrack")

    def set_links(self, links):
        """What is on each port: name -> (address that asks, address of the router, all its own)."""
        for port in self.ports.values():
            port.sentinel, port.own = None, set()
        for name, (asks, asked, own) in links.items():
            self.ports[name].sentinel = (asks, asked)
            self.ports[name].own = own

    def ask(self, port):
        mac = SENTINEL + struct.pack("!I", self.round)
        port.waiting = True
        port.send(packets.arp(1, mac, port.sentinel[0], b"", port.sentinel[1]))

    def exchange(self, frames):
        """Sends (port name, frame)s; returns all (port name, target MAC, packet)s that came of
        them, or None when a port fell silent."""
        seen, busy = [], {port for port in self.ports.values() if port.sentinel}
        for name, data in frames:
            self.ports[name].send(data)
        while busy:
            self.round += 1
            for port in busy:
                self.ask(port)
            again = set()
            if not self.gather(seen, again):
                return None
            # Whoever was asked for has got the packets that waited for it now, or gets them soon:
            # another round tells. What those packets caused may be on any port.
            busy = {port for port in self.ports.values() if port.sentinel} if again else set()
        return seen

    def gather(self, seen, again):
        end = time.monotonic() + PATIENCE
        while any(port.waiting for port in self.ports.values()):
            events = self.poll.poll(1)
            if not events:
                silent = [port for port in self.ports.values() if port.waiting]
                self.other = [port.name for port in silent]
                for port in silent:
                    self.ask(port)
                    port.waiting = time.monotonic() < end
                if not silent[0].waiting:
                    return False
            for number, _ in events:
                port = self.by_fd[number]
                while (data := receive(port)) is not None:
                    self.take(port, data, seen, again)
        return True

    def take(self, port, data, seen, again):
        asked = packets.read_arp(data)
        if asked:
            operation, mac, source, target_mac, target = asked
            if operation == 2 and target_mac == SENTINEL + struct.pack("!I", self.round):
                port.waiting = False
            elif operation == 1 and target not in port.own and source != target:
                port.send(packets.arp(2, packets.mac_of(target), target, mac, source))
                again.add(port)
            return
        packet = packets.read(data)
        if packet:
            seen.append((port.nic, data[:6], packet))

    def settle(self):
        """Answers and forgets what the router did by itself. Whom it asked for and was not told
        of, it would not ask for again for a second, and packets would wait."""
        self.exchange([])


def receive(port):
    """The next frame that came out of the router's NIC, or None."""
    try:
        return port.socket.recv(65536)
    except OSError:
        return None
