# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/features.tsv: which test proves which feature, held against what has just run.

A line is "ROW<tab>FEATURE<tab>TEST"; # begins a comment. A test is named as tests/run prints it.
"""
import subprocess
import time

from cases import Result


def rows(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        yield number, line.split("\t")


def exists(root, test):
    """Whether the source has this test, run or not."""
    tier, _, name = test.partition("/")
    if tier == "unit":
        return (root / "tests" / "unit" / f"{name}.c").exists()
    stem, _, case = name.partition(":")
    path = root / "tests" / tier / f"{stem}.sh"
    if not path.exists():
        return (root / "tests" / tier / f"{stem}.py").exists() and not case
    listed = subprocess.run([path, "--list"], capture_output=True, text=True, check=False)
    return case in listed.stdout.split()


def run(runner, root, complete):
    """One result, features; 'complete' says that every tier has run."""
    start = time.monotonic()
    table = root / "docs" / "features.tsv"
    if not table.exists():
        runner.record(Result("features", "failed", 0, "docs/features.tsv is missing"))
        return
    status = {result.name: result.status for result in runner.results}
    faults, skipped, known = [], [], {}
    proven, named = set(), set()
    for number, fields in rows(table):
        if len(fields) < 3 or not all(fields[:3]):
            faults.append(f"line {number}: wanted ROW<tab>FEATURE<tab>TEST")
            continue
        row, _, test = fields[:3]
        named.add(row)
        if test not in known:
            known[test] = exists(root, test)
        if not known[test]:
            faults.append(f"line {number}: {row}: there is no test {test}")
        elif status.get(test) == "passed":
            proven.add(row)
        elif status.get(test) == "failed":
            faults.append(f"line {number}: {row}: {test} failed")
        elif status.get(test) == "skipped":
            skipped.append(f"{row} ({test})")
        elif complete:
            faults.append(f"line {number}: {row}: {test} did not run")
    for fault in faults:
        print(f"docs/features.tsv: {fault}")
    if skipped:
        print("not proven here, the test was skipped: " + ", ".join(skipped))
    print(f"{len(proven)} of {len(named)} rows proven", flush=True)
    runner.record(Result("features", "failed" if faults else "passed", time.monotonic() - start,
                         f"{len(proven)} of {len(named)} rows proven"))
