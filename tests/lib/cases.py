# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests side by side, once more alone when they fail, and writes down how each ended.

A test is a command that exits with 0 (passed), 77 (skipped; its last line "SKIP: reason" says why)
or anything else (failed). Used by tests/run and, inside the virtual machine, by tests/vm/inside.
"""
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

TAIL_LINES = 40


@dataclasses.dataclass
class Test:
    name: str  # "net/harness:pings_over_a_wire", "unit/plan"
    command: list
    limit_s: int = 120
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Result:
    name: str
    status: str  # passed, failed, skipped
    seconds: float
    detail: str = ""  # of a skip its reason; "second try" for what passed only then


def slowness():
    return int(os.environ.get("WEFT_SLOWNESS", "1"))


def case_tests(path, tier, only=None):
    """The cases of one shell file as tests."""
    names = subprocess.run([path, "--list"], capture_output=True, text=True, check=True,
                           stdin=subprocess.DEVNULL).stdout.split()
    match = re.search(r"^# timeout: *(\d+)", path.read_text(), re.M)
    limit = int(match.group(1)) if match else 120
    return [Test(f"{tier}/{path.stem}:{name}", [str(path), name], limit)
            for name in names if only is None or f"{tier}/{path.stem}:{name}" in only]


def vm_cases(path):
    """The cases that the shell file wants to be run in the virtual machine too: "# vm: CASE..."."""
    words = " ".join(re.findall(r"^# vm: *(.*)$", path.read_text(), re.M)).split()
    known = {test.name.partition(":")[2] for test in case_tests(path, "net")} if words else set()
    for word in words:
        if word not in known:
            raise ValueError(f"{path}: \"# vm:\" names {word}, which is no case")
    return words


class Runner:
    """Runs tests; the results' folder gets a log for each and results.tsv."""

    def __init__(self, folder, jobs):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.jobs = jobs
        self.results = []
        self.lock = threading.Lock()

    def record(self, result, quiet=False):
        with self.lock:
            self.results.append(result)
            with open(self.folder / "results.tsv", "a") as table:
                table.write(f"{result.name}\t{result.status}\t{result.seconds:.1f}\t"
                            f"{result.detail}\n")
            extra = f": {result.detail}" if result.detail else ""
            if not quiet:
                print(f"{result.status:7} {result.name} ({result.seconds:.1f} s){extra}", flush=True)

    def evidence(self, test, attempt):
        return self.folder / (test.name.replace(":", ".") + ("" if attempt == 1 else ".again"))

    def execute(self, test, attempt):
        """Runs it once. What it started dies with it: it is killed as a process group, and the
        namespaces of a network case with their first process."""
        folder = self.evidence(test, attempt)
        folder.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        # The case ends itself at its limit; this one is for a case that cannot.
        limit = test.limit_s * slowness() + 90 * slowness()
        with open(folder / "log", "w") as log:
            process = subprocess.Popen(
                test.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | {"EVIDENCE": str(folder)} | test.environment,
                start_new_session=True)
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = -1
                log.write(f"FAILED: killed after {limit} s\n")
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        seconds = time.monotonic() - start
        if code == 0:
            return Result(test.name, "passed", seconds)
        # Without its reason 77 is no skip: libFuzzer ends so when it has found a crash.
        lines = re.findall(r"^SKIP: (.*)$", self.log_text(test, attempt), re.M)
        if code == 77 and lines:
            return Result(test.name, "skipped", seconds, lines[-1])
        return Result(test.name, "failed", seconds)

    def log_text(self, test, attempt):
        return (self.evidence(test, attempt) / "log").read_text(errors="replace")

    def show(self, test, attempt):
        folder = self.evidence(test, attempt)
        lines = self.log_text(test, attempt).splitlines()
        print(f"---- {test.name}: {folder}")
        for line in lines[-TAIL_LINES:]:
            print(f"    {line}")
        for path in sorted(folder.glob("*.status")) + sorted(folder.glob("*d.log")):
            print(f"  -- {path.name}")
            for line in path.read_text(errors="replace").splitlines()[-15:]:
                print(f"    {line[:300]}")
        print("----", flush=True)

    def run(self, tests, again=True):
        """Runs all; with 'again' those that failed once more, one by one, when the others are
        done: what passes only then failed by the load, not by its own fault."""
        failed = []

        def first(test):
            result = self.execute(test, 1)
            if result.status == "failed" and again:
                print(f"        {test.name} failed ({result.seconds:.1f} s), "
                      "is tried again alone at the end", flush=True)
                failed.append(test)
            else:
                self.record(result)
                if result.status == "failed":
                    self.show(test, 1)

        # The longest first, so that the end is not one slow test alone.
        tests = sorted(tests, key=lambda test: -test.limit_s)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for done in [pool.submit(first, test) for test in tests]:
                done.result()
        for test in failed:
            result = self.execute(test, 2)
            self.show(test, 1)
            if result.status == "passed":
                result.detail = "second try"
            self.record(result)
            if result.status == "failed":
                self.show(test, 2)
