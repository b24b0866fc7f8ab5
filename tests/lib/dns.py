#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""DNS server of the tests' internet.

    dns.py READY LOG ADDRESS NAME=ADDRESS...

Listens on UDP and TCP port 53 of ADDRESS. Answers A of each NAME, and TXT of any name with
"server ADDRESS", which tells the server that was asked; other names do not exist. Each question is
a line "NAME TYPE PEER" in LOG.
"""
import socket
import socketserver
import struct
import sys
import threading

A, TXT = 1, 16


def name_at(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1


def record(kind, data):
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data


class Zone:
    def __init__(self, log, address, names):
        self.log = open(log, "a", buffering=1)
        self.address = address
        self.names = dict(name.lower().split("=") for name in names)

    def answer(self, packet, peer):
        name, at = name_at(packet, 12)
        kind = struct.unpack("!H", packet[at:at + 2])[0]
        self.log.write(f"{name} {kind} {peer}\n")
        records = []
        if kind == TXT:
            text = f"server {self.address}".encode()
            records.append(record(TXT, bytes([len(text)]) + text))
        elif kind == A and name in self.names:
            records.append(record(A, socket.inet_aton(self.names[name])))
        missing = not records and name not in self.names
        flags = 0x8180 | (3 if missing else 0)
        head = packet[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
        return head + packet[12:at + 4] + b"".join(records)


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        sock.sendto(self.server.zone.answer(packet, self.client_address[0]), self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        size = struct.unpack("!H", self.rfile.read(2))[0]
        reply = self.server.zone.answer(self.rfile.read(size), self.client_address[0])
        self.wfile.write(struct.pack("!H", len(reply)) + reply)


def main():
    ready, log, address, *names = sys.argv[1:]
    socketserver.TCPServer.allow_reuse_address = True
    servers = [socketserver.ThreadingUDPServer((address, 53), Udp),
               socketserver.ThreadingTCPServer((address, 53), Tcp)]
    for server in servers:
        server.zone = Zone(log, address, names)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    open(ready, "w").close()


main()
