# SPDX-License-Identifier: GPL-2.0-or-later
"""Real-time priority for what measures, never for what is measured: how late the scheduler wakes a
stopwatch is no figure of the watched."""
import os


class RealTime:
    """With it, this thread runs before all others; threads and processes that it starts do not."""

    def __enter__(self):
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(10))

    def __exit__(self, *_):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
