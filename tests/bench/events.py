# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel tells of changes in a namespace: its netlink events, each with its time."""
import socket
import struct
import time

from namespaces import Inside

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
SOL_NETLINK, ADD_MEMBERSHIP, RCVBUFFORCE = 270, 1, 33
NFT_GROUP, CONNTRACK_DESTROY_GROUP, ROUTE_GROUP = 7, 3, 7
NEW_RULE, REMOVED_RULE, NEW_ELEMENT, REMOVED_ELEMENT, GENERATION = 0xa06, 0xa08, 0xa0c, 0xa0e, 0xa0f
NEW_ROUTE, REMOVED_ROUTE = 24, 25


class Events:
    def __init__(self, namespace, protocol, *groups):
        with Inside(namespace):
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.socket.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 64 << 20)
        self.socket.bind((0, 0))
        for group in groups:
            self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

    def close(self):
        self.socket.close()

    def read(self, patience_s):
        """[(type, monotonic seconds)] of what comes next; none: nothing came."""
        self.socket.settimeout(patience_s or 1e-6)
        try:
            data = self.socket.recv(1 << 20)
        except (TimeoutError, BlockingIOError):
            return []
        now, seen, at = time.monotonic(), [], 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            seen.append((kind, now))
            at += (length + 3) & ~3
        return seen

    def forget(self):
        """All that is waiting."""
        while self.read(0):
            pass

    def wait(self, wanted, patience_s, count=1):
        """The time of the COUNTth event of the type WANTED."""
        end = time.monotonic() + patience_s
        while (left := end - time.monotonic()) > 0:
            for kind, at in self.read(left):
                count -= kind == wanted
                if not count:
                    return at
        raise RuntimeError(f"event {wanted:#x} did not come within {patience_s} s, {count} missing")
