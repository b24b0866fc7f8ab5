# SPDX-License-Identifier: GPL-2.0-or-later
"""What must happen to a packet, from the document alone.

Nothing here knows nftables, routing tables or the compiler: it is the router's promise, written a
second time. decide() looks at the first packet of a connection."""
import ipaddress
from dataclasses import dataclass, field

import packet as packets

ADDRESS = ipaddress.ip_address


@dataclass
class Verdict:
    """forward: out of interface 'out' to neighbour 'via', as 'src' (one of) > 'dst':'dport'.
    answer: the router itself answers. drop: nothing. reject: an ICMP error or a reset.
    unknown: not promised either way."""

    action: str
    why: str
    out: str = ""
    via: str = ""
    sources: set = field(default_factory=set)
    dst: str = ""
    dport: int = 0

    def text(self):
        if self.action != "forward":
            return f"{self.action} ({self.why})"
        sources = " or ".join(sorted(self.sources))
        return (f"forward by {self.out} via {self.via}: {sources} > {self.dst}:{self.dport} "
                f"({self.why})")


class Interface:
    def __init__(self, value):
        self.uuid, self.role = value["uuid"], value["role"]
        self.network, self.snat = value.get("network"), value.get("snat", False)
        self.gateway = value.get("gateway")
        self.marked = value.get("default_route", False)
        self.addresses = [ipaddress.ip_interface(text) for text in value["addresses"]]
        self.own = {str(address.ip) for address in self.addresses}

    def subnet(self, ip):
        """The smallest subnet that the address is in."""
        around = [address.network for address in self.addresses if ip in address.network]
        return max(around, key=lambda network: network.prefixlen, default=None)


