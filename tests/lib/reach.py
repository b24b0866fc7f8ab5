#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many probes of one address at once: reach.py ADDRESS PATIENCE SILENCE WANTED PROBE...

A PROBE is tcp/PORT or udp/PORT (a server of serve.py), or ping. Prints those that were answered,
in their order; behind one that was refused (RST, ICMP) stands ":refused". Those of the text WANTED
are waited for, PATIENCE seconds at most; then SILENCE seconds for any other.
"""
import os
import selectors
import socket
import struct
import sys
import time

AGAIN = 0.5


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Probe:
    """One question, asked again until it is answered."""

    def __init__(self, word, address):
        self.word = word
        self.outcome = None
        self.kind, _, port = word.partition("/")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        if self.kind == "ping":
            protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
            self.sock = socket.socket(family, socket.SOCK_RAW, protocol)
            self.echo, self.reply = (128, 129) if family == socket.AF_INET6 else (8, 0)
        else:
            kind = socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM
            self.sock = socket.socket(family, kind)
        self.sock.setblocking(False)
        self.sock.connect_ex((address, int(port or 0)))
        self.events = selectors.EVENT_WRITE if self.kind == "tcp" else selectors.EVENT_READ

    def fileno(self):
        return self.sock.fileno()

    def ask(self):
        """Of those that the kernel does not ask again itself."""
        try:
            if self.kind == "udp":
                self.sock.send(b"who\n")
            elif self.kind == "ping":
                body = struct.pack(">BBHHH", self.echo, 0, 0, os.getpid() & 0xffff, 1)
                self.sock.send(body[:2] + struct.pack(">H", checksum(body)) + body[4:])
        except OSError:
            self.outcome = ":refused"

    def ready(self):
        try:
            if self.kind == "tcp" and self.events == selectors.EVENT_WRITE:
                self.sock.send(b"who\n")
                self.events = selectors.EVENT_READ
                return
            data = self.sock.recv(65536)
            if self.kind == "ping":
                data = data[(data[0] & 15) * 4:] if self.echo == 8 else data
                if data[0] != self.reply or data[4:6] != struct.pack(">H", os.getpid() & 0xffff):
                    return
            self.outcome = "" if data else ":refused"
        except BlockingIOError:
            return
        except OSError:
            self.outcome = ":refused"


def main():
    address, patience, silence, wanted, *words = sys.argv[1:]
    probes = [Probe(word, address) for word in words]
    awaited = set(wanted.split())
    end = time.monotonic() + float(patience)
    again = 0
    while (now := time.monotonic()) < end:
        waiting = [probe for probe in probes if probe.outcome is None]
        if not waiting:
            break
        if awaited is not None and not awaited & {probe.word for probe in waiting}:
            end = now + float(silence)
            awaited = None
        if now >= again:
            again = now + AGAIN
            for probe in waiting:
                probe.ask()
        with selectors.DefaultSelector() as selector:
            for probe in waiting:
                selector.register(probe, probe.events)
            for key, _ in selector.select(max(0, min(again, end) - time.monotonic())):
                key.fileobj.ready()
    print(" ".join(probe.word + probe.outcome for probe in probes if probe.outcome is not None))


main()
