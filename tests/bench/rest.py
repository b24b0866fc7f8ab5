# SPDX-License-Identifier: GPL-2.0-or-later
"""Part rest: VM records made through REST over HTTPS, by one caller and by several at once, with
each database; beside them, what the disk needs to sync as often."""
import multiprocessing
import os
import time

import cloud
import scene

CALLERS, RECORDS = (1, 4), 2000
SYNCS = 200


def caller(folder, count, ready, begin, spent):
    rest = cloud.Rest(folder)
    ready.put(True)
    begin.wait()
    each = []
    for _ in range(count):
        began = time.monotonic()
        rest.call("POST", "vm", {"name": "guest", "cluster": "cluster", "host": "h0"})
        each.append((time.monotonic() - began) * 1000)
    spent.put(each)


def records(one, callers):
    """Records a second, the milliseconds of each, and of the controller's processor for one."""
    ready, spent = multiprocessing.Queue(), multiprocessing.Queue()
    begin = multiprocessing.Event()
    processes = [multiprocessing.Process(target=caller, args=(one.folder, RECORDS // callers, ready,
                                                              begin, spent))
                 for _ in range(callers)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.get()
    began, used = time.monotonic(), one.spent_s()
    begin.set()
    each = [value for _ in processes for value in spent.get()]
    rate = len(each) / (time.monotonic() - began)
    for process in processes:
        process.join()
    return rate, each, (one.spent_s() - used) * 1000 / len(each)


def sync_alone():
    """Milliseconds of a sync of a page each."""
    spent = []
    with open(scene.STATE / "synced", "wb") as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            spent.append((time.monotonic() - began) * 1000)
    return spent


def measure(figures, _):
    rates = {}
    for database in ("sqlite", "postgresql"):
        one = cloud.Cloud("rest", database)
        one.set_password()
        cloud.small_zone(one)
        for callers in CALLERS:
            rates[database, callers], each, processor = records(one, callers)
            side = f"{database}, {callers} at once"
            figures.note("rest", "VM records made", side, RECORDS, "1/s", [rates[database, callers]])
            figures.note("rest", "a VM record, call to answer", side, RECORDS, "ms", each)
            figures.note("rest", "controllerd's processor for a record", side, RECORDS, "ms",
                         [processor])
        one.close()
    scene.STATE.mkdir(exist_ok=True)
    figures.note("rest", "a sync of the disk alone", "this machine", SYNCS, "ms", sync_alone())
    for callers in CALLERS:
        rate = rates["sqlite", callers]
        figures.target(f"VM records through REST on SQLite, {callers} at once", ">= 200/s",
                       f"{rate:.0f}/s", rate >= 200)