class Evaluator:
    def __init__(self, document):
        self.interfaces = [Interface(value) for value in document["interfaces"]]
        self.by_uuid = {interface.uuid: interface for interface in self.interfaces}
        self.own = set().union(*(interface.own for interface in self.interfaces))
        self.vips = {vip["uuid"]: vip for vip in document.get("vips", [])}
        self.vip_addresses = {vip["address"] for vip in self.vips.values()}
        self.dns = bool(document.get("dns", {}).get("forwarders"))
        self.eips = sorted((eip for eip in document.get("eips", []) if self.rests(eip) is None),
                           key=lambda eip: eip["uuid"])
        self.forwards = [forward for forward in document.get("port_forwards", [])
                         if self.rests(forward) is None]
        self.listened = {(self.vips[balancer["vip"]]["address"], listener["port"])
                         for balancer in document.get("load_balancers", [])
                         for listener in balancer["listeners"]
                         if self.vip_link(self.vips[balancer["vip"]])}
        self.private_served = document.get("router", {}).get("private_default") == "accept"
        self.routes = [route for route in document.get("routes", []) if self.is_active(route)]
        self.firewall = sorted(document.get("firewall", []), key=lambda rule: rule["priority"])
        self.default = self.find_default()

    # -- the document's parts ----------------------------------------------------------------

    def find_default(self):
        publics = [interface for interface in self.interfaces if interface.role == "public"]
        marked = [interface for interface in publics if interface.marked]
        gated = [interface for interface in publics if interface.gateway]
        return (marked or gated or [None])[0]

    def vip_link(self, vip):
        for interface in self.interfaces:
            if interface.role == "public" and interface.network == vip["network"]:
                return interface
        return None

    def connected(self, ip):
        """The interface in whose subnet the address is, and the subnet."""
        ip = ADDRESS(ip)
        found = [(interface, interface.subnet(ip)) for interface in self.interfaces
                 if interface.subnet(ip)]
        return max(found, key=lambda pair: pair[1].prefixlen, default=(None, None))

    def rests(self, service):
        """Why an elastic IP or a port forward does nothing."""
        if not self.vip_link(self.vips[service["vip"]]):
            return "no public interface on the VIP's network"
        interface, _ = self.connected(service["target"])
        if not interface or interface.role != "private":
            return "the target is on no private network"
        return None

    def is_active(self, route):
        destination = packets.network(route["destination"])
        for interface in self.interfaces:
            if destination in [address.network for address in interface.addresses]:
                return False
        if route["type"] == "blackhole":
            return True
        hop = route["next_hop"]
        return (hop not in self.own and hop not in self.vip_addresses
                and self.connected(hop)[0] is not None)

    # -- routing -----------------------------------------------------------------------------

    def route(self, dst, guest_link=None):
        """(interface, neighbour) that a packet leaves by; (None, why) where it cannot."""
        ip = ADDRESS(dst)
        interface, subnet = self.connected(dst)
        best = (subnet.prefixlen, 0, (interface, dst)) if subnet else None
        for route in self.routes:
            destination = packets.network(route["destination"])
            rank = (destination.prefixlen, -route.get("priority", 128))
            if ip not in destination or (best and rank <= best[:2]):
                continue
            way = (None, "blackhole")
            if route["type"] == "static":
                way = (self.connected(route["next_hop"])[0], route["next_hop"])
            best = (*rank, way)
        if best:
            return best[2]
        link = guest_link if guest_link and guest_link.gateway else self.default
        if not link:
            return (None, "no route")
        return (link, link.gateway)

    def is_routed(self, link, ip):
        """Whether a static route's destination, behind that link, holds the address."""
        return any(route["type"] == "static" and ADDRESS(ip) in packets.network(
            route["destination"]) and self.connected(route["next_hop"])[0] is link
            for route in self.routes)

    # -- services ----------------------------------------------------------------------------

    def translate(self, packet):
        """(target, port) where a service on a VIP takes the packet, else None."""
        for eip in self.eips:
            if self.vips[eip["vip"]]["address"] == packet.dst:
                return (eip["target"], packet.dport)
        for forward in self.forwards:
            if (self.vips[forward["vip"]]["address"] != packet.dst
                    or forward["protocol"] != packet.protocol):
                continue
            first, last = ports(forward["vip_ports"])
            allowed = forward.get("allowed_cidr")
            if not first <= packet.dport <= last:
                continue
            if allowed and ADDRESS(packet.src) not in packets.network(allowed):
                continue
            to = ports(forward.get("target_ports") or forward["vip_ports"])[0]
            return (forward["target"], to + packet.dport - first)
        return None

    def eip_at(self, target, link=None):
        """The first elastic IP of a guest, on one link or on any."""
        for eip in self.eips:
            if eip["target"] == target:
                if link is None or self.vip_link(self.vips[eip["vip"]]) is link:
                    return self.vips[eip["vip"]]
        return None

    def filter(self, interface, direction, packet, dst, dport):
        """The first firewall rule's word on it, or None. Seen after the destination's and before
        the source's translation."""
        for rule in self.firewall:
            if rule["interface"] != interface.uuid or rule["direction"] != direction:
                continue
            protocol = rule.get("protocol", "all")
            if protocol not in ("all", packet.protocol):
                continue
            if not within(rule.get("source"), packet.src) or not within(
                    rule.get("destination"), dst):
                continue
            if not port_in(rule.get("source_ports"), packet.sport):
                continue
            if not port_in(rule.get("destination_ports"), dport):
                continue
            return rule["action"]
        return None

    # -- the verdict -------------------------------------------------------------------------

    def decide(self, link, packet):
        came = self.by_uuid[link]
        dst, dport = packet.dst, packet.dport
        taken = self.translate(packet) if came.role != "management" else None
        if taken:
            dst, dport = taken
        elif (dst, dport) in self.listened and packet.protocol == "tcp":
            return self.filtered(self.decide_listener(came, dst), came, None, packet, dst, dport)
        elif dst in self.own:
            return self.filtered(self.decide_own(came, packet), came, None, packet, dst, dport)
        elif dst in self.vip_addresses:
            return self.filtered(Verdict("drop", "nothing serves this on the VIP"), came, None,
                                 packet, dst, dport)
        out, via = self.route(dst, self.guest_link(came, packet))
        if out is None:
            return Verdict("drop" if via == "blackhole" else "unreachable", via)
        base = self.decide_forward(came, out, via, packet, taken)
        base.dst, base.dport = dst, dport
        return self.filtered(base, came, out, packet, dst, dport)

    def guest_link(self, came, packet):
        vip = self.eip_at(packet.src) if came.role == "private" else None
        return self.vip_link(vip) if vip else None

    def filtered(self, base, came, out, packet, dst, dport):
        if base.action == "unknown":
            return base
        for interface, direction in ((came, "in"), (out, "out")):
            word = self.filter(interface, direction, packet, dst, dport) if interface else None
            if word in ("drop", "reject"):
                return Verdict(word, f"firewall {direction} of {interface.uuid}")
        return base

    def decide_listener(self, came, dst):
        if came.role == "management":
            return Verdict("drop", "management network")
        if came.role == "private" and not self.private_served:
            return Verdict("drop", "load balancers are not for private clients")
        return Verdict("answer", f"load balancer at {dst}")

    def decide_own(self, came, packet):
        echo = packet.protocol == "icmp"
        if packet.dst not in came.own:
            if echo and came.role != "management":
                return Verdict("unknown", "an address of another interface")
            if came.role == "management":
                return Verdict("unknown", "an address of another interface")
        if echo:
            return Verdict("answer", "echo of the router")
        if came.role == "management" and packet.protocol == "tcp" and packet.dport == 22:
            return Verdict("answer", "management ssh")
        if (came.role == "private" and self.dns and packet.dport == 53
                and packet.protocol in ("tcp", "udp")):
            if packet.dst not in came.own:
                return Verdict("unknown", "an address of another interface")
            return Verdict("answer", "name service")
        return Verdict("drop", "closed port of the router")

    def decide_forward(self, came, out, via, packet, taken):
        if "management" in (came.role, out.role):
            return Verdict("drop", "management network")
        if came.role == "public" and not taken:
            if out.role != "private" or not self.is_routed(came, packet.src):
                return Verdict("drop", "from outside, to nothing that is offered")
            if self.connected(packet.src)[0] is not came and self.connected(packet.src)[0]:
                return Verdict("unknown", "a source of another link")
        way = Verdict("forward", "routed", out.uuid, via, {packet.src})
        if taken:
            way.why = "translated"
        if out.role == "private":
            self.hairpin(way, came, out, packet, taken)
        elif came.role == "private":
            self.leave(way, came, out, packet)
        return way

    def hairpin(self, way, came, out, packet, taken):
        """Neighbours who speak through a VIP must not answer each other directly."""
        if not taken or came.role != "private":
            return
        subnet = came.subnet(ADDRESS(packet.src))
        if came is out and subnet and ADDRESS(taken[0]) in subnet:
            way.why = "hairpin"
            way.sources = {str(address.ip) for address in out.addresses
                           if address.network == subnet}

    def leave(self, way, came, out, packet):
        if self.is_routed(out, packet.dst):
            way.why = "to a static route's destination"
            return
        vip = self.eip_at(packet.src, out)
        if vip:
            way.why, way.sources = "elastic IP", {vip["address"]}
        elif came.snat and came.subnet(ADDRESS(packet.src)):
            way.why, way.sources = "SNAT", {str(out.addresses[0].ip)}


def ports(text):
    first, _, last = str(text).partition("-")
    return int(first), int(last or first)


def within(prefix, address):
    return not prefix or ADDRESS(address) in packets.network(prefix)


def port_in(texts, port):
    if not texts:
        return True
    return any(first <= port <= last for first, last in map(ports, texts.split(",")))
