#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One question over TCP or UDP, to a server of serve.py.

    probe.py tcp|udp ADDRESS PORT SECONDS [SOURCE[:PORT]]

Prints the answer. Exit status: 0 answered, 1 another failure, 2 refused (RST or ICMP port
unreachable), 3 nothing came in time, 4 refused by the network (ICMP or no route).
    probe.py hold ADDRESS PORT SECONDS QUESTIONS ANSWERS
keeps one TCP connection open: for each line read from the file QUESTIONS (a fifo) it asks once
and appends the answer, or "BROKEN reason", to ANSWERS.
"""
import errno
import socket
import sys
import time


def address_of(host, port, kind):
    return socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)[0]


def bind(sock, source):
    if source:
        host, _, port = source.rpartition(":") if source.count(":") == 1 else (source, "", "0")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(port)))


def ask_tcp(host, port, seconds, source):
    family, kind, _, _, address = address_of(host, port, socket.SOCK_STREAM)
    sock = socket.socket(family, kind)
    bind(sock, source)
    sock.settimeout(seconds)
    sock.connect(address)
    sock.sendall(b"who\n")
    answer = sock.makefile("rb").readline()
    if not answer:
        raise ConnectionResetError("closed without an answer")
    return answer.decode()


def ask_udp(host, port, seconds, source):
    family, kind, _, _, address = address_of(host, port, socket.SOCK_DGRAM)
    sock = socket.socket(family, kind)
    bind(sock, source)
    sock.connect(address)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        sock.send(b"who\n")
        sock.settimeout(min(0.5, left))
        try:
            return sock.recv(65536).decode()
        except TimeoutError:
            continue
    raise TimeoutError("no answer")


def hold(host, port, seconds, questions, answers):
    family, kind, _, _, address = address_of(host, port, socket.SOCK_STREAM)
    sock = socket.socket(family, kind)
    sock.settimeout(seconds)
    sock.connect(address)
    lines = sock.makefile("rb")
    with open(answers, "a", buffering=1) as out:
        out.write("OPEN\n")
        while True:
            with open(questions) as fifo:
                for _ in fifo:
                    try:
                        sock.sendall(b"who\n")
                        out.write(lines.readline().decode() or "BROKEN closed\n")
                    except OSError as error:
                        out.write(f"BROKEN {error}\n")
                        return


def main():
    what, host, port, seconds, *more = sys.argv[1:]
    try:
        if what == "hold":
            hold(host, port, float(seconds), *more)
        else:
            ask = {"tcp": ask_tcp, "udp": ask_udp}[what]
            sys.stdout.write(ask(host, port, float(seconds), more[0] if more else None))
        return 0
    except TimeoutError as error:
        print(error, file=sys.stderr)
        # The kernel's own ETIMEDOUT is a time-out too; both come here.
        return 3
    except OSError as error:
        print(error, file=sys.stderr)
        if isinstance(error, ConnectionRefusedError):
            return 2
        return 4 if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES,
                                    errno.EPERM) else 1


sys.exit(main())
