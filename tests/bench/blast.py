# SPDX-License-Identifier: GPL-2.0-or-later
"""Many small UDP packets by few system calls, each with any source: on cables between namespaces
the whole way of a packet, up to the receiver's socket, is walked within the sender's call."""
import ctypes
import os
import socket
import struct
import time

from namespaces import Inside
from priority import RealTime

AT_ONCE = 1024  # packets in one system call
PAYLOAD = bytes(18)  # the smallest Ethernet frame
LOST = 0.001  # of all may be
PATIENCE_S = 60


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32),
                ("iov", ctypes.c_void_p), ("iov_length", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("hole", ctypes.c_int), ("sent", ctypes.c_uint)]


def packet(source, source_port, to, to_port):
    udp = struct.pack("!HHHH", source_port, to_port, 8 + len(PAYLOAD), 0) + PAYLOAD
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0,
                       socket.inet_aton(source), socket.inet_aton(to)) + udp


def arrived(namespace, device="eth0"):
    """Packets that came in there so far."""
    with Inside(namespace), open("/proc/thread-self/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, counters = line.partition(":")
            if name.strip() == device:
                return int(counters.split()[1])
    raise RuntimeError(f"{namespace} has no {device}")


class Blast:
    """Packets from NAMESPACE, all to one address."""

    libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, namespace, packets, to):
        with Inside(namespace):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.n = len(packets)
        name = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(to))
        self.kept = [ctypes.create_string_buffer(name, len(name)),
                     ctypes.create_string_buffer(b"".join(packets)), (Iovec * self.n)()]
        self.messages = (Message * self.n)()
        at = ctypes.addressof(self.kept[1])
        for i, one in enumerate(packets):
            self.kept[2][i] = Iovec(at, len(one))
            at += len(one)
            self.messages[i] = Message(
                ctypes.addressof(self.kept[0]), len(name),
                ctypes.addressof(self.kept[2]) + i * ctypes.sizeof(Iovec), 1, None, 0, 0, 0, 0)

    def close(self):
        self.socket.close()

    def send(self, times=1):
        """Sends all of them TIMES times; returns the seconds."""
        with RealTime():
            began = time.monotonic()
            for _ in range(times):
                self.send_some(self.n)
            return time.monotonic() - began

    def rate(self, times, namespace):
        """Sends all of them TIMES times; returns how many a second came to the device of NAMESPACE.
        Where the kernel leaves some for later, an emulated one does, that time counts."""
        wanted = arrived(namespace) + self.n * times * (1 - LOST)
        began = time.monotonic()
        self.send(times)
        ended = time.monotonic()
        while arrived(namespace) < wanted:
            ended = time.monotonic()
            if ended > began + PATIENCE_S:
                raise RuntimeError(f"{wanted - arrived(namespace):.0f} packets of "
                                   f"{self.n * times} did not come to {namespace}")
        return self.n * times / (ended - began)

    def send_some(self, count):
        """The first COUNT of them."""
        done, size = 0, ctypes.sizeof(Message)
        while done < count:
            n = self.libc.sendmmsg(self.socket.fileno(),
                                   ctypes.byref(self.messages, done * size),
                                   min(AT_ONCE, count - done), 0)
            if n < 0:
                error = ctypes.get_errno()
                raise OSError(error, os.strerror(error))
            done += n


class Sink:
    """A UDP socket that nobody reads: what comes is taken and forgotten."""

    def __init__(self, namespace, address, port):
        with Inside(namespace):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self.socket.bind((address, port))

    def forget(self):
        """What was taken."""
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(64)
        except BlockingIOError:
            pass

    def answer(self, patience_s):
        """Waits for a packet and answers it: the connection is an established one then."""
        self.socket.settimeout(patience_s)
        _, peer = self.socket.recvfrom(64)
        self.socket.sendto(PAYLOAD, peer)

    def close(self):
        self.socket.close()
