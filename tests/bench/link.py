#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a change of the model costs until the last agent has its patch, and what agents cost that are
there.

link.py [HOSTS [NETWORKS [GUESTS]]]: a controller with so many hosts (1000), on so many VXLANs (1),
each network's hosts a cluster with a pool; so many guests (one for each host) with a NIC in their
host's network, those of a network in one security group. All agents are connected; then a rule of
the first group, user data of a guest, and a guest that comes to the first network. Agents are only
listened for: what they make of a patch is measured elsewhere."""
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import selectors
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WEFT_BIN", ROOT / "build/bin"))
sys.path.insert(0, str(ROOT / "tests/lib"))
from varlink import Client  # noqa: E402

PORT = 7543
REVISION = re.compile(rb'"revision":(\d+)')


class Agent:
    """A connection over TLS: a Watch, of which each answer is counted, or one that reports."""

    def __init__(self, context):
        plain = socket.create_connection(("127.0.0.1", PORT), 600)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = context.wrap_socket(plain, server_hostname="controllerd")
        self.held = b""
        self.second = None  # who watches reports there

    def send(self, method, parameters, more=False):
        self.stream.sendall(json.dumps({"method": f"io.weft.AgentLink.{method}", "more": more,
                                        "parameters": parameters}).encode() + b"\0")

    def receive(self):
        """Whole answers that are there now, as texts; waits for one while there is none."""
        parts = [self.held]
        while True:
            data = self.stream.recv(1 << 20)
            if not data:
                raise ConnectionError("closed")
            parts.append(data)
            while self.stream.pending():
                parts.append(self.stream.recv(1 << 20))
            if b"\0" in parts[-1]:
                *whole, self.held = b"".join(parts).split(b"\0")
                return whole


def main():
    numbers = [int(number) for number in sys.argv[1:]] or [1000]
    hosts, networks = numbers[0], (numbers[1:] or [1])[0]
    guests = (numbers[2:] or [hosts])[0]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        daemon = subprocess.Popen([BIN / "controllerd", "--state-dir", path / "state", "--socket",
                                   f"unix:{path}/socket", "--agents", f"tcp:127.0.0.1:{PORT}"],
                                  stderr=(path / "log").open("w"))
        try:
            measure(path, daemon, hosts, networks, guests)
        finally:
            daemon.terminate()
            daemon.wait()
            told = [line for line in (path / "log").read_text().splitlines()
                    if "is there, at" not in line and "is gone" not in line]
            print("\n".join(told[-5:]) if daemon.returncode else "", end="")


def connect(path):
    while True:
        try:
            return Client(f"{path}/socket", "io.weft.Controller", timeout=600)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.05)


class Cloud:
    """Many calls at once, each on the connection of its thread."""

    def __init__(self, path):
        self.path = path
        self.own = threading.local()

    def call(self, method, parameters):
        if not hasattr(self.own, "client"):
            self.own.client = connect(self.path)
        return self.own.client.call(method, parameters)

    def create(self, type_name, **spec):
        return self.call("Create", {"type": type_name, "spec": spec})["object"]["uuid"]

    def each(self, one, numbers):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            return list(pool.map(one, numbers))


def address_of(host):
    return f"10.{host // 62500}.{host // 250 % 250}.{host % 250 + 1}"


def make(cloud, hosts, networks, guests):
    zone = cloud.create("zone", name="z")
    for n in range(networks):
        cluster = cloud.create("cluster", name=f"c{n}", uuid=f"c{n}", zone=zone)
        pool = cloud.create("vxlan_pool", name=f"p{n}", uuid=f"p{n}", zone=zone, start_vni=1,
                            end_vni=networks)
        cloud.call("Action", {"type": "vxlan_pool", "uuid": pool, "action": "attach_cluster",
                              "parameters": {"cluster": cluster, "vtep_cidr": "10.0.0.0/8"}})
        l2 = cloud.create("l2_network", name=f"l2-{n}", zone=zone, type="vxlan", vxlan_pool=pool)
        cloud.create("l3_network", name=f"l3-{n}", uuid=f"l3-{n}", l2_network=l2,
                     category="private", architecture="flat", cidr="192.168.0.0/16")

    def host(n):
        cloud.create("host", name=f"h{n}", uuid=f"h{n}", cluster=f"c{n % networks}",
                     address=address_of(n),
                     devices=[{"name": "em01", "addresses": [f"{address_of(n)}/8"]}])

    def guest(n):
        cloud.create("vm", name=f"v{n}", uuid=f"v{n}", cluster=f"c{n % hosts % networks}",
                     host=f"h{n % hosts}", networks=[f"l3-{n % hosts % networks}"])

    def group(n):
        nics = cloud.call("Query", {"type": "nic", "limit": 10000, "conditions": [
            {"field": "l3_network", "op": "=", "value": f"l3-{n}"}]})["objects"]
        cloud.create("security_group", name=f"sg-{n}", uuid=f"sg-{n}", l3_networks=[f"l3-{n}"],
                     nics=[nic["uuid"] for nic in nics])

    cloud.each(host, range(hosts))
    cloud.each(guest, range(guests))
    cloud.each(group, range(networks))


def measure(path, daemon, hosts, networks, guests):
    cloud = Cloud(path)
    make(cloud, hosts, networks, guests)
    print(f"{hosts} hosts, {guests} guests, on {networks} VXLANs, those of each in one group; "
          f"{resident_mib(daemon):.0f} MiB", flush=True)
    contexts = enrol(path, cloud, hosts)
    first = list(range(0, hosts, networks))  # those of the first network
    agents = dial(contexts, daemon)
    selector = selectors.DefaultSelector()
    for agent in agents:
        selector.register(agent.stream, selectors.EVENT_READ, agent)
    for what, act in (
            ("a rule of a group", lambda: cloud.create(
                "security_group_rule", security_group="sg-0", direction="ingress", protocol="tcp",
                start_port=1, end_port=2)),
            ("user data of one guest", lambda: cloud.call("Update", {
                "type": "vm", "uuid": "v7", "spec": {"user_data": "aGVsbG8="}})),
            ("a guest that comes to the VXLAN", lambda: (
                cloud.create("vm", name="new", uuid="new", cluster="c0", host="h0"),
                cloud.create("nic", uuid="new", vm="new", l3_network="l3-0")))):
        timed(what, act, selector, 1 if "user data" in what else len(first), daemon)
    used, begin = cpu_s(daemon), time.monotonic()
    time.sleep(20)
    print(f"while nothing happens: {(cpu_s(daemon) - used) / (time.monotonic() - begin) * 100:.1f} "
          f"% of a processor; {resident_mib(daemon):.0f} MiB")


def cpu_s(daemon):
    fields = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(daemon):
    for line in pathlib.Path(f"/proc/{daemon.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def timed(what, act, selector, wanted, daemon):
    begin, used = time.monotonic(), cpu_s(daemon)
    act()
    answered = time.monotonic() - begin
    heard, size = set(), 0
    while len(heard) < wanted:
        for key, _ in selector.select(60):
            for answer in key.data.receive():
                size += len(answer)
                heard.add(key.data)
    print(f"{what}: answered after {answered * 1000:.0f} ms, {len(heard)} agents had it after "
          f"{(time.monotonic() - begin) * 1000:.0f} ms, {size / len(heard):.0f} bytes each; "
          f"controllerd {cpu_s(daemon) - used:.2f} s of processor", flush=True)


def enrol(path, cloud, hosts):
    """All with one key: the name is the controller's to say."""
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
                    path / "key", "-out", path / "request"], check=True, capture_output=True)
    request = (path / "request").read_text()
    authority = path / "state/authority/authority.pem"
    strangers = ssl.create_default_context(cafile=authority)

    def one(n):
        token = cloud.call("EnrollmentToken", {"type": "host", "uuid": f"h{n}"})["token"]
        stranger = Agent(strangers)
        stranger.send("Enroll", {"token": token.split(".", 1)[1], "request": request})
        certificate = json.loads(stranger.receive()[0])["parameters"]["certificate"]
        stranger.stream.close()
        pem = path / f"pem{n}"
        pem.write_text(certificate + (path / "key").read_text())
        return pem

    return [(authority, pem) for pem in cloud.each(one, range(hosts))]


def dial(identities, daemon):
    """A context for each handshake alone: they are what takes memory here. Both connections of an
    agent stay open, as long as this process may have so many."""
    spare = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - len(identities) - 200
    begin, used, before = time.monotonic(), cpu_s(daemon), resident_mib(daemon)
    agents, size = [], 0
    for authority, pem in identities:
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(pem)
        agent, agent.second = Agent(context), Agent(context)
        agent.send("Watch", {}, more=True)
        document = agent.receive()[0]
        agent.second.send("Report", {"revision": int(REVISION.search(document)[1]),
                                     "version": "0"})
        agent.second.receive()
        agents.append(agent)
        if len(agents) > spare:
            agent.second.stream.close()
        size += len(document)
    print(f"all have dialled, one after the other, have their documents and have reported: "
          f"{time.monotonic() - begin:.2f} s, {size / len(agents) / 1000:.1f} kB each; controllerd "
          f"{cpu_s(daemon) - used:.2f} s of processor, {before:.0f} to {resident_mib(daemon):.0f} MiB "
          f"with {len(agents) + min(spare, len(agents))} connections", flush=True)
    return agents


main()
