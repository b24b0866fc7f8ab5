# SPDX-License-Identifier: GPL-2.0-or-later
"""The vm tier: runs cases on Debian's own kernel, in one virtual machine."""
import os
import shutil
import subprocess
import time

from cases import Result

def missing():
    """What keeps this machine from starting one, or None."""
    if not shutil.which("qemu-system-x86_64"):
        return "qemu-system-x86 is missing"
    if not os.path.exists("/usr/lib/qemu/virtiofsd"):
        return "virtiofsd (qemu-system-common) is missing"
    if not os.path.exists("/bin/busybox") and not shutil.which("busybox"):
        return "busybox-static is missing"
    return None


def skip_all(runner, names, reason):
    """Those that were skipped on this kernel already stay as they were."""
    known = {result.name for result in runner.results}
    for name in names:
        if name not in known:
            runner.record(Result(name, "skipped", 0, reason))


def read_table(path):
    if not path.exists():
        return {}
    results = {}
    for line in path.read_text().splitlines():
        fields = line.split("\t")
        if len(fields) == 4:
            results[fields[0]] = Result(fields[0], fields[1], float(fields[2]), fields[3])
    return results


def show_console(folder):
    print("---- end of the machine's console")
    if (folder / "console").exists():
        text = (folder / "console").read_text(errors="replace")
        print("\n".join(text.splitlines()[-60:]))
    print("----", flush=True)


def boot(root, folder, names, limit_s):
    """How it ended: the status of its cases' runner (124: time over), "lost", "no kernel"."""
    cases = folder / "cases"
    cases.write_text("".join(f"{name}\n" for name in names))
    start = time.monotonic()
    # JOBS of the machine is its own: it has two processors, and cases that wait for silence.
    code = subprocess.run([root / "tests" / "vm" / "boot", cases], cwd=root,
                          env=os.environ | {"RESULTS": str(folder), "LIMIT_S": str(limit_s),
                                            "JOBS": os.environ.get("VM_JOBS", "3")},
                          stdin=subprocess.DEVNULL, check=False).returncode
    print(f"the machine ran for {time.monotonic() - start:.0f} s", flush=True)
    if code == 77:
        return "no kernel"
    done = folder / "done"
    return done.read_text().strip() if done.exists() else "lost"


def run(runner, root, told, limit_s):
    """Runs the cases that 'told' names there; its values are the names of what is recorded."""
    reason = missing()
    if not reason and limit_s < 60:
        reason = "no time is left for the virtual machine (TOTAL_S)"
    if reason:
        skip_all(runner, told.values(), reason)
        return
    folder = runner.folder / "machine"
    folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + limit_s
    results, ended = {}, "lost"
    # A machine that is lost (not its time over) is started once more for what it left.
    for _ in range(2):
        left = [name for name in told if name not in results]
        ended = boot(root, folder, left, int(end - time.monotonic()))
        results = read_table(folder / "results.tsv")
        if ended == "no kernel":
            skip_all(runner, told.values(), "Debian's kernel package cannot be had")
            return
        if ended in ("0", "124") or end - time.monotonic() < 60:
            break
        show_console(folder)
    for name, recorded in told.items():
        if name in results:
            result = results[name]
            result.name, result.detail = recorded, result.detail or "in the virtual machine"
            runner.record(result, quiet=True)
        elif ended == "124":
            runner.record(Result(recorded, "skipped", 0,
                                 f"not reached within {limit_s} s (VM_S)"))
        else:
            runner.record(Result(recorded, "failed", 0, "the virtual machine ended before it"))
