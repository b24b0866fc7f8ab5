# SPDX-License-Identifier: GPL-2.0-or-later
"""Random documents, random changes of them, random packets for them. All valid: a refusal by the
daemon is a fault of one of the two."""
import copy
import ipaddress
import itertools

import packet as packets

NICS = ([("mgt", "fa:00:00:00:00:00")]
        + [(f"pub{n}", f"fa:00:00:00:01:0{n}") for n in range(3)]
        + [(f"pri{n}", f"fa:00:00:00:02:0{n}") for n in range(4)])
MACS = dict(NICS)
PRIVATE_POOL = ["192.168.10.0/24", "192.168.11.0/25", "172.16.0.0/16", "172.20.4.0/22",
                "10.200.0.0/20", "10.201.7.0/28", "192.168.77.64/26", "172.31.255.0/24"]
PUBLIC_POOL = ["10.1.0.0/16", "10.64.0.0/10", "203.0.113.0/24", "100.64.3.0/24"]
FAR = ["198.51.100.10", "198.51.100.77", "8.8.4.4", "192.0.2.33", "1.2.3.4"]
ROUTED = ["172.18.0.0/24", "172.18.0.0/16", "192.0.2.0/24", "192.0.2.32/27", "10.250.0.0/16"]
PROTOCOLS = ["tcp", "udp"]
USERS_OF_VIPS = ("eips", "port_forwards", "load_balancers")
SECTIONS = ("interfaces", "vips", *USERS_OF_VIPS, "routes", "firewall")
LISTENED = [80, 443, 5901, 8000, 8443]


