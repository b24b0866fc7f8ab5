# SPDX-License-Identifier: GPL-2.0-or-later
"""A stream of numbered UDP packets from one namespace to another.

With it, packets flow; afterwards it has 'sent', 'lost', 'longest_ms' (the longest that a packet
took, from just before it was sent to the kernel's own time of its arrival) and 'late_ms' (the
longest that the sender itself came late). A process of its own with a real-time priority sends, so
that what is measured is the way, not the scheduler."""
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from namespaces import Inside  # noqa: E402

SO_TIMESTAMPNS = 35
PORT = 9999
SETTLE_S = 0.3


class Stream:
    """RATE packets a second to ADDRESS; with FRESH each from a port of its own, so that each is a
    connection of its own."""

    def __init__(self, sender, receiver, address, rate, port=PORT, fresh=False):
        self.command = [sys.executable, __file__, sender, receiver, address, str(port), str(rate),
                        "fresh" if fresh else "one"]
        self.process = None
        self.sent = self.lost = self.longest_ms = self.late_ms = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "flows\n":
            raise RuntimeError("no packet of the stream arrives")
        return self

    def __exit__(self, *_):
        out, _ = self.process.communicate("")
        if self.process.returncode == 0:
            self.__dict__.update(json.loads(out))
        elif not sys.exc_info()[0]:
            raise RuntimeError(f"the stream ended with status {self.process.returncode}")


class Ends:
    def __init__(self, sender, receiver, address, port, fresh):
        self.sender, self.to, self.fresh = sender, (address, port), fresh
        with Inside(receiver):
            self.listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.listener.bind(("0.0.0.0", port))
        self.listener.setblocking(False)
        with Inside(sender):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sent, self.got = {}, {}

    def send(self, number):
        if self.fresh:
            self.socket.close()
            with Inside(self.sender):
                self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sent[number] = time.time_ns()
        try:
            self.socket.sendto(struct.pack("=Q", number), self.to)
        except OSError:
            pass  # The packet is lost, whatever lost it.

    def drain(self):
        while True:
            try:
                data, ancillary, _, _ = self.listener.recvmsg(64, 128)
            except BlockingIOError:
                return
            seconds, nanoseconds = struct.unpack("=qq", ancillary[0][2][:16])
            number, = struct.unpack("=Q", data[:8])
            self.got.setdefault(number, seconds * 1_000_000_000 + nanoseconds)


def warm_up(ends):
    """Until one arrives: neighbours are asked for first."""
    for number in range(1 << 62, (1 << 62) + 1000):
        ends.send(number)
        if select.select([ends.listener], [], [], 0.02)[0]:
            break
    else:
        sys.exit("nothing arrives")
    time.sleep(0.1)
    ends.drain()
    ends.sent.clear()
    ends.got.clear()


def flow(ends, rate):
    """Until standard input ends."""
    period, number, late = 1 / rate, 0, 0
    next_at = time.monotonic()
    while number % 16 or not select.select([sys.stdin], [], [], 0)[0]:
        ends.send(number)
        number += 1
        ends.drain()
        next_at += period
        left = next_at - time.monotonic()
        if left > 0:
            time.sleep(left)
        elif left < -0.01:
            late, next_at = max(late, -left), time.monotonic()
    time.sleep(SETTLE_S)
    ends.drain()
    return late


def main():
    sender, receiver, address, port, rate, how = sys.argv[1:]
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    ends = Ends(sender, receiver, address, int(port), how == "fresh")
    warm_up(ends)
    print("flows", flush=True)
    late = flow(ends, int(rate))
    took = [(at - ends.sent[number]) / 1e6 for number, at in ends.got.items()]
    print(json.dumps({"sent": len(ends.sent), "lost": len(ends.sent) - len(ends.got),
                      "longest_ms": max(took), "late_ms": late * 1000}))


if __name__ == "__main__":
    main()
