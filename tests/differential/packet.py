# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames as bytes: built, and read back as tuples of what matters."""
import ipaddress
import socket
import struct
from dataclasses import dataclass, replace

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "other": 253}
NAMES = {number: name for name, number in PROTOCOLS.items()}
MAGIC = b"weft"
BROADCAST = b"\xff" * 6
SYN, RST, ACK = 0x02, 0x04, 0x10


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet. ICMP: sport is the echo identifier; kind tells a request from others."""

    src: str
    dst: str
    protocol: str
    sport: int = 0
    dport: int = 0
    tag: int = 0        # in the payload: which packet of the test this is; 0 not ours
    kind: str = ""      # icmp: request reply error; tcp: syn synack rst ack
    ttl: int = 64
    inner: object = None  # of an ICMP error: (src, dst, protocol, sport)
    data: bytes = b""   # more payload
    broken: bool = False  # a checksum that is wrong

    def text(self):
        ports = f" {self.sport}>{self.dport}" if self.protocol in ("tcp", "udp") else ""
        return f"{self.src} > {self.dst} {self.protocol}{ports} {self.kind}".strip()

    def answer(self):
        """What the receiver says to it."""
        kind = {"request": "reply", "syn": "synack", "synack": "ack"}.get(self.kind, self.kind)
        ports = {} if self.protocol == "icmp" else {"sport": self.dport, "dport": self.sport}
        return replace(self, src=self.dst, dst=self.src, kind=kind, ttl=64, **ports)


def mac_of(address):
    """The MAC of whoever has the address, on the test's side of a link."""
    return b"\x02\x00" + socket.inet_aton(address)


def mac_text(mac):
    return ":".join(f"{byte:02x}" for byte in mac)


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(src, dst, protocol, length):
    return src + dst + struct.pack("!HH", protocol, length)


def transport(packet, src, dst):
    payload = MAGIC + struct.pack("!I", packet.tag) + packet.data
    if packet.protocol == "icmp":
        kind = 0 if packet.kind == "reply" else 8
        body = struct.pack("!BBHHH", kind, 0, 0, packet.sport, 1) + payload
        return body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    if packet.protocol == "udp":
        payload = packet.data if packet.tag == 0 else payload
        body = struct.pack("!HHHH", packet.sport, packet.dport, 8 + len(payload), 0) + payload
        total = checksum(pseudo(src, dst, 17, len(body)) + body) or 0xFFFF
        return body[:6] + struct.pack("!H", total) + body[8:]
    if packet.protocol == "tcp":
        flags = {"syn": SYN, "synack": SYN | ACK, "rst": RST}.get(packet.kind, ACK)
        sequence = 1000 if packet.kind in ("syn", "synack") else 1001 + len(payload)
        acknowledged = 1001 + len(payload) if flags & ACK else 0
        body = struct.pack("!HHIIBBHHH", packet.sport, packet.dport, sequence, acknowledged,
                           0x50, flags, 65535, 0, 0) + payload
        total = checksum(pseudo(src, dst, 6, len(body)) + body)
        return body[:16] + struct.pack("!H", total) + body[18:]
    return payload


def frame(packet, source_mac, target_mac):
    src, dst = socket.inet_aton(packet.src), socket.inet_aton(packet.dst)
    body = transport(packet, src, dst)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, packet.ttl,
                       PROTOCOLS[packet.protocol], 0, src, dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return target_mac + source_mac + b"\x08\x00" + head + body


def arp(operation, source_mac, source, target_mac, target):
    return ((BROADCAST if operation == 1 else target_mac) + source_mac + b"\x08\x06"
            + struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
            + source_mac + socket.inet_aton(source)
            + (bytes(6) if operation == 1 else target_mac) + socket.inet_aton(target))


def read_arp(data):
    """(operation, source MAC, source, target MAC, target) of a frame, or None."""
    if data[12:14] != b"\x08\x06" or len(data) < 42:
        return None
    operation = struct.unpack("!H", data[20:22])[0]
    return (operation, data[22:28], socket.inet_ntoa(data[28:32]), data[32:38],
            socket.inet_ntoa(data[38:42]))


def read_tag(payload):
    if payload[:4] != MAGIC or len(payload) < 8:
        return 0
    return struct.unpack("!I", payload[4:8])[0]


def read_inner(data):
    """Whom an ICMP error is about."""
    size = (data[0] & 15) * 4
    protocol = NAMES.get(data[9], "?")
    body = data[size:]
    at = 4 if protocol == "icmp" else 0
    sport = struct.unpack("!H", body[at:at + 2])[0] if len(body) >= at + 2 else 0
    return (socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20]), protocol, sport)


def read(data, check=True):
    """The packet in a frame, or None where it is no IPv4."""
    if data[12:14] != b"\x08\x00" or len(data) < 34:
        return None
    size = (data[14] & 15) * 4
    length = struct.unpack("!H", data[16:18])[0]
    source, target = data[26:30], data[30:34]
    protocol = NAMES.get(data[23], "?")
    body = data[14 + size:14 + length]
    broken = checksum(data[14:14 + size]) != 0
    about = {"src": socket.inet_ntoa(source), "dst": socket.inet_ntoa(target),
             "protocol": protocol, "ttl": data[22]}
    if protocol == "icmp":
        kind = {0: "reply", 8: "request", 3: "error", 11: "error"}.get(body[0], "?")
        broken |= check and checksum(body) != 0
        if kind == "error":
            return Packet(**about, kind=kind, inner=read_inner(body[8:]), broken=broken)
        return Packet(**about, sport=struct.unpack("!H", body[4:6])[0], kind=kind,
                      tag=read_tag(body[8:]), broken=broken)
    if protocol in ("tcp", "udp"):
        sport, dport = struct.unpack("!HH", body[:4])
        at, kind = 8, ""
        if protocol == "tcp":
            at = (body[12] >> 4) * 4
            flags = body[13]
            kind = "rst" if flags & RST else ("synack" if flags & ACK else "syn") \
                if flags & SYN else "ack"
        tag = read_tag(body[at:])
        if check and tag:
            broken |= checksum(pseudo(source, target, data[23], len(body)) + body) != 0
        return Packet(**about, sport=sport, dport=dport, kind=kind, tag=tag, broken=broken,
                      data=body[at:] if not tag else b"")
    return Packet(**about, tag=read_tag(body), broken=broken)


def network(text):
    return ipaddress.ip_network(text, strict=False)
