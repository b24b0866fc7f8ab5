# SPDX-License-Identifier: GPL-2.0-or-later
"""What security groups promise, from the document alone.

Nothing here knows nftables or the compiler. A Flow is a connection as it was begun; passes() says
whether a packet of it gets through, for the document that is in force now."""
import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """From a place to a place of one L2 network; a place is a port's uuid or "" (outside)."""

    l2: str
    source: str
    target: str
    src: str
    dst: str
    protocol: str  # tcp udp icmp other
    sport: int = 0
    dport: int = 0

    def text(self):
        return (f"{self.l2}: {self.src}:{self.sport} ({self.source or 'outside'}) > "
                f"{self.dst}:{self.dport} ({self.target or 'outside'}) {self.protocol}")


class Evaluator:
    def __init__(self, document):
        self.groups = {group["uuid"]: group for group in document["security_groups"]}
        self.ports = {port["uuid"]: port for port in document["ports"]}

    def rules(self, place, direction):
        """All of the port's groups: (group, rule)."""
        port = self.ports.get(place, {})
        return [(group, rule) for group in port.get("security_groups", [])
                for rule in self.groups[group].get("rules", []) if rule["direction"] == direction]

    def has_groups(self, place):
        return bool(self.ports.get(place, {}).get("security_groups"))

    def matches(self, rule, flow, peer):
        protocol = rule.get("protocol", "all")
        if protocol not in ("all", flow.protocol):
            return False
        if "ports" in rule:
            first, _, last = rule["ports"].partition("-")
            if not int(first) <= flow.dport <= int(last or first):
                return False
        if "peer_cidr" in rule:
            network = ipaddress.ip_network(rule["peer_cidr"], strict=False)
            if ipaddress.ip_address(peer) not in network:
                return False
        return "peer_group" not in rule or peer in self.groups[rule["peer_group"]]["members"]

    def may_begin(self, flow):
        """Whether the groups of the one who begins it let it out."""
        rules = self.rules(flow.source, "egress")
        if any(self.matches(rule, flow, flow.dst) for _, rule in rules):
            return True
        return all(among_members(group, rule) for group, rule in rules)

    def may_be_asked(self, flow):
        if not self.has_groups(flow.target):
            return True
        return any(self.matches(rule, flow, flow.src)
                   for _, rule in self.rules(flow.target, "ingress"))

    def passes(self, flow, is_answer, is_known=True):
        """A packet of the flow, or of its answer. 'is_known': it begins or belongs to one."""
        begins = is_known and self.may_begin(flow)
        asked = is_known and self.may_be_asked(flow)
        source, target = (flow.target, flow.source) if is_answer else (flow.source, flow.target)
        sport, dport = (flow.dport, flow.sport) if is_answer else (flow.sport, flow.dport)
        sent, received = (asked, begins) if is_answer else (begins, asked)
        if flow.protocol == "udp":
            if dport == 68 and self.ports.get(source, {}).get("anti_spoofing"):
                return False
            sent |= (sport, dport) == (68, 67)
            received |= (sport, dport) == (67, 68)
        return (sent or not self.has_groups(source)) and \
            (received or not self.has_groups(target))


def among_members(group, rule):
    """One of the two that a new group has: it makes nothing strict."""
    return rule.get("protocol", "all") == "all" and rule.get("peer_group") == group \
        and "peer_cidr" not in rule
