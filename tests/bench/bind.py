# SPDX-License-Identifier: GPL-2.0-or-later
"""Part bind: an elastic IP made through REST, by the controller and a router's agent that has dialled
it, from the call to the first echo that comes back from the address."""
import time

import attach
import cloud
import router
import scene
from namespaces import run
from priority import RealTime

PORT = 7443
RUNS = 100
PATIENCE_S = 30


def zone(one):
    """A VPC router between the client's network and the guest's."""
    one.create("zone", name="zone", uuid="zone")
    one.create("cluster", name="cluster", uuid="cluster", zone="zone")
    for name in ("public", "management", "private"):
        one.create("l2_network", name=name, uuid=f"l2-{name}", zone="zone", type="novlan",
                   device=name, clusters=["cluster"])
    one.create("l3_network", name="public", uuid="public", l2_network="l2-public",
               category="public", start="10.200.0.1", end="10.200.255.254", netmask="255.0.0.0",
               gateway=scene.CLIENT)
    one.create("l3_network", name="management", uuid="management", l2_network="l2-management",
               category="system", cidr="192.168.29.0/24")
    one.create("router_image", name="image", uuid="image", url="http://images/vrouter.qcow2")
    one.create("router_offering", name="offering", uuid="offering", zone="zone", cpus=1,
               memory_mib=512, image="image", management_network="management",
               public_network="public")
    one.create("vpc_router", name="vpc", uuid="vpc", offering="offering")
    one.create("l3_network", name="private", uuid="private", l2_network="l2-private",
               category="private", architecture="vpc", vpc_router="vpc", cidr="172.16.0.0/14")
    one.create("vm", name="guest", uuid="guest", cluster="cluster")
    one.create("nic", uuid="nic", vm="guest", l3_network="private", address=scene.SPARE_GUEST)


class Site(scene.Scene):
    """The machine of the router, with its agent."""

    def __init__(self, one):
        super().__init__("bind")
        cloud.wire(self.name, "172.31.0.1/24", "172.31.0.2/24")
        for nic in one.client.call("Query", {"type": "router_nic"})["objects"]:
            link = {"public": "pub", "private": "lan"}.get(nic["role"])
            if link:
                run("ip", "-n", self.name, "link", "set", link, "address", nic["mac"])
        token = one.client.call("EnrollmentToken", {"type": "vpc_router", "uuid": "vpc"})["token"]
        self.agent = router.Router(scene.BINARY, self.name, scene.STATE,
                                   options=["--controller", f"tcp:172.31.0.1:{PORT}", "--token-file",
                                            str(scene.STATE / "token")])
        path = scene.STATE / "token"
        path.touch(0o600)
        path.write_text(token, encoding="ascii")
        self.agent.start()
        end = time.monotonic() + PATIENCE_S
        while one.client.call("Get", {"type": "vpc_router", "uuid": "vpc"})["object"].get(
                "connection") != "connected":
            if time.monotonic() > end:
                raise RuntimeError(f"the router does not connect: {self.agent.tail()}")
            time.sleep(0.05)

    def close(self):
        self.agent.close()
        super().close()


def bound(rest, client, number):
    """Milliseconds until the call's answer, and until the first echo."""
    address = scene.address("10.200.1.1", number)
    asking = attach.Asking(client, address)
    with RealTime():
        for _ in range(3):
            asking.ask()
            time.sleep(attach.EVERY_S)
        began = time.time_ns()
        rest.send("POST", "eip", {"name": "e", "uuid": "e", "network": "public", "address": address,
                                  "nic": "nic"})
        at = asking.first_answer()
    rest.receive()
    asking.socket.close()
    rest.call("DELETE", "eip/e")
    vip = rest.call("GET", f"vip?q=address={address}")["objects"][0]["uuid"]
    rest.call("DELETE", f"vip/{vip}")
    return (at - began) / 1e6


def measure(figures, _):
    one = cloud.Cloud("control", options=["--agents", f"tcp:0.0.0.0:{PORT}"])
    one.set_password()
    zone(one)
    site = Site(one)
    rest = cloud.Rest(one.folder)
    spent = [bound(rest, site.client, turn) for turn in range(RUNS)]
    figures.note("bind", "EIP through REST, call to first echo", "weft", 1, "ms", spent)
    p99 = sorted(spent)[-1 - RUNS // 100]
    figures.target("an EIP made through REST, first echo", "p99 < 50 ms", f"{p99:.1f} ms", p99 < 50)
    rest.close()
    site.close()
    one.close()
