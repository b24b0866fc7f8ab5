# SPDX-License-Identifier: GPL-2.0-or-later
"""Part balance: a load balancer is changed a thousand times under a steady load of new connections
over TCP, HTTP and HTTPS. Each failed connection is counted, and each that came late: it lost a
SYN. A change waits until HAProxy has taken the one before, and for its time."""
import re
import socket
import ssl
import time

import load
import scene
from namespaces import Inside, run

VIP = "10.255.2.1"
PORTS = {"tcp": 80, "http": 81, "https": 443}
# New connections a second.
RATES = {"tcp": 2000, "http": 2800, "https": 200}
MEMBERS = ["172.16.0.2", "172.16.0.3", "172.16.0.4"]
MORE_PORT = 9000
CHANGES, EVERY_S = 1000, 0.1
PATIENCE_S = 30


class Balancer(scene.Agent):
    def __init__(self, name="b"):
        super().__init__(name)
        load.addresses(self.client)
        self.servers = load.Server(self.guest, load.PORT)
        self.certificates = [certificate(scene.STATE / f"{name}.{n}") for n in range(2)]
        self.certificate, self.has_more, self.has_third = 0, False, True
        self.weight, self.algorithm, self.idle_s = 100, 0, 60
        self.spent = {}
        self.apply(scene.empty_document() | {
            "vips": [{"uuid": "vip-b", "address": VIP, "network": "l3-pub"}],
            "certificates": [self.certificate_text()], "load_balancers": [self.text()]})
        for port in PORTS.values():
            load.until_served(self.client, VIP, port)

    def close(self):
        self.servers.close()
        super().close()

    def certificate_text(self):
        return {"uuid": "cert-1"} | self.certificates[self.certificate]

    def listener(self, protocol, port):
        members = MEMBERS if self.has_third else MEMBERS[:2]
        text = {"uuid": f"ls-{port}", "protocol": protocol, "port": port,
                "target_port": load.PORT, "idle_timeout_s": self.idle_s,
                "max_connections": 20000, "algorithm": ("roundrobin", "leastconn")[self.algorithm],
                "members": [{"uuid": str(n), "address": one,
                             "weight": self.weight if n == 1 else 100}
                            for n, one in enumerate(members)]}
        return text | ({"certificate": "cert-1"} if protocol == "https" else {})

    def text(self):
        listeners = [self.listener(*one) for one in PORTS.items()]
        if self.has_more:
            listeners.append(self.listener("tcp", MORE_PORT))
        return {"uuid": "lb-1", "vip": "vip-b", "listeners": listeners}

    def ask(self, command):
        """HAProxy's runtime API."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
            one.settimeout(PATIENCE_S)
            try:
                one.connect(str(self.router.directory / "run/haproxy/worker.sock"))
                one.sendall(command.encode() + b"\n")
                return b"".join(iter(lambda: one.recv(1 << 16), b"")).decode()
            except OSError:
                return ""  # The moment between two workers.

    def running(self):
        """Names the configuration of the worker that has the socket."""
        return next((line for line in self.ask("show info").splitlines()
                     if line.lower().startswith("description")), "")

    def members(self):
        """(listener, member) to the weight of those that get connections."""
        rows = [line.split() for line in self.ask("show servers state").splitlines()]
        return {(row[1], row[3]): int(row[7]) for row in rows
                if len(row) > 18 and row[3].startswith("m-") and row[6] == "0"}

    def wait(self, is_done, what):
        end = time.monotonic() + PATIENCE_S
        while not is_done():
            if time.monotonic() > end:
                raise RuntimeError(f"HAProxy does not take it: {what}\n{self.router.tail()}")
            time.sleep(0.005)

    def change(self, what, upsert, is_done):
        began = time.monotonic()
        self.patch(upsert)
        self.wait(is_done, what)
        self.spent.setdefault(what, []).append((time.monotonic() - began) * 1000)

    def reload(self, what, upsert=None, is_done=lambda: True):
        before = self.running()
        self.change(what, upsert or {"load_balancers": [self.text()]},
                    lambda: self.running() not in ("", before) and is_done())

    # --- The kinds of change ---

    def change_member(self):
        self.has_third ^= True
        what = "member added" if self.has_third else "member removed"
        self.change(what, {"load_balancers": [self.text()]}, lambda: all(
            ((f"l-ls-{port}", "m-2") in self.members()) == self.has_third
            for port in PORTS.values()))

    def change_weight(self):
        self.weight = 50 if self.weight == 100 else 100
        self.change("weight", {"load_balancers": [self.text()]}, lambda: all(
            self.members().get((f"l-ls-{port}", "m-1")) == self.weight for port in PORTS.values()))

    def change_listener(self):
        self.has_more ^= True
        self.reload("listener added" if self.has_more else "listener removed",
                    is_done=lambda: self.has_more == any(
                        listener == f"l-ls-{MORE_PORT}" for listener, _ in self.members()))

    def change_certificate(self):
        self.certificate ^= 1
        self.reload("certificate", {"certificates": [self.certificate_text()]},
                    lambda: self.shown_certificate() == der(self.certificate_text()))

    def shown_certificate(self):
        with Inside(self.client):
            try:
                one = socket.create_connection((VIP, PORTS["https"]), PATIENCE_S)
            except OSError:
                return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(one) as tls:
            return tls.getpeercert(True)

    def change_algorithm(self):
        self.algorithm ^= 1
        self.reload("algorithm")

    def change_idle(self):
        self.idle_s = 61 if self.idle_s == 60 else 60
        self.reload("idle timeout")


def der(text):
    return ssl.PEM_cert_to_DER_cert(text["certificate_pem"])


def certificate(path):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "30", "-subj", f"/CN={path.name}", "-keyout", f"{path}.key", "-out",
        f"{path}.pem")
    return {"certificate_pem": path.with_name(f"{path.name}.pem").read_text(),
            "private_key_pem": path.with_name(f"{path.name}.key").read_text()}


def measure(figures, _, changes=CHANGES):
    one = Balancer()
    kinds = [one.change_member, one.change_weight, one.change_member, one.change_listener,
             one.change_weight, one.change_certificate, one.change_member, one.change_algorithm,
             one.change_member, one.change_idle]
    asking = {name: load.Asking(one.client, VIP, port, "-r", str(RATES[name]),
                                *(["-t"] if name == "https" else []))
              for name, port in PORTS.items()}
    next_at = time.monotonic()
    for number in range(changes):
        kinds[number % len(kinds)]()
        next_at += EVERY_S
        time.sleep(max(0, next_at - time.monotonic()))
    said = {name: each.stop() for name, each in asking.items()}
    tracked, dropped = tracking(one.name)
    figures.note("balance", "connections tracked", "weft", len(MEMBERS), "connections", [tracked])
    figures.note("balance", "dropped for want of room", "weft", len(MEMBERS), "packets", [dropped])
    tell(figures, said, changes)
    for what, spent in sorted(one.spent.items()):
        figures.note("balance", f"{what}, until HAProxy has it", "weft", len(MEMBERS), "ms", spent)
    one.close()


def tracking(name):
    """How many connections the kernel tracks, and how many packets it had no room for."""
    said = run("ip", "netns", "exec", name, "conntrack", "-S")
    return (int(run("ip", "netns", "exec", name, "conntrack", "-C")),
            sum(int(number) for number in re.findall(r"\bdrop=(\d+)", said)))


def tell(figures, said, changes):
    for name, each in said.items():
        note = lambda what, unit, value, name=name, runs=each: figures.note(
            "balance", f"{name}: {what}", "weft", len(MEMBERS), unit, [value], said=runs)
        note("new connections", "1/s", each["answered"] / each["seconds"])
        note("failed", "connections", each["failed"])
        note("late (a SYN lost)", "connections", each["late"])
        note("not begun", "connections", each["unsent"])
        note("p99", "ms", each["p99_us"] / 1000)
        note("longest", "ms", each["max_us"] / 1000)
    total = {key: sum(each[key] for each in said.values())
             for key in ("connections", "failed", "late")}
    rate = sum(each["answered"] / each["seconds"] for each in said.values())
    figures.target(f"{changes} changes of a load balancer under {rate:.0f} new connections/s",
                   "0 failed", f"{total['failed']} failed, {total['late']} late of "
                   f"{total['connections']}", not total["failed"])
