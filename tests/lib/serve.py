#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Line server of the tests: tells who answered and whom it saw.

    serve.py READY LOG NAME tcp 80 8080-8090 udp 53 ...

Each line (TCP) or datagram (UDP) is answered with "LOCAL PEER PEER_PORT NAME". A TCP client that
says GET, HEAD or POST gets the same line as an HTTP page. A connection stays open until the
client closes it. READY is created once every port listens; each answer is a line in LOG.
"""
import asyncio
import socket
import struct
import sys

IPV6_PKTINFO = 50


def plain(address):
    """An IPv4 address that came through a dual-stack socket, as people write it."""
    return address.removeprefix("::ffff:")


class Server:
    def __init__(self, log, name):
        self.log = open(log, "a", buffering=1)
        self.name = name

    def answer(self, protocol, local, peer, port):
        line = f"{plain(local[0])} {plain(peer[0])} {peer[1]} {self.name}"
        self.log.write(f"{protocol} {port} {line}\n")
        return line.encode() + b"\n"

    async def talk(self, reader, writer):
        local = writer.get_extra_info("sockname")
        peer = writer.get_extra_info("peername")
        try:
            while line := await reader.readline():
                if line.split(b" ")[0] in (b"GET", b"HEAD", b"POST"):
                    await self.talk_http(reader, writer, local, peer)
                    break
                writer.write(self.answer("tcp", local, peer, local[1]))
                await writer.drain()
        except (ConnectionError, ValueError):
            pass
        writer.close()

    async def talk_http(self, reader, writer, local, peer):
        headers = []
        while (line := await reader.readline()).strip():
            headers.append(line)
        body = self.answer("http", local, peer, local[1])
        for line in headers:
            if line.lower().startswith(b"x-forwarded-for:"):
                body += line.strip() + b"\n"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    def echo(self, sock, port):
        """Answers one datagram from the address that it was sent to."""
        data, control, _, peer = sock.recvmsg(65536, 1024)
        info = next(value for level, kind, value in control if kind == IPV6_PKTINFO)
        local = socket.inet_ntop(socket.AF_INET6, info[:16])
        # Index 0: the answer's way out is the routing table's to find.
        source = info[:16] + struct.pack("I", 0)
        try:
            sock.sendmsg([self.answer("udp", (local,), peer, port)],
                         [(socket.IPPROTO_IPV6, IPV6_PKTINFO, source)], 0, peer)
        except OSError as error:
            self.log.write(f"udp {port} {peer[0]}: {error}\n")


def ports(words):
    protocol = "tcp"
    for word in words:
        if word in ("tcp", "udp"):
            protocol = word
            continue
        first, _, last = word.partition("-")
        for port in range(int(first), int(last or first) + 1):
            yield protocol, port


async def main():
    ready, log, name = sys.argv[1:4]
    server = Server(log, name)
    loop = asyncio.get_running_loop()
    kept = []
    for protocol, port in ports(sys.argv[4:]):
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        sock = socket.socket(socket.AF_INET6, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(("::", port))
        sock.setblocking(False)
        if protocol == "tcp":
            kept.append(await asyncio.start_server(server.talk, sock=sock, backlog=1024))
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            loop.add_reader(sock, server.echo, sock, port)
            kept.append(sock)
    open(ready, "w").close()
    await asyncio.Event().wait()


asyncio.run(main())
