# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent in a namespace, vrouterd unless said otherwise, for tests that are written in Python."""
import os
import pathlib
import shutil
import subprocess
import time

import varlink

PATIENCE = 30


class Router:
    """Its state is kept below DIRECTORY, its socket is in /run."""

    def __init__(self, binary, namespace, directory="/run", interface="io.weft.VRouter",
                 options=()):
        self.binary, self.namespace, self.interface = binary, namespace, interface
        self.options = options
        self.directory = pathlib.Path(directory) / namespace
        self.socket = f"/run/{namespace}.socket"
        self.directory.mkdir(parents=True)
        self.process = self.client = None
        self.log = open(self.directory / "log", "ab")

    def launch(self):
        """Starts the daemon without waiting for it."""
        command = ["ip", "netns", "exec", self.namespace, self.binary,
                   "--state-dir", str(self.directory / "state"),
                   "--run-dir", str(self.directory / "run"), "--socket", f"unix:{self.socket}",
                   *self.options]
        for name in ("state", "run"):
            (self.directory / name).mkdir(exist_ok=True)
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)

    def start(self, deadline=PATIENCE):
        """Starts the daemon; returns what it holds."""
        self.launch()
        end = time.monotonic() + deadline
        while True:
            try:
                self.client = varlink.Client(self.socket, self.interface)
                return self.client.call("Get")
            except (OSError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the daemon did not start (status "
                                       f"{self.process.poll()}): {self.tail()}") from None
                time.sleep(0.005)

    def call(self, method, parameters=None):
        return self.client.call(method, parameters)

    def kill(self, signal=9):
        self.process.send_signal(signal)
        self.process.wait()
        if self.client:
            self.client.close()
            self.client = None

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill(15)
        end_processes(self.namespace)
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def tail(self):
        self.log.flush()
        return (self.directory / "log").read_text(errors="replace")[-3000:]


def end_processes(namespace):
    """A service outlives its agent; here it must not outlive the test."""
    found = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True,
                           check=True)
    for pid in map(int, found.stdout.split()):
        try:
            # Not this program itself, whose threads visit namespaces.
            if pid != os.getpid():
                os.kill(pid, 9)
        except ProcessLookupError:
            pass
