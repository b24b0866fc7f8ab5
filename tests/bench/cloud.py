# SPDX-License-Identifier: GPL-2.0-or-later
"""A controllerd for what is measured of it, its databases, and who calls it."""
import http.client
import json
import os
import pathlib
import pwd
import shutil
import ssl
import subprocess
import time

import scene
import varlink
from namespaces import run

BINARY = str(scene.ROOT / "build" / "bin" / "controllerd")
HTTPS_PORT = 8443
PASSWORD = "measured-secret"
PATIENCE_S = 60


class Postgres:
    """A server of one's own, on a socket in FOLDER, with an empty database; synced as it comes."""

    def __init__(self, folder):
        self.folder = folder
        user = pwd.getpwnam("postgres")
        # What is above the folder is root's.
        self.place = pathlib.Path("/run") / f"{folder.name}.postgres"
        for one in (folder / "postgres", self.place):
            one.mkdir(parents=True)
            os.chown(one, user.pw_uid, user.pw_gid)
        self.process = None
        self.start()

    def command(self, name, *arguments):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", found / name,
                *arguments]

    def start(self):
        data = self.folder / "postgres"
        subprocess.run(self.command("initdb", "-D", data, "-A", "trust", "-E", "UTF8",
                                    "--locale=C"), check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            self.command("postgres", "-D", data, "-k", self.place, "-c", "listen_addresses="),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while subprocess.run(self.command("psql", "-h", self.place, "-d", "postgres", "-qc",
                                          "CREATE DATABASE weft"), check=False,
                             capture_output=True).returncode:
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.05)

    def uri(self):
        return f"postgresql://postgres@/weft?host={self.place}"

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.place)


class Cloud:
    """A controller with an empty store in a folder of its own."""

    def __init__(self, name, database="sqlite", options=()):
        self.folder = scene.STATE / name
        self.folder.mkdir(parents=True)
        self.socket = f"/run/{name}.controller"
        self.database = Postgres(self.folder) if database == "postgresql" else None
        self.options = list(options)
        if self.database:
            self.options += ["--database", self.database.uri()]
        self.process = self.client = None
        self.start()

    def start(self):
        """Seconds until it answers."""
        began = time.monotonic()
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "--state-dir", self.folder / "state", "--socket", f"unix:{self.socket}",
                 "--https", f"127.0.0.1:{HTTPS_PORT}", *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            try:
                self.client = varlink.Client(self.socket, "io.weft.Controller", 600)
                self.client.call("Describe", {"type": "zone"})
                return time.monotonic() - began
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from None
                time.sleep(0.002)

    def stop(self):
        self.client.close()
        self.process.terminate()
        self.process.wait()

    def close(self):
        self.stop()
        if self.database:
            self.database.close()
        shutil.rmtree(self.folder)

    def create(self, type_name, **spec):
        return self.client.call("Create", {"type": type_name, "spec": spec})["object"]

    def create_many(self, calls, ahead=64):
        """Creates of (type, spec), so many sent before the first is answered; seconds of each 1,000
        of them."""
        calls, waiting, done, spent = iter(calls), 0, 0, []
        began = time.monotonic()
        while True:
            one = next(calls, None) if waiting < ahead else None
            if one:
                self.client.send("Create", {"type": one[0], "spec": one[1]})
                waiting += 1
                continue
            if not waiting:
                return spent
            self.client.receive()
            waiting, done = waiting - 1, done + 1
            if done % 1000 == 0:
                spent.append(time.monotonic() - began)
                began = time.monotonic()

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("it has no memory")

    def spent_s(self):
        """Of a processor."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def set_password(self):
        self.client.call("Update", {"type": "account", "uuid": "admin",
                                    "spec": {"password": PASSWORD}})


class Rest:
    """One connection that is kept, logged in as admin."""

    def __init__(self, folder):
        context = ssl.create_default_context(cafile=folder / "state/https.pem")
        self.connection = http.client.HTTPSConnection("127.0.0.1", HTTPS_PORT, timeout=PATIENCE_S,
                                                      context=context)
        self.token = None
        self.token = self.call("POST", "login", {"account": "admin", "password": PASSWORD})["token"]

    def call(self, verb, path, body=None):
        self.send(verb, path, body)
        return self.receive()

    def send(self, verb, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.connection.request(verb, f"/api/v1/{path}", json.dumps(body) if body else None, headers)

    def receive(self):
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status} {text[:300]}")
        return json.loads(text)

    def close(self):
        self.connection.close()


def small_zone(cloud, hosts=1):
    """A zone with one cluster of so many hosts, and a VXLAN pool."""
    cloud.create("zone", name="zone", uuid="zone")
    cloud.create("cluster", name="cluster", uuid="cluster", zone="zone")
    cloud.create("vxlan_pool", name="pool", uuid="pool", zone="zone", start_vni=1, end_vni=1000)
    cloud.client.call("Action", {"type": "vxlan_pool", "uuid": "pool", "action": "attach_cluster",
                                 "parameters": {"cluster": "cluster", "vtep_cidr": "10.0.0.0/8"}})
    cloud.create_many(("host", {
        "name": f"h{n}", "uuid": f"h{n}", "cluster": "cluster",
        "address": (address := scene.address("10.0.0.1", n)),
        "devices": [{"name": "em01", "addresses": [f"{address}/8"]}]}) for n in range(hosts))


def private_network(cloud, name, cidr):
    cloud.create("l2_network", name=name, uuid=f"l2-{name}", type="vxlan", vxlan_pool="pool")
    cloud.create("l3_network", name=name, uuid=name, l2_network=f"l2-{name}", category="private",
                 architecture="flat", cidr=cidr)


def wire(namespace, ours, theirs):
    """A cable from here to the namespace; 'ours' and 'theirs' are addresses with lengths."""
    run("ip", "link", "add", "ctl", "type", "veth", "peer", "name", "oob", "netns", namespace)
    run("ip", "address", "add", ours, "dev", "ctl")
    run("ip", "link", "set", "ctl", "up")
    run("ip", "-n", namespace, "address", "add", theirs, "dev", "oob")
    run("ip", "-n", namespace, "link", "set", "oob", "up")
