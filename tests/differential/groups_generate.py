# SPDX-License-Identifier: GPL-2.0-or-later
"""Random security groups, and random connections that are likely to meet their rules."""
import ipaddress

from groups_evaluator import Flow

# Two networks with the same addresses; the place of an address in a network.
L2 = {"l2-a": "em01", "l2-b": "em02"}
PORTS = [("a0", "l2-a", "10.0.0.10"), ("a1", "l2-a", "10.0.0.11"), ("a2", "l2-a", "10.0.0.12"),
         ("a3", "l2-a", "10.0.0.130"), ("b0", "l2-b", "10.0.0.10"), ("b1", "l2-b", "10.0.0.11")]
OUTSIDE = ["10.0.0.1", "10.0.0.131", "10.0.1.7", "172.16.0.9"]
SITE = "10.0.0.1"
GROUPS = ["g0", "g1", "g2", "g3", "g4"]
NETWORKS = ["10.0.0.0/24", "10.0.0.8/29", "10.0.0.128/25", "10.0.0.11/32", "10.0.0.0/8",
            "172.16.0.0/12", "0.0.0.0/0", "10.0.1.0/30"]
PORT_NUMBERS = [1, 22, 67, 68, 80, 443, 999, 1000, 65535]


def mac_of(uuid):
    number = [port[0] for port in PORTS].index(uuid)
    return f"fa:00:00:00:01:{number:02x}"


def patch(before, after):
    """From one told document to another."""
    upsert, remove = {}, {}
    for section in ("security_groups", "security_group_members", "ports"):
        was = {value["uuid"]: value for value in before[section]}
        now = {value["uuid"]: value for value in after[section]}
        upsert[section] = [value for uuid, value in now.items() if was.get(uuid) != value]
        remove[section] = [uuid for uuid in was if uuid not in now]
    return upsert, remove


class Generator:
    def __init__(self, random):
        self.random = random
        self.serial = 0
        self.apart = set()  # groups whose members are objects of their own

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(0, min(most, len(values))))

    def rule(self, group):
        random = self.random
        self.serial += 1
        rule = {"uuid": f"r{self.serial}", "direction": random.choice(["ingress", "egress"]),
                "protocol": random.choice(["all", "tcp", "udp", "icmp"])}
        if rule["protocol"] in ("tcp", "udp") and random.random() < 0.8:
            first, last = sorted(random.choices(PORT_NUMBERS, k=2))
            rule["ports"] = str(first) if first == last else f"{first}-{last}"
        if random.random() < 0.4:
            rule["peer_cidr"] = random.choice(NETWORKS)
        if random.random() < 0.4:
            rule["peer_group"] = random.choice([group, *GROUPS])
        return rule

    def group(self, uuid):
        rules = [self.rule(uuid) for _ in range(self.random.choice([0, 1, 1, 2, 3, 5]))]
        if self.random.random() < 0.5:
            rules += [{"uuid": f"d-{direction}", "direction": direction, "protocol": "all",
                       "peer_group": uuid} for direction in ("ingress", "egress")]
        if self.random.random() < 0.5:
            self.apart ^= {uuid}
        return {"uuid": uuid, "rules": rules,
                "members": self.some(sorted({port[2] for port in PORTS} | set(OUTSIDE)), 5)}

    def port(self, place):
        uuid, l2, address = place
        return {"uuid": uuid, "device": f"v{uuid}", "l2": l2, "mac": mac_of(uuid),
                "anti_spoofing": self.random.random() < 0.5,
                "addresses": [{"l3": f"l3-{l2[3:]}", "address": address}],
                "security_groups": self.some(GROUPS, 3)}

    def document(self):
        return {"host": {"uuid": "h"},
                "l2_networks": [{"uuid": l2, "type": "novlan", "device": device}
                                for l2, device in L2.items()],
                "l3_networks": [{"uuid": f"l3-{l2[3:]}", "l2": l2, "cidr": "10.0.0.0/24",
                                 "gateway": SITE} for l2 in L2],
                "security_groups": [self.group(uuid) for uuid in GROUPS],
                "ports": [self.port(place) for place in PORTS]}

    def told(self, document):
        """The same document in the form in which it is told."""
        groups = [{**group, "members": []} if group["uuid"] in self.apart else group
                  for group in document["security_groups"]]
        members = [{"uuid": f"{group['uuid']}.{member}", "group": group["uuid"], "address": member}
                   for group in document["security_groups"] if group["uuid"] in self.apart
                   for member in group["members"]]
        return {**document, "security_groups": groups, "security_group_members": members}

    def change(self, document):
        """Another document, and the patch that leads to it: what to upsert, what to remove."""
        before = self.told(document)
        kinds = {"security_groups": [self.group(uuid) for uuid in self.some(GROUPS, 2)],
                 "ports": [self.port(place) for place in self.some(PORTS, 2)]}
        if self.random.random() < 0.3:  # one member more or less
            group = dict(self.random.choice(document["security_groups"]))
            member = self.random.choice(OUTSIDE + [port[2] for port in PORTS])
            group["members"] = sorted(set(group["members"]) ^ {member})
            kinds["security_groups"] = [group]
        after = dict(document)
        for section, objects in kinds.items():
            new = {value["uuid"]: value for value in objects}
            after[section] = [new.get(value["uuid"], value) for value in document[section]]
        return after, *patch(before, self.told(after))

    def flow(self):
        random = self.random
        l2 = random.choice(["l2-a", "l2-a", "l2-b"])
        places = [(uuid, address) for uuid, network, address in PORTS if network == l2]
        places += [("", address) for address in self.random.sample(OUTSIDE, 2)]
        (source, src), (target, dst) = random.sample(places, 2)
        while not source and not target:
            (source, src), (target, dst) = random.sample(places, 2)
        protocol = random.choice(["tcp", "tcp", "udp", "udp", "icmp", "other"])
        sport = dport = 0
        if protocol in ("tcp", "udp"):
            sport = random.choice([random.randint(1024, 65534), 67, 68])
            dport = random.choice(PORT_NUMBERS + [random.randint(1, 65535)])
        elif protocol == "icmp":
            sport = random.randint(1, 65535)
        assert ipaddress.ip_address(src) != ipaddress.ip_address(dst)
        return Flow(l2, source, target, src, dst, protocol, sport, dport)
