# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/run, once the packages are there: builds, runs the tiers, tells the sums."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import checks  # noqa: E402
import features  # noqa: E402
import machine  # noqa: E402
from cases import Result, Runner, Test, case_tests, vm_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "results"
TIERS = ["check", "unit", "e2e", "net", "fault", "differential", "fuzz", "vm", "features"]
CORES = os.cpu_count() or 1
# A network case mostly waits, so one more than there are cores.
JOBS = int(os.environ.get("JOBS", CORES + 1))
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "10"))
SANITIZER = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


class Run:
    def __init__(self, words):
        self.tiers = [tier for tier in TIERS if tier in words]
        self.whole = set(self.tiers)
        self.patterns = [word for word in words if word not in TIERS]
        for pattern in self.patterns:
            tier = pattern.partition("/")[0]
            if tier not in TIERS:
                sys.exit(f"tests/run: '{pattern}' is neither a tier nor TIER/NAME: "
                         + " ".join(TIERS))
            if tier not in self.tiers:
                self.tiers.append(tier)
        self.tiers = sorted(self.tiers or TIERS, key=TIERS.index)
        self.runner = Runner(RESULTS, JOBS)
        self.start = time.monotonic()

    def seconds_left(self):
        """For the virtual machine: VM_S, but never past TOTAL_S of the whole run."""
        left = int(os.environ.get("VM_S", "2700"))
        if "TOTAL_S" in os.environ:
            spent = time.monotonic() - self.start
            # A minute is kept for its start and end.
            left = min(left, int(os.environ["TOTAL_S"]) - int(spent) - 60)
        return left

    def wanted(self, tests):
        if not self.patterns:
            return tests
        return [test for test in tests if test.name.partition("/")[0] in self.whole
                or any(test.name.startswith(pattern) for pattern in self.patterns)]

    def build(self, folder, *options, targets=()):
        """Configures and builds; a build that fails is a failed test of its own name."""
        log = RESULTS / f"{folder}.log"
        start = time.monotonic()
        with open(log, "w") as out:
            for command in (["cmake", "-B", folder, "-G", "Ninja", "-DWEFT_WERROR=ON", *options],
                            ["ninja", "-k", "0", "-C", folder, *targets]):
                code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                                      stdin=subprocess.DEVNULL, check=False).returncode
                if code:
                    break
        self.runner.record(Result(f"build/{folder}", "failed" if code else "passed",
                                  time.monotonic() - start))
        if code:
            print(log.read_text(errors="replace")[-6000:])
        return code == 0

    def tier_check(self):
        self.runner.run(self.wanted(checks.tests(ROOT)), again=False)

    def tier_unit(self):
        programs = sorted((ROOT / "build-asan" / "unit").glob("unit_*"))
        sources = {path.stem for path in (ROOT / "tests" / "unit").glob("*.c")}
        sandbox = str(ROOT / "tests" / "lib" / "sandbox")
        tests = [Test("unit/" + path.name[5:], [sandbox, str(path)], 300, SANITIZER)
                 for path in programs if path.name[5:] in sources]
        self.runner.run(self.wanted(tests))

    def shell_cases(self, tier):
        tests = []
        for path in sorted((ROOT / "tests" / tier).glob("*.sh")):
            tests += case_tests(path, tier)
        for path in sorted((ROOT / "tests" / tier).glob("*.py")):
            tests.append(Test(f"{tier}/{path.stem}", ["/usr/bin/python3", str(path)], 300))
        return self.wanted(tests)

    def tier_e2e(self):
        self.runner.run(self.shell_cases("e2e"))

    def tier_net(self):
        self.runner.run(self.shell_cases("net"))

    def tier_fault(self):
        self.runner.run(self.shell_cases("fault"))

    def tier_differential(self):
        folder = ROOT / "tests" / "differential"
        self.runner.run(self.wanted([Test("differential/selftest", [str(folder / "selftest.py")],
                                          300),
                                     Test("differential/run", [str(folder / "run")], 600)]))

    def tier_fuzz(self):
        sources = sorted((ROOT / "tests" / "fuzz").glob("*.c"))
        names = self.wanted([Test(f"fuzz/{path.stem}", [], FUZZ_SECONDS + 120, SANITIZER)
                             for path in sources])
        if not names:
            return
        if not shutil.which("clang") or not list(pathlib.Path("/usr/lib").glob(
                "llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a")):
            for test in names:
                self.runner.record(Result(test.name, "skipped", 0,
                                          "clang or libclang-rt-14-dev is missing"))
            return
        if not self.build("build-fuzz", "-DCMAKE_C_COMPILER=clang", "-DWEFT_SANITIZE=ON",
                          "-DWEFT_FUZZ=ON", "-DCMAKE_C_FLAGS=-fsanitize=fuzzer-no-link",
                          targets=["fuzz_" + test.name.partition("/")[2] for test in names]):
            return
        for test in names:
            stem = test.name.partition("/")[2]
            grown = ROOT / "build-fuzz" / "corpus" / stem
            grown.mkdir(parents=True, exist_ok=True)
            given = ROOT / "tests" / "fuzz" / "corpus" / stem
            test.command = [str(ROOT / "build-fuzz" / "fuzz" / f"fuzz_{stem}"),
                            f"-max_total_time={FUZZ_SECONDS}", "-timeout=30", "-rss_limit_mb=4096",
                            f"-artifact_prefix={RESULTS}/fuzz-{stem}-", str(grown)]
            if given.is_dir():
                test.command.append(str(given))
        self.runner.run(names)

    def tier_vm(self):
        tests = self.shell_cases("vm")
        # A whole cloud takes five to ten minutes there: with VM_CLOUDS=1, or by hand (tests/vm/boot).
        clouds = "VM_CLOUDS" in os.environ
        lacking = [result.name for result in self.runner.results
                   if result.status == "skipped" and result.detail.startswith("kernel lacks")
                   and (clouds or not result.name.startswith("e2e/"))]
        # What is told of each, by its name in the machine.
        told = {name: name for name in [test.name for test in tests] + lacking}
        for path in sorted((ROOT / "tests" / "net").glob("*.sh")):
            twice = [Test(f"vm/{path.stem}:{case}", []) for case in vm_cases(path)]
            for test in self.wanted(twice):
                told.setdefault(f"net/{test.name[3:]}", test.name)
        if told:
            machine.run(self.runner, ROOT, told, self.seconds_left())

    def tier_features(self):
        features.run(self.runner, ROOT, complete=not self.patterns and self.tiers == TIERS)

    def run(self):
        built = {}
        for tier in self.tiers:
            if tier in ("check", "e2e", "net", "fault", "differential", "vm") and "build" not in built:
                built["build"] = self.build("build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
            if tier in ("unit", "fault", "differential") and "build-asan" not in built:
                built["build-asan"] = self.build("build-asan", "-DWEFT_SANITIZE=ON")
            start = time.monotonic()
            print(f"==== {tier}", flush=True)
            getattr(self, f"tier_{tier}")()
            print(f"==== {tier}: {time.monotonic() - start:.0f} s", flush=True)


def summary(results):
    """A test that ran twice (here, then in the virtual machine) counts as it ended."""
    last = {result.name: result for result in results}.values()
    for title, status in (("skipped", "skipped"), ("failed", "failed")):
        for result in last:
            if result.status == status:
                print(f"{title}: {result.name}" + (f": {result.detail}" if result.detail else ""))
    for result in last:
        if result.detail == "second try":
            print(f"passed at the second try: {result.name}")
    count = {status: sum(result.status == status for result in last)
             for status in ("passed", "failed", "skipped")}
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped",
          flush=True)
    return 1 if count["failed"] else 0


def main():
    # A checkout may belong to another user than root.
    os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
                   "GIT_CONFIG_VALUE_0": "*"}
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    run = Run(sys.argv[1:])
    try:
        run.run()
    except Exception as error:  # the sums are told whatever happens
        run.runner.record(Result("run", "failed", 0, repr(error)))
    return summary(run.runner.results)


sys.exit(main())
