# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-dhcp: N hosts of one network with DHCP: whether each is served, how long a lease takes,
also while hosts come, change and go; and that the same dnsmasq serves them all the time.

One device is there, of a port that is not guarded: it asks in everyone's name. Beside it a dnsmasq
with the same hosts in one file, which is read again at each change."""
import pathlib
import select
import shutil
import socket
import struct
import subprocess
import time

import host_scene
import scene
from namespaces import Inside, run

SIZES = [1000, 10000]
SAMPLE = 200
CHANGES = 20
PATIENCE_S = 30
SERVER = "10.128.0.2"
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
COOKIE = b"\x63\x82\x53\x63"


def address(number):
    return f"10.{129 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def port(number, its_address=None):
    return {"uuid": f"nic-{number}", "device": f"t{number}", "l2": "l2", "mac": host_scene.mac(number),
            "default": True, "anti_spoofing": True,
            "addresses": [{"l3": "l3", "address": its_address or address(number)}]}


def document(hosts):
    return {"revision": 1, "host": {"uuid": "h-1"},
            "l2_networks": [{"uuid": "l2", "type": "novlan", "device": "em01"}],
            "l3_networks": [{"uuid": "l3", "l2": "l2", "cidr": "10.128.0.0/9", "gateway": "10.128.0.1",
                             "dhcp": {"enabled": True, "server": SERVER, "lease_s": 3600}}],
            "ports": [port(i) for i in range(1, hosts + 1)]
            + [{"uuid": "nic-live", "device": "live-a", "l2": "l2", "mac": host_scene.MAC_A}]}


class Client:
    """Asks for the leases of many MACs, by broadcasts."""

    def __init__(self, namespace):
        with Inside(namespace):
            self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.wire.bind(("eth0", 0))
            self.own = self.wire.getsockname()[4]
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.n = 0

    def send(self, kind, mac, options=b""):
        self.n += 1
        chaddr = bytes.fromhex(mac.replace(":", ""))
        bootp = struct.pack("!BBBBIHH4s4s4s4s16s64x128x", 1, 1, 6, 0, self.n, 0, 0x8000, b"", b"",
                            b"", b"", chaddr) + COOKIE + bytes([53, 1, kind]) + options + b"\xff"
        udp = struct.pack("!HHHH", 68, 67, 8 + len(bootp), 0) + bootp
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"", b"\xff" * 4)
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xffff) + (total >> 16)
        head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[12:]
        self.wire.send(b"\xff" * 6 + self.own + b"\x08\x00" + head + udp)
        return self.n

    def answer(self, kind, number, patience_s):
        """(address, server) of the answer to the NUMBERth question; None: there is none."""
        end = time.monotonic() + patience_s
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.wire], [], [], left)[0]:
                return None
            frame = self.wire.recv(2048)
            if len(frame) < 42 + 244 or frame[23] != 17 or frame[34:38] != b"\0\x43\0\x44":
                continue
            bootp = frame[42:]
            xid, = struct.unpack_from("!I", bootp, 4)
            options = bootp[240:]
            if xid == number and options[:2] == b"\x35\x01" and options[2] == kind:
                return bootp[16:20], options[options.index(b"\x36\x04") + 2:][:4]
        return None

    def lease(self, mac, patience_s=2):
        """The address, by all four packets; None: nobody answered."""
        offered = self.answer(OFFER, self.send(DISCOVER, mac), patience_s)
        if not offered:
            return None
        its, server = offered
        done = self.answer(ACK, self.send(REQUEST, mac, b"\x32\x04" + its + b"\x36\x04" + server),
                           patience_s)
        return socket.inet_ntoa(done[0]) if done else None

    def until(self, mac, wanted):
        """Milliseconds until MAC is leased WANTED."""
        began = time.monotonic()
        while self.lease(mac, 0.5) != wanted:
            if time.monotonic() - began > PATIENCE_S:
                raise RuntimeError(f"{mac} is not leased {wanted}")
        return (time.monotonic() - began) * 1000

    def close(self):
        self.wire.close()


def sample(hosts):
    return range(1, hosts + 1, max(1, hosts // SAMPLE))


def latencies(client, numbers):
    spent = []
    for number in numbers:
        began = time.monotonic()
        if client.lease(host_scene.mac(number)) == address(number):
            spent.append((time.monotonic() - began) * 1000)
    return spent


class Served(host_scene.Agent):
    def dnsmasq(self):
        services = self.router.call("Status")["services"]
        return [one["pid"] for one in services if one["name"] == "dhcp-l3"]


def measure_weft(figures, hosts):
    note = lambda what, unit, values: figures.note("host-dhcp", what, "weft", hosts, unit, values)
    agent = Served(f"d{hosts}", 0)
    began = time.monotonic()
    agent.apply(document(hosts))
    note("load", "s", [time.monotonic() - began])
    client = Client(agent.machine.a)
    note("until the last of them has its lease", "ms",
         [client.until(host_scene.mac(hosts), address(hosts))])
    began = time.monotonic()
    served = len(latencies(client, range(1, hosts + 1)))
    note(f"leases a second, one after the other, {served} served", "1/s",
         [served / (time.monotonic() - began)])
    note("a lease", "ms", latencies(client, sample(hosts)))
    pids = [agent.dnsmasq()]
    spent = {"a host more": [], "a host with another address": [], "a host less": []}
    patched = {what: [] for what in spent}
    for i in range(CHANGES):
        more, changed = hosts + 1 + i, 1 + i
        for what, upsert, remove, mac, wanted in (
                ("a host more", port(more), None, host_scene.mac(more), address(more)),
                ("a host with another address", port(changed, address(hosts + 1000 + i)), None,
                 host_scene.mac(changed), address(hosts + 1000 + i)),
                ("a host less", None, f"nic-{more}", host_scene.mac(more), None)):
            began = time.monotonic()
            agent.patch({"ports": [upsert]} if upsert else None,
                        {"ports": [remove]} if remove else None)
            patched[what].append((time.monotonic() - began) * 1000)
            if wanted:
                client.until(mac, wanted)
            else:
                until_silent(client, mac)
            spent[what].append((time.monotonic() - began) * 1000)
            pids.append(agent.dnsmasq())
    for what, values in spent.items():
        note(f"{what}: Patch", "ms", patched[what])
        note(f"{what}: until dnsmasq has it", "ms", values)
    note("processes of dnsmasq over these", "count", [len({pid for one in pids for pid in one})])
    disturbed(note, agent, client, hosts)
    began = time.monotonic()
    agent.restart()
    note("restart until it answers", "s", [time.monotonic() - began])
    note("changes", "changes", [len(agent.router.call("Reconcile", {"dry_run": True})["plan"])])
    note("processes of dnsmasq over the restart", "count",
         [len({pid for one in (pids[-1], agent.dnsmasq()) for pid in one})])
    client.close()
    agent.close()
    return served


def until_silent(client, mac):
    end = time.monotonic() + PATIENCE_S
    while client.lease(mac, 0.3):
        if time.monotonic() > end:
            raise RuntimeError(f"{mac} goes on to be leased")


def disturbed(note, agent, client, hosts):
    """Leases of others while hosts change all the time."""
    spent = []
    for i in range(SAMPLE):
        agent.patch({"ports": [port(1 + i % hosts, address(hosts + 2000 + i))]})
        number = hosts - i % (hosts // 2)
        began = time.monotonic()
        while client.lease(host_scene.mac(number), 1) != address(number):
            pass
        spent.append((time.monotonic() - began) * 1000)
    note("a lease while others change", "ms", spent)


def measure_peer(figures, hosts):
    """dnsmasq by hand: all hosts in one file, SIGHUP at each change."""
    note = lambda what, unit, values: figures.note("host-dhcp", what, "dnsmasq by hand", hosts, unit,
                                                   values)
    machine = host_scene.Machine(f"p{hosts}", 0)
    machine.bridge()
    run("ip", "-n", machine.name, "addr", "add", f"{SERVER}/9", "dev", "br0")
    folder = pathlib.Path(scene.STATE) / "peer"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{host_scene.mac(i)},{address(i)}\n" for i in range(1, hosts + 1)]
    (folder / "hosts").write_text("".join(lines))
    with Inside(machine.name):
        process = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=br0",
             "--bind-interfaces", "--dhcp-range=10.128.0.0,static,255.128.0.0,1h", "--user=root",
             "--dhcp-authoritative", "--dhcp-lease-max=100000", "--no-ping",
             f"--dhcp-leasefile={folder}/leases", f"--dhcp-hostsfile={folder}/hosts", "--pid-file="],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = Client(machine.a)
    client.until(host_scene.mac(hosts), address(hosts))
    began = time.monotonic()
    served = len(latencies(client, range(1, hosts + 1)))
    note(f"leases a second, one after the other, {served} served", "1/s",
         [served / (time.monotonic() - began)])
    note("a lease", "ms", latencies(client, sample(hosts)))
    spent = []
    for i in range(CHANGES):
        more = hosts + 1 + i
        began = time.monotonic()
        lines.append(f"{host_scene.mac(more)},{address(more)}\n")
        (folder / "hosts").write_text("".join(lines))
        process.send_signal(1)
        client.until(host_scene.mac(more), address(more))
        spent.append((time.monotonic() - began) * 1000)
    note("a host more: until dnsmasq has it", "ms", spent)
    client.close()
    process.kill()
    process.wait()
    shutil.rmtree(folder)
    machine.close()


def measure(figures, sizes):
    for hosts in sizes:
        served = measure_weft(figures, hosts)
        measure_peer(figures, hosts)
    figures.target(f"{sizes[-1]} DHCP hosts", "all served", f"{served} served", served == sizes[-1])
