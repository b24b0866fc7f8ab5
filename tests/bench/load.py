# SPDX-License-Identifier: GPL-2.0-or-later
"""The load of tests/load, between namespaces: who serves, who asks, and what became of it."""
import json
import socket
import subprocess
import time

import scene
from namespaces import Inside, run

PROGRAM = str(scene.ROOT / "build" / "tools" / "load")
PORT = 8000
# Each source has 28,000 ports, which rest for a minute after use.
SOURCES, FIRST_SOURCE, N_SOURCES = "10.254.0.0/24", "10.254.0.1", 200
PATIENCE_S = 30


def addresses(client):
    """The client has many: it answers ARP for all of them."""
    run("ip", "-n", client, "route", "add", "local", SOURCES, "dev", "lo")


def begin(namespace, *arguments):
    with Inside(namespace):
        process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
    if not process.stdout.readline():
        raise RuntimeError(f"load {' '.join(arguments)} ended with status {process.wait()}")
    return process


class Server:
    def __init__(self, namespace, *ports):
        self.process = begin(namespace, "serve", *map(str, ports))

    def close(self):
        self.process.kill()
        self.process.wait()


class Asking:
    """Goes on from now, until stop()."""

    def __init__(self, namespace, address, port, *options):
        self.process = begin(namespace, "ask", *options, "-f", FIRST_SOURCE, "-n", str(N_SOURCES),
                             address, str(port))

    def stop(self):
        self.process.terminate()
        return self.result()

    def result(self):
        out, _ = self.process.communicate()
        return json.loads(out)


def is_served(namespace, address, port):
    """Whether a connection is taken."""
    with Inside(namespace):
        one = socket.socket()
    with one:
        one.settimeout(1)
        return one.connect_ex((address, port)) == 0


def until_served(namespace, address, port):
    end = time.monotonic() + PATIENCE_S
    while not is_served(namespace, address, port):
        if time.monotonic() > end:
            raise RuntimeError(f"nobody serves {address}:{port}")
        time.sleep(0.02)
