#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks as no well-behaved guest would: every address, by every MAC, in every name.

    intrude.py LINK SECONDS from=A,B mac=M,N to=C,D [probe=ping,find,tcp/22,udp/53]

Heeds neither routes nor neighbours: each probe is a frame to each of the MACs. "find" asks who has
the address (ARP, or IPv6's neighbour solicitation). Prints "ADDRESS PROBE" for each question that
was answered in SECONDS after the last, in order: "ADDRESS tcp/22:refused" for a reset, "ADDRESS
error" for an ICMP error. What it asked in another's name is answered to that one, and has to be
looked for there.
"""
import ipaddress
import select
import socket
import struct
import sys
import time

from frame import checksum, mac as mac_bytes

EVERYONE = "ff:ff:ff:ff:ff:ff"
SOURCE_PORT = 40000
PACKET_OUTGOING = 4
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
RST = 4


def with_checksum(body, at, pseudo=b""):
    return body[:at] + struct.pack(">H", checksum(pseudo + body) or 0xffff) + body[at + 2:]


def packet(source, target, protocol, body, at):
    """IPv4 or IPv6; 'at' is where the body's checksum stands."""
    if source.version == 4:
        pseudo = source.packed + target.packed + struct.pack(">HH", protocol, len(body))
        body = with_checksum(body, at, b"" if protocol == ICMP else pseudo)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0)
        return b"\x08\x00", with_checksum(head + source.packed + target.packed, 10) + body
    pseudo = source.packed + target.packed + struct.pack(">II", len(body), protocol)
    head = struct.pack(">IHBB", 6 << 28, len(body), protocol, 255)
    return b"\x86\xdd", head + source.packed + target.packed + with_checksum(body, at, pseudo)


def find(source, target, own):
    if source.version == 4:
        return b"\x08\x06", struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + own + source.packed + \
            bytes(6) + target.packed
    return packet(source, target, ICMPV6,
                  struct.pack(">BBHI", 135, 0, 0, 0) + target.packed + b"\x01\x01" + own, 2)


def question(probe, source, target, own):
    kind, _, port = probe.partition("/")
    if kind == "find":
        return find(source, target, own)
    if kind == "ping":
        version4 = source.version == 4
        return packet(source, target, ICMP if version4 else ICMPV6,
                      struct.pack(">BBHHH", 8 if version4 else 128, 0, 0, SOURCE_PORT, 1), 2)
    if kind == "tcp":
        return packet(source, target, TCP,
                      struct.pack(">HHIIBBHHH", SOURCE_PORT, int(port), 1000, 0, 0x50, 2, 8192, 0, 0), 16)
    return packet(source, target, UDP,
                  struct.pack(">HHHH", SOURCE_PORT, int(port), 12, 0) + b"who\n", 6)


def arp_answer(data):
    if len(data) >= 42 and data[20:22] == b"\0\x02":
        return str(ipaddress.ip_address(data[28:32])), "find"
    return None


def icmp_answer(source, body, version4):
    """Of an error, whom the question was sent to that it is about."""
    if body[0] in ((0,) if version4 else (129,)):
        return source, "ping"
    if body[0] == 136 and not version4:
        return str(ipaddress.ip_address(body[8:24])), "find"
    if body[0] in ((3, 5, 11, 12) if version4 else (1, 2, 3, 4, 137)):
        return source, "error"
    return None


def answer(data):
    """("ADDRESS", "PROBE") that a frame answers, or None."""
    if data[12:14] == b"\x08\x06":
        return arp_answer(data)
    if data[12:14] == b"\x08\x00" and len(data) >= 42:
        protocol, source = data[23], str(ipaddress.ip_address(data[26:30]))
        body = data[14 + (data[14] & 15) * 4:]
    elif data[12:14] == b"\x86\xdd" and len(data) >= 62:
        protocol, source = data[20], str(ipaddress.ip_address(data[22:38]))
        body = data[54:]
    else:
        return None
    if protocol in (ICMP, ICMPV6):
        return icmp_answer(source, body, data[12:14] == b"\x08\x00")
    if protocol not in (TCP, UDP) or body[2:4] != struct.pack(">H", SOURCE_PORT):
        return None
    port = struct.unpack(">H", body[:2])[0]
    if protocol == UDP:
        return source, f"udp/{port}"
    return source, f"tcp/{port}{':refused' if body[13] & RST else ''}"


def gather(wire, end, found):
    while (left := end - time.monotonic()) > 0:
        if not select.select([wire], [], [], left)[0]:
            return
        data, place = wire.recvfrom(65536)
        if place[2] != PACKET_OUTGOING and (came := answer(data)):
            found.add(came)


def main():
    link, seconds, *words = sys.argv[1:]
    asked = {name: value.split(",") for name, _, value in (word.partition("=") for word in words)}
    names = [ipaddress.ip_address(text) for text in asked["from"]]
    targets = [ipaddress.ip_address(text) for text in asked["to"]]
    found = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as wire:
        wire.bind((link, 3))
        own = wire.getsockname()[4]
        for mac in [*asked["mac"], EVERYONE]:
            for probe in asked.get("probe", ["ping", "find", "tcp/22", "udp/53"]):
                for source in names:
                    for target in targets:
                        if source.version == target.version:
                            kind, data = question(probe, source, target, own)
                            wire.send(mac_bytes(mac) + own + kind + data)
            gather(wire, time.monotonic() + 0.01, found)
        gather(wire, time.monotonic() + float(seconds), found)
    print("\n".join(f"{address} {probe}" for address, probe in sorted(found)))


main()
