#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills controllerd again and again while a cloud is built up: controller_kills.py KILLS SEED SOCKET COMMAND...

COMMAND starts a daemon, which listens at SOCKET; its store is empty at first. A cloud is built up and
taken down once undisturbed, and the model is read after each call; then again and again with kills.
After a kill the model is what it was before the call or what it was after, and after it if the call
was answered. So each disturbed cloud ends equal to the undisturbed one, and leaves nothing."""
import argparse
import json
import random
import re
import subprocess
import sys
import time

import varlink

PATIENCE = 60
# What is never the same twice: whoever made it up, names are not.
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DRAWN = {"created_ms", "changed_ms", "number", "mac"}
# Whose objects say who called and when, not what there is.
APART = {"session", "audit"}


def create(type_name, uuid, **spec):
    return "Create", {"type": type_name, "spec": {"uuid": uuid} | spec}


def named(type_name, uuid, **spec):
    return create(type_name, uuid, name=uuid, **spec)


def update(type_name, uuid, **spec):
    return "Update", {"type": type_name, "uuid": uuid, "spec": spec}


def delete(type_name, uuid):
    return "Delete", {"type": type_name, "uuid": uuid}


def action(type_name, uuid, name, **parameters):
    return "Action", {"type": type_name, "uuid": uuid, "action": name, "parameters": parameters}


def foundation():
    yield named("zone", "zone")
    yield named("cluster", "cluster", zone="zone")
    for n in (1, 2):
        device = [{"name": "em01", "addresses": [f"10.12.0.{n}/8"]}]
        yield named("host", f"host-{n}", cluster="cluster", address=f"10.12.0.{n}", devices=device)
    yield named("vxlan_pool", "pool", zone="zone", start_vni=100, end_vni=102)
    yield action("vxlan_pool", "pool", "attach_cluster", cluster="cluster", vtep_cidr="10.0.0.0/8")
    yield named("l2_network", "l2-public", zone="zone", type="novlan", device="em01",
                clusters=["cluster"])
    yield named("l2_network", "l2-management", zone="zone", type="vlan", device="em01", vlan=29,
                clusters=["cluster"])
    # As many addresses as there are VIPs, with the router's: what is drawn is always the same.
    yield named("l3_network", "public", l2_network="l2-public", category="public",
                start="10.108.10.1", end="10.108.10.7", netmask="255.0.0.0", gateway="10.0.0.1")
    yield named("l3_network", "management", l2_network="l2-management", category="system",
                start="192.168.29.10", end="192.168.29.10", netmask="255.255.255.0",
                gateway="192.168.29.1")
    for n in range(1, 7):
        yield named("vip", f"vip-{n}", network="public", address=f"10.108.10.{n}")
    yield named("router_image", "image", url="http://images/vrouter.qcow2")
    yield named("router_offering", "offering", zone="zone", cpus=1, memory_mib=512, image="image",
                management_network="management", public_network="public")


def networks():
    yield named("vpc_router", "vpc", offering="offering")
    # Large enough that the DHCP server, whose address is drawn, has none of those named here.
    for n, name in enumerate(("web", "app", "spare")):
        yield named("l2_network", f"l2-{name}", vxlan_pool="pool", type="vxlan", vni=100 + n)
        yield named("l3_network", name, l2_network=f"l2-{name}", category="private",
                    architecture="vpc", vpc_router="vpc", cidr=f"172.{20 + n}.0.0/16")
    for n, network in enumerate(("web", "app")):
        for guest in (1, 2, 3):
            name = f"{network}-{guest}"
            yield named("vm", f"vm-{name}", cluster="cluster", host=f"host-{guest % 2 + 1}")
            yield create("nic", name, vm=f"vm-{name}", l3_network=network,
                         address=f"172.{20 + n}.0.{100 + guest}")
    yield action("vpc_router", "vpc", "detach_network", network="spare")
    yield action("vpc_router", "vpc", "attach_network", network="spare")


def services():
    yield named("security_group", "group", l3_networks=["web", "app"], nics=["web-1", "app-1"])
    yield create("security_group_rule", "rule-1", security_group="group", direction="ingress",
                 protocol="tcp", start_port=22, end_port=22)
    yield create("security_group_rule", "rule-2", security_group="group", direction="egress",
                 protocol="all")
    yield action("security_group", "group", "bind_nic", nic="web-2")
    yield named("eip", "eip", vip="vip-1", nic="web-1")
    yield action("eip", "eip", "unbind")
    yield action("eip", "eip", "bind", nic="app-1")
    yield named("port_forward", "forward", vip="vip-2", protocol="tcp", vip_ports="24",
                target_ports="22", nic="web-2")
    yield create("vip_qos", "limit", vip="vip-2", up_mbps=10)
    yield named("load_balancer", "balancer", vip="vip-3")
    yield named("listener", "listener", load_balancer="balancer", protocol="http", port=80,
                target_port=8080, nics=["web-1", "web-2"])
    yield update("listener", "listener", idle_timeout_s=90)
    yield named("ipsec_connection", "tunnel", vip="vip-4", remote_address="203.0.113.1",
                remote_cidrs=["10.99.0.0/16"], local_networks=["web"], psk="planted-secret")
    yield named("route_table", "table", vpc_routers=["vpc"])
    yield create("route_entry", "entry", route_table="table", destination="10.77.0.0/16",
                 next_hop="172.20.0.101")
    yield update("vm", "vm-web-1", description="changed")


def ends():
    """What is taken away again, with all that follows it; the accounts with what they own."""
    yield named("account", "tenant", password="planted-secret")
    yield action("vm", "vm-app-3", "change_owner", account="tenant")
    yield delete("security_group_rule", "rule-1")
    yield delete("port_forward", "forward")
    yield delete("vm", "vm-web-2")
    yield delete("route_table", "table")
    yield delete("vip", "vip-4")
    yield delete("account", "tenant")
    yield delete("l3_network", "spare")


def taken_down(calls):
    """Deletes what is left, the youngest first."""
    made = {(parameters["type"], parameters["spec"]["uuid"]): None
            for method, parameters in calls if method == "Create"}
    return [delete(*one) for one in reversed(made)]


def story():
    calls = [*foundation(), *networks(), *services(), *ends()]
    return calls + taken_down(calls)


class Controller:
    def __init__(self, socket, command):
        self.path, self.command = socket, command
        self.process = self.client = None

    def launch(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)

    def start(self):
        """Returns when it answers."""
        self.launch()
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.client = varlink.Client(self.path, "io.weft.Controller", PATIENCE)
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("controllerd does not start") from None
                time.sleep(0.002)

    def kill(self):
        self.process.kill()
        self.process.wait()
        if self.client:
            self.client.close()
            self.client = None

    def call(self, method, parameters):
        """Whether it was done, or there was nothing to do it to."""
        self.client.send(method, parameters)
        return self.answer()

    def answer(self):
        try:
            self.client.receive()
        except varlink.VarlinkError as error:
            if error.name != "NotFound":
                raise
            return False
        return True

    def query(self, type_name):
        return self.client.call("Query", {"type": type_name})["objects"]

    def model(self):
        """All there is, an object a line."""
        types = [one["name"] for one in self.client.call("Describe")["types"]]
        dhcp = {one["dhcp_address"] for one in self.query("l3_network") if one.get("dhcp_address")}
        lines = []
        for name in types:
            for found in self.query(name) if name not in APART else ():
                kept = {key: "DHCP" if isinstance(value, str) and value in dhcp else value
                        for key, value in found.items() if key not in DRAWN}
                lines.append(f"{name} {UUID.sub('DRAWN', json.dumps(kept, sort_keys=True))}")
        return sorted(lines)

    def written_down(self):
        """How many calls were done, as the audit has it."""
        return self.client.call("Query", {
            "type": "audit", "limit": 1, "count": True, "conditions": [
                {"field": "result", "op": "=", "value": "ok"}]})["total"]


def different(one, other):
    return "\n".join([f"- {line}" for line in one if line not in other] +
                     [f"+ {line}" for line in other if line not in one])


class Kills:
    def __init__(self, options):
        self.kills, self.random = options.kills, random.Random(options.seed)
        self.controller = Controller(options.socket, options.command)
        self.counts = {"answered": 0, "done unasked": 0, "lost": 0, "killed at start": 0}
        self.models, self.effects = [], []

    def kills_done(self):
        return sum(self.counts.values()) - self.counts["killed at start"]

    def undisturbed(self):
        self.models = [self.controller.model()]
        for call in story():
            self.effects.append(self.controller.call(*call))
            self.models.append(self.controller.model())

    def restart(self):
        self.controller.kill()
        while self.random.random() < 0.3:
            self.controller.launch()
            time.sleep(self.random.random() * self.random.choice([0.005, 0.1]))
            self.controller.kill()
            self.counts["killed at start"] += 1
        self.controller.start()

    def disturbed(self, number, call):
        """The call, with a kill somewhere, and again if it was lost; what is wrong, or None."""
        before, after = self.models[number:number + 2]
        written = self.controller.written_down()
        self.controller.client.send(*call)
        answered = self.random.random() < 0.3
        if answered:
            self.controller.answer()
        else:
            time.sleep(self.random.random() * self.random.choice([0, 0.001, 0.003, 0.02]))
        self.restart()
        now, written = self.controller.model(), self.controller.written_down() - written
        if now == after and written == self.effects[number]:
            self.counts["answered" if answered else "done unasked"] += 1
            return None
        if answered or now != before or written:
            return f"{written} calls written down\n{different(after, now)}"
        self.counts["lost"] += 1
        return self.disturbed(number, call)

    def again(self):
        """A whole cloud with kills; what is wrong, or None."""
        for number, call in enumerate(story()):
            if self.kills_done() < self.kills and self.random.random() < 0.7:
                if wrong := self.disturbed(number, call):
                    return f"{call}: {wrong}"
            else:
                self.controller.call(*call)
        wrong = different(self.models[-1], self.controller.model())
        return f"the end: {wrong}" if wrong else None

    def run(self):
        self.controller.start()
        self.undisturbed()
        if left := different(self.models[0], self.models[-1]):
            print(f"it is not taken down:\n{left}")
            return 1
        while self.kills_done() < self.kills:
            if wrong := self.again():
                print(f"kill {self.kills_done()}: {wrong}")
                return 1
        self.controller.kill()
        print(f"{self.kills_done()} kills of {len(self.models) - 1} calls: {self.counts}")
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("socket")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    try:
        return Kills(options).run()
    except (varlink.VarlinkError, RuntimeError, OSError) as error:
        print(f"failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
