#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a change of the model costs until the last agent has its patch.

link.py [HOSTS]: a controller with so many hosts (1000), a guest on each, all agents connected; a rule
of the one security group that all guests are in, then a guest that comes. Agents are only listened
for: what they make of a patch is measured elsewhere."""
import json
import os
import pathlib
import selectors
import socket
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WEFT_BIN", ROOT / "build/bin"))
sys.path.insert(0, str(ROOT / "tests/lib"))
from varlink import Client  # noqa: E402

PORT = 7543


class Agent:
    """A Watch over TLS, of which each answer is counted."""

    def __init__(self, context):
        self.stream = context.wrap_socket(socket.create_connection(("127.0.0.1", PORT), 60),
                                          server_hostname="controllerd")
        self.held = b""
        self.answers = []

    def send(self, method, parameters, more=False):
        self.stream.sendall(json.dumps({"method": f"io.weft.AgentLink.{method}", "more": more,
                                        "parameters": parameters}).encode() + b"\0")

    def receive(self):
        """Whole answers that are there now; waits for one while there is none."""
        while True:
            data = self.stream.recv(1 << 20)
            if not data:
                raise ConnectionError("closed")
            self.held += data
            while self.stream.pending():
                self.held += self.stream.recv(1 << 20)
            *whole, self.held = self.held.split(b"\0")
            if whole:
                return [json.loads(text) for text in whole]


def main():
    hosts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        daemon = subprocess.Popen([BIN / "controllerd", "--state-dir", path / "state", "--socket",
                                   f"unix:{path}/socket", "--agents", f"tcp:127.0.0.1:{PORT}"],
                                  stderr=(path / "log").open("w"))
        try:
            measure(path, daemon, hosts)
        finally:
            daemon.terminate()
            daemon.wait()
            print((path / "log").read_text()[-300:] if daemon.returncode else "", end="")


def connect(path):
    while True:
        try:
            return Client(f"{path}/socket", "io.weft.Controller", timeout=300)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.05)


def measure(path, daemon, hosts):
    client = connect(path)

    def create(type_name, **spec):
        return client.call("Create", {"type": type_name, "spec": spec})["object"]["uuid"]

    zone = create("zone", name="z")
    cluster = create("cluster", name="c", zone=zone)
    pool = create("vxlan_pool", name="p", zone=zone, start_vni=1, end_vni=100)
    client.call("Action", {"type": "vxlan_pool", "uuid": pool, "action": "attach_cluster",
                           "parameters": {"cluster": cluster, "vtep_cidr": "10.0.0.0/8"}})
    for n in range(hosts):
        address = f"10.0.{n // 250}.{n % 250 + 1}"
        create("host", name=f"h{n}", uuid=f"h{n}", cluster=cluster, address=address,
               devices=[{"name": "em01", "addresses": [f"{address}/8"]}])
    l2 = create("l2_network", name="l2", zone=zone, type="vxlan", vxlan_pool=pool)
    create("l3_network", name="l3", uuid="l3", l2_network=l2, category="private",
           architecture="flat", cidr="192.168.0.0/16")
    for n in range(hosts):
        create("vm", name=f"v{n}", uuid=f"v{n}", cluster=cluster, host=f"h{n}")
        create("nic", uuid=f"n{n}", vm=f"v{n}", l3_network="l3")
    create("security_group", name="sg", uuid="sg", l3_networks=["l3"],
           nics=[f"n{n}" for n in range(hosts)])
    print(f"{hosts} hosts with a guest each, on one VXLAN, all in one group")
    agents = enrol(path, client, hosts)
    selector = selectors.DefaultSelector()
    for agent in agents:
        selector.register(agent.stream, selectors.EVENT_READ, agent)
    for what, act in (
            ("a rule of the group", lambda: create(
                "security_group_rule", security_group="sg", direction="ingress", protocol="tcp",
                start_port=1, end_port=2)),
            ("user data of one guest", lambda: client.call("Update", {
                "type": "vm", "uuid": "v7", "spec": {"user_data": "aGVsbG8="}})),
            ("a guest that comes to the VXLAN", lambda: (
                create("vm", name="new", uuid="new", cluster=cluster, host="h0"),
                create("nic", uuid="new", vm="new", l3_network="l3")))):
        timed(what, act, selector, 1 if "user data" in what else hosts, daemon)


def cpu_s(daemon):
    fields = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(what, act, selector, wanted, daemon):
    begin, used = time.monotonic(), cpu_s(daemon)
    act()
    answered = time.monotonic() - begin
    heard, size = set(), 0
    while len(heard) < wanted:
        for key, _ in selector.select(60):
            for answer in key.data.receive():
                size += len(json.dumps(answer))
                heard.add(key.data)
    print(f"{what}: answered after {answered * 1000:.0f} ms, {len(heard)} agents had it after "
          f"{(time.monotonic() - begin) * 1000:.0f} ms, {size / len(heard) / 1000:.1f} kB each; "
          f"controllerd {cpu_s(daemon) - used:.2f} s of CPU")


def enrol(path, client, hosts):
    """All with one key: the name is the controller's to say."""
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
                    path / "key", "-out", path / "request"], check=True, capture_output=True)
    request = (path / "request").read_text()
    authority = path / "state/authority/authority.pem"
    contexts = []
    for n in range(hosts):
        token = client.call("EnrollmentToken", {"type": "host", "uuid": f"h{n}"})["token"]
        stranger = Agent(ssl.create_default_context(cafile=authority))
        stranger.send("Enroll", {"token": token.split(".", 1)[1], "request": request})
        certificate = stranger.receive()[0]["parameters"]["certificate"]
        stranger.stream.close()
        (path / "pem").write_text(certificate + (path / "key").read_text())
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(path / "pem")
        contexts.append(context)
    begin = time.monotonic()
    agents = []
    for context in contexts:
        agents.append(Agent(context))
        agents[-1].send("Watch", {}, more=True)
    size = sum(len(json.dumps(agent.receive()[0])) for agent in agents)
    print(f"all have dialled and have their documents: {time.monotonic() - begin:.2f} s, "
          f"{size / hosts / 1000:.1f} kB each")
    return agents


main()
