#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends an Ethernet frame as no well-behaved guest would: frame.py LINK KIND [NAME=VALUE...]

KIND is udp (from= to= sport= dport= text=, or the payload's bytes hex=), arp (op= mac= ip= for=),
advert (a neighbour's, target=) or router (an IPv6 router's). Every kind takes source= and dest=
(MACs) and vlan= (tags 802.1Q; outer= is the tag's type) and count=. Without source it is the link's
own, without dest everyone. With - as LINK the frame's bytes are printed instead.
"""
import ipaddress
import socket
import struct
import sys


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp(values, _):
    source, dest = (ipaddress.ip_address(values[name]).packed for name in ("from", "to"))
    text = bytes.fromhex(values["hex"]) if "hex" in values else values.get("text", "frame").encode()
    datagram = struct.pack(">HHHH", int(values["sport"]), int(values["dport"]), 8 + len(text), 0) + text
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + source + dest
    return 0x0800, header[:10] + struct.pack(">H", checksum(header)) + header[12:] + datagram


def arp(values, own):
    sender = mac(values["mac"]) if "mac" in values else own
    return 0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, int(values.get("op", 1))) + sender + \
        ipaddress.ip_address(values["ip"]).packed + bytes(6) + ipaddress.ip_address(values["for"]).packed


def icmpv6(source, dest, message):
    source, dest = (ipaddress.ip_address(address).packed for address in (source, dest))
    pseudo = source + dest + struct.pack(">II", len(message), 58)
    message = message[:2] + struct.pack(">H", checksum(pseudo + message)) + message[4:]
    return 0x86dd, struct.pack(">IHBB", 6 << 28, len(message), 58, 255) + source + dest + message


def link_local(own):
    return "fe80::" + ipaddress.IPv6Address(
        bytes(8) + bytes([own[0] ^ 2]) + own[1:3] + b"\xff\xfe" + own[3:]).compressed.lstrip(":")


def advert(values, own):
    target = ipaddress.ip_address(values["target"]).packed
    return icmpv6(values.get("from", link_local(own)), "ff02::1",
                  struct.pack(">BBHI", 136, 0, 0, 0x20000000) + target + b"\x02\x01" + own)


def router(_, own):
    return icmpv6(link_local(own), "ff02::1",
                  struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + own)


def frame(kind, values, own):
    ether_type, payload = {"udp": udp, "arp": arp, "advert": advert, "router": router}[kind](
        values, own)
    tag = b""
    if "vlan" in values:
        tag = struct.pack(">HH", int(values.get("outer", "0x8100"), 16), int(values["vlan"]))
    return mac(values.get("dest", "ff:ff:ff:ff:ff:ff")) + own + tag + \
        struct.pack(">H", ether_type) + payload


def main():
    link, kind = sys.argv[1:3]
    values = dict(word.split("=", 1) for word in sys.argv[3:])
    if link == "-":
        print(frame(kind, values, mac(values["source"])).hex())
        return
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((link, 0))
        own = mac(values["source"]) if "source" in values else wire.getsockname()[4]
        data = frame(kind, values, own)
        wire.send(data)
        for _ in range(int(values.get("count", 1)) - 1):
            try:
                wire.send(data)
            except OSError:
                pass  # Its link lost its carrier in between.


if __name__ == "__main__":
    main()
