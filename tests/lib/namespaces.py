# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces for tests that are written in Python."""
import ctypes
import os
import subprocess
import sys

CLONE_NEWNET = 0x40000000


def enter_namespaces():
    """Starts this program again in namespaces of its own, which end with it."""
    if os.environ.get("WEFT_WORLD") == "1":
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
        os.makedirs("/run/netns")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["WEFT_WORLD"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                          "--mount-proc", sys.executable, *sys.argv])


def write(path, text):
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError:
        pass


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Inside:
    """With it, system calls of this thread are made in a network namespace."""

    libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.back = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.enter(os.open(f"/run/netns/{self.name}", os.O_RDONLY))

    def __exit__(self, *_):
        self.enter(self.back)

    def enter(self, file):
        if self.libc.setns(file, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(file)