class Generator:
    def __init__(self, random):
        self.random = random
        self.serial = itertools.count(1)

    def uuid(self, kind):
        # Random in front: the order of uuids is not the order of birth.
        return f"{self.random.randrange(0x1000):03x}-{kind}-{next(self.serial)}"

    def chance(self, part):
        return self.random.random() < part

    def address(self, subnet, document=None):
        """A free host address, not among the first ten or the last: those have roles."""
        taken = addresses_of(document) if document else set()
        size = subnet.num_addresses
        low = 10 if size > 32 else 4
        while True:
            ip = str(subnet[self.random.randrange(low, min(size - 2, low + 60))])
            if ip not in taken:
                return ip

    # -- a whole document --------------------------------------------------------------------

    def document(self):
        document = {"revision": 1, "router": {"uuid": "r-1", "name": "vpc-1"}, "interfaces": []}
        publics = self.random.sample(PUBLIC_POOL, self.random.choice([1, 1, 1, 2, 2, 3]))
        for n, subnet in enumerate(publics):
            self.add_public(document, n, subnet)
        if self.chance(0.7):
            gated = [i for i in document["interfaces"] if "gateway" in i]
            if gated:
                self.random.choice(gated)["default_route"] = True
        if self.chance(0.9):
            document["interfaces"].append(
                {"uuid": "if-mgt", "mac": MACS["mgt"], "role": "management", "network": "l3-mgt",
                 "addresses": ["192.168.29.10/24"], "gateway": "192.168.29.1"})
        for n in range(self.random.randrange(1, 5)):
            self.add_private(document, n)
        self.random.shuffle(document["interfaces"])
        if self.chance(0.08):
            document["dns"] = {"forwarders": ["198.51.100.53"]}
        for count, add in ((10, self.add_vip), (8, self.add_eip), (8, self.add_forward),
                           (4, self.add_route)):
            for _ in range(self.random.randrange(count)):
                add(document)
        if self.chance(0.1):
            for _ in range(self.random.randrange(1, 4)):
                self.add_balancer(document)
        if self.chance(0.3):
            document["router"]["private_default"] = "accept"
        if self.chance(0.3):
            for _ in range(self.random.randrange(1, 6)):
                self.add_rule(document)
        return document

    def add_public(self, document, n, subnet):
        subnet = packets.network(subnet)
        value = {"uuid": f"if-pub{n}", "mac": MACS[f"pub{n}"], "role": "public",
                 "network": f"l3-pub{n}", "mtu": 1500,
                 "addresses": [f"{self.address(subnet, document)}/{subnet.prefixlen}"]}
        if self.chance(0.9):
            value["gateway"] = str(subnet[1])
        document["interfaces"].append(value)
        if self.chance(0.15):
            value["addresses"].append(f"{self.address(subnet, document)}/{subnet.prefixlen}")

    def add_private(self, document, n=None):
        used = {i["mac"] for i in document["interfaces"]}
        free = [k for k in range(4) if MACS[f"pri{k}"] not in used]
        pool = [s for s in PRIVATE_POOL if not any(
            packets.network(s).overlaps(packets.network(a))
            for i in document["interfaces"] for a in i["addresses"])]
        if not free or not pool:
            return
        n = free[0] if n is None else n
        subnet = packets.network(self.random.choice(pool))
        value = {"uuid": f"if-pri{n}", "mac": MACS[f"pri{n}"], "role": "private",
                 "network": f"l3-pri{n}", "snat": self.chance(0.8),
                 "addresses": [f"{subnet[1]}/{subnet.prefixlen}"]}
        pool.remove(str(subnet))
        if pool and self.chance(0.1):
            second = packets.network(pool[0])
            value["addresses"].append(f"{second[1]}/{second.prefixlen}")
        document["interfaces"].append(value)

    # -- single objects ----------------------------------------------------------------------

    def add_vip(self, document):
        link = self.random.choice(links(document, "public"))
        system = self.chance(0.2)
        address = (link["addresses"][0].split("/")[0] if system
                   else self.address(subnets(link)[0], document))
        if any(vip["address"] == address for vip in document.get("vips", [])):
            return
        document.setdefault("vips", []).append(
            {"uuid": self.uuid("vip"), "address": address, "network": link["network"],
             "system": system})

    def target(self, document):
        subnet = self.random.choice([s for link in links(document, "private")
                                     for s in subnets(link)])
        return self.address(subnet, document)

    def add_eip(self, document):
        users = {user["vip"] for section in USERS_OF_VIPS for user in document.get(section, [])}
        free = [vip["uuid"] for vip in document.get("vips", [])
                if vip["uuid"] not in users and not vip.get("system")]
        if not free:
            return
        targets = [eip["target"] for eip in document.get("eips", [])]
        target = (self.random.choice(targets) if targets and self.chance(0.25)
                  else self.target(document))
        document.setdefault("eips", []).append(
            {"uuid": self.uuid("eip"), "vip": self.random.choice(free), "target": target})

    def add_forward(self, document):
        taken = {eip["vip"] for eip in document.get("eips", [])}
        free = [vip["uuid"] for vip in document.get("vips", []) if vip["uuid"] not in taken]
        if not free:
            return
        first = self.random.choice([22, 80, 443, 5900, 8000, 30000])
        length = self.random.choice([1, 1, 1, 3, 11])
        value = {"uuid": self.uuid("pf"), "vip": self.random.choice(free),
                 "protocol": self.random.choice(PROTOCOLS), "vip_ports": ports(first, length),
                 "target": self.target(document)}
        shape = self.random.randrange(3)
        if shape:
            value["target_ports"] = ports(first + (shape - 1) * self.random.choice([1, 2, 100]),
                                          length)
        if self.chance(0.4):
            value["allowed_cidr"] = self.allowed(document)
        if self.is_free(document, value):
            document.setdefault("port_forwards", []).append(value)

    def is_free(self, document, forward):
        """Ports of a VIP are forwarded once, a target's through one VIP; TCP 22 of the router's own
        address is for management where no network is."""
        vip = next(vip for vip in document["vips"] if vip["uuid"] == forward["vip"])
        if (vip.get("system") and forward["protocol"] == "tcp" and overlap(
                forward["vip_ports"], "22") and not links(document, "management")):
            return False
        if any(overlap(str(port), forward["vip_ports"])
               for port in listened(document, forward["vip"])):
            return False
        return not any(
            other["target"] == forward["target"] if other["vip"] != forward["vip"] else
            other["protocol"] == forward["protocol"] and overlap(other["vip_ports"],
                                                                 forward["vip_ports"])
            for other in document.get("port_forwards", []) if other is not forward)

    def add_balancer(self, document):
        """A port of a VIP is one service's, whatever the protocol."""
        taken = {eip["vip"] for eip in document.get("eips", [])}
        free = [vip["uuid"] for vip in document.get("vips", []) if vip["uuid"] not in taken]
        if not free:
            return
        vip = self.random.choice(free)
        ports_free = [port for port in LISTENED if port not in listened(document, vip) and not any(
            forward["vip"] == vip and overlap(str(port), forward["vip_ports"])
            for forward in document.get("port_forwards", []))]
        chosen = self.random.sample(ports_free, min(len(ports_free), self.random.choice([1, 2])))
        document.setdefault("load_balancers", []).append(
            {"uuid": self.uuid("lb"), "vip": vip, "listeners": [
                {"uuid": self.uuid("ls"), "protocol": self.random.choice(["tcp", "http"]),
                 "port": port, "target_port": 100, "members": [
                     {"uuid": self.uuid("m"), "address": self.target(document)}]}
                for port in chosen]})

    def allowed(self, document):
        subnet = self.random.choice([s for link in document["interfaces"]
                                     for s in subnets(link)])
        half = next(iter(subnet.subnets(new_prefix=min(subnet.prefixlen + 2, 30))))
        return self.random.choice([str(subnet), str(half), "198.51.100.0/24",
                                   self.address(subnet, document) + "/32", "0.0.0.0/0"])

    def add_route(self, document):
        link = self.random.choice(links(document, "public") + links(document, "private"))
        shape = self.random.random()
        value = {"uuid": self.uuid("rt"), "destination": self.random.choice(ROUTED),
                 "type": "static", "next_hop": str(subnets(link)[0][3]),
                 "priority": self.random.choice([1, 10, 128, 254])}
        if shape < 0.2:
            value["type"] = "blackhole"
            del value["next_hop"]
        elif shape < 0.27:
            value["next_hop"] = link["addresses"][0].split("/")[0]
        elif shape < 0.34:
            value["next_hop"] = "198.18.0.1"
        elif shape < 0.4:
            value["destination"] = str(subnets(link)[0])
        if any((route["destination"], route["priority"]) == (
                value["destination"], value["priority"]) for route in document.get("routes", [])):
            return
        document.setdefault("routes", []).append(value)

    def add_rule(self, document):
        link = self.random.choice(document["interfaces"])
        value = {"uuid": self.uuid("fw"), "interface": link["uuid"],
                 "direction": self.random.choice(["in", "out"]),
                 "priority": self.random.randrange(1001, 1030),
                 "action": self.random.choice(["accept", "drop", "drop", "reject"]),
                 "protocol": self.random.choice(["all", "tcp", "udp", "icmp", "tcp"])}
        if any((rule["interface"], rule["direction"], rule["priority"]) == (
                value["interface"], value["direction"], value["priority"])
               for rule in document.get("firewall", [])):
            return
        if self.chance(0.4):
            value["source"] = self.allowed(document)
        if self.chance(0.3):
            value["destination"] = self.allowed(document)
        if value["protocol"] in PROTOCOLS and self.chance(0.6):
            value["destination_ports"] = self.random.choice(["22", "22,8000-8080", "80,443",
                                                             "1-1023"])
        document.setdefault("firewall", []).append(value)

    # -- a change ----------------------------------------------------------------------------

    def change(self, document):
        """Another document: one or two objects added, removed or made different."""
        document = copy.deepcopy(document)
        changes = [self.add_vip, self.add_eip, self.add_eip, self.add_forward, self.add_forward,
                   self.add_balancer, self.add_route, self.add_rule, self.add_private, self.remove, self.remove,
                   self.retarget, self.alter]
        for _ in range(self.random.choice([1, 1, 2, 4])):
            self.random.choice(changes)(document)
        document["revision"] += 1
        return document

    def remove(self, document):
        sections = [section for section in SECTIONS if document.get(section)]
        if not sections:
            return
        section = self.random.choice(sections)
        value = self.random.choice(document[section])
        if section == "interfaces":
            if value["role"] != "private" or len(links(document, "private")) == 1:
                return
        document[section].remove(value)
        self.cascade(document, section, value)

    def cascade(self, document, section, gone):
        """Nothing stays that hangs on what is gone."""
        if section == "vips":
            for users in USERS_OF_VIPS:
                document[users] = [user for user in document.get(users, [])
                                   if user["vip"] != gone["uuid"]]
        if section == "interfaces":
            there = subnets(gone)
            for users in ("eips", "port_forwards"):
                document[users] = [user for user in document.get(users, []) if not any(
                    ipaddress.ip_address(user["target"]) in s for s in there)]
            document["load_balancers"] = [
                balancer for balancer in document.get("load_balancers", [])
                if not any(ipaddress.ip_address(member["address"]) in s for s in there
                           for listener in balancer["listeners"]
                           for member in listener["members"])]
            document["firewall"] = [rule for rule in document.get("firewall", [])
                                    if rule["interface"] != gone["uuid"]]

    def retarget(self, document):
        users = document.get("eips", []) + document.get("port_forwards", [])
        if users:
            user = self.random.choice(users)
            held, user["target"] = user["target"], self.target(document)
            if "vip_ports" in user and not self.is_free(document, user):
                user["target"] = held

    def alter(self, document):
        link = self.random.choice(links(document, "private"))
        link["snat"] = not link["snat"]
        for forward in document.get("port_forwards", [])[:1]:
            forward["allowed_cidr"] = self.random.choice([None, self.allowed(document)])
        for rule in document.get("firewall", [])[:1]:
            rule["action"] = self.random.choice(["accept", "drop", "reject"])

    # -- packets -----------------------------------------------------------------------------

    def packet(self, document, evaluator, tag):
        """(interface's uuid, packet, MAC of its sender's) or None where chance made none."""
        link = self.random.choice(document["interfaces"])
        src, via = self.source(document, evaluator, link)
        if src is None:
            return None
        dst = self.destination(document, link)
        if src == dst or src in addresses_of(document):
            return None
        protocol = self.random.choice(["icmp", "tcp", "tcp", "udp", "udp", "other"])
        dport = 0
        if protocol in PROTOCOLS:
            dport = self.port(document)
        kind = {"icmp": "request", "tcp": "syn"}.get(protocol, "")
        packet = packets.Packet(src, dst, protocol, 20000 + tag if protocol != "other" else 0,
                                dport, tag, kind, 33)
        return link["uuid"], packet, packets.mac_of(via)

    def source(self, document, evaluator, link):
        subnet = self.random.choice(subnets(link))
        if link["role"] == "private" and self.chance(0.4):
            mine = [user["target"] for section in ("eips", "port_forwards")
                    for user in document.get(section, [])
                    if any(ipaddress.ip_address(user["target"]) in s for s in subnets(link))]
            if mine:
                src = self.random.choice(mine)
                return src, src
        if link["role"] == "public" and self.chance(0.2):
            for route in evaluator.routes:
                hop = route.get("next_hop")
                if hop and any(ipaddress.ip_address(hop) in s for s in subnets(link)):
                    src = str(packets.network(route["destination"])[40 % packets.network(
                        route["destination"]).num_addresses])
                    if evaluator.route(src) == (evaluator.by_uuid[link["uuid"]], hop):
                        return src, hop
        if link["role"] == "public" and self.chance(0.4) and "gateway" in link:
            src = self.random.choice(FAR)
            if any(ipaddress.ip_address(src) in packets.network(route["destination"])
                   for route in evaluator.routes):
                return None, None
            return src, link["gateway"]
        src = self.address(subnet, document)
        if evaluator.connected(src)[0].uuid != link["uuid"]:
            return None, None
        return src, src

    def destination(self, document, link):
        pick = self.random.random()
        vips = document.get("vips", [])
        if vips and pick < 0.5:
            return self.random.choice(vips)["address"]
        if pick < 0.6:
            return self.random.choice(link["addresses"]).split("/")[0]
        if pick < 0.7:
            return self.random.choice(FAR)
        if pick < 0.8 and document.get("routes"):
            network = packets.network(self.random.choice(document["routes"])["destination"])
            return str(network[40 % network.num_addresses])
        other = self.random.choice(document["interfaces"])
        return self.address(self.random.choice(subnets(other)), document)

    def port(self, document):
        """Mostly ports that mean something, or stand just beside one."""
        forwards = document.get("port_forwards", [])
        if document.get("load_balancers") and self.chance(0.5):
            return self.random.choice(LISTENED)
        if forwards and self.chance(0.7):
            first, last = bounds(self.random.choice(forwards)["vip_ports"])
            return max(1, min(65535, self.random.choice(
                [first - 1, first, first, last, last, last + 1, (first + last) // 2])))
        return self.random.choice([22, 53, 67, 80, 443, 500, 8000, 9999])


def links(document, role):
    return [link for link in document["interfaces"] if link["role"] == role]


def subnets(link):
    return [packets.network(address) for address in link["addresses"]]


def addresses_of(document):
    """All that the router itself has, and its gateways."""
    taken = {address.split("/")[0] for link in document["interfaces"]
             for address in link["addresses"]}
    taken |= {link["gateway"] for link in document["interfaces"] if "gateway" in link}
    return taken | {vip["address"] for vip in document.get("vips", [])}


def listened(document, vip):
    """The ports of a VIP that load balancers have."""
    return [listener["port"] for balancer in document.get("load_balancers", [])
            if balancer["vip"] == vip for listener in balancer["listeners"]]


def ports(first, length):
    return str(first) if length == 1 else f"{first}-{first + length - 1}"


def bounds(text):
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def overlap(one, other):
    (a, b), (c, d) = bounds(one), bounds(other)
    return a <= d and c <= b


def patch(have, want):
    """The Patch that makes one document the other."""
    upsert, remove = {}, {}
    for section in SECTIONS:
        held = {value["uuid"]: value for value in have.get(section, [])}
        wanted = {value["uuid"]: value for value in want.get(section, [])}
        changed = [value for uuid, value in wanted.items() if held.get(uuid) != value]
        gone = [uuid for uuid in held if uuid not in wanted]
        if changed:
            upsert[section] = changed
        if gone:
            remove[section] = gone
    return {"base_revision": have["revision"], "revision": want["revision"], "upsert": upsert,
            "remove": remove}


def sentinels(document):
    """Who asks for which of the router's addresses on each NIC; see world.py."""
    names = {mac: name for name, mac in NICS}
    vips = document.get("vips", [])
    found = {}
    for link in document["interfaces"]:
        own = {address.split("/")[0] for address in link["addresses"]}
        own |= {vip["address"] for vip in vips if vip["network"] == link["network"]}
        first = link["addresses"][0]
        found[names[link["mac"]]] = (str(packets.network(first)[2]), first.split("/")[0], own)
    return found
