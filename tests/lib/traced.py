#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a daemon did, out of `strace -f -yy -v`: traced.py LOG WORD.

cost   "sent BYTES received BYTES processes N": netlink bytes, processes started
synced  exit status 0 when each answer was preceded by fdatasync() or fsync() since the one before
told N  exit status 0 when the kernel told of N transactions, and cut connections N times: it deleted
        them by a filter, or told of them to the end of a dump
"""
import re
import sys

NETLINK = re.compile(r"\b(send(?:to|msg)|recv(?:from|msg))\(\d+<NETLINK:.*\) += (\d+)(?:$| )")
PROCESS = re.compile(r"\b(?:clone3?|v?fork|execve(?:at)?)\(.*\) += \d+")
ANSWER = re.compile(r"\b(?:writev|sendmsg|sendto)\(\d+<UNIX.*\) += \d+")
CUT = re.compile(r"<NETLINK:\[NETFILTER:.*(?:NLMSG_DONE|IPCTNL_MSG_CT_DELETE|nlmsg_type=0x102)")
SYNC = re.compile(r"\bf(?:data)?sync\(.*\) += 0")
# What the kernel tells of links by itself is no cost of a change.
UNASKED = "nlmsg_seq=0, nlmsg_pid=0}"


def cost(lines):
    total = {"send": 0, "recv": 0}
    processes = 0
    for line in lines:
        found = NETLINK.search(line)
        if found and UNASKED not in line:
            total[found[1][:4]] += int(found[2])
        processes += bool(PROCESS.search(line))
    print(f"sent {total['send']} received {total['recv']} processes {processes}")
    return 0


def synced(lines):
    is_synced, answers = False, 0
    for line in lines:
        is_synced |= bool(SYNC.search(line))
        if ANSWER.search(line):
            answers += 1
            if not is_synced:
                print(f"answer {answers} was not synced before: {line}")
                return 1
            is_synced = False
    print(f"{answers} answers")
    return not answers


def told(lines, times):
    told_of = sum("NFT_MSG_NEWGEN" in line for line in lines)
    cuts = sum(bool(CUT.search(line)) for line in lines)
    print(f"{told_of} transactions, {cuts} cuts")
    return min(told_of, cuts) < times


def main(log, word, times="1"):
    with open(log, errors="replace") as file:
        lines = file.readlines()
    if word == "told":
        return told(lines, int(times))
    return {"cost": cost, "synced": synced}[word](lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
