# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends packets through a router and compares what is seen with what the evaluator says."""
from dataclasses import replace

import packet as packets

REPLY = 0x1000000  # in the tag of an answer


class Judge:
    """One document on one world. 'names' is NIC -> MAC; keys of packets are their tags."""

    def __init__(self, world, document, evaluator, nics):
        by_mac = {mac: name for name, mac in nics}
        self.world, self.evaluator = world, evaluator
        self.nic = {link["uuid"]: by_mac[link["mac"]] for link in document["interfaces"]}
        self.macs = {name: packets.mac_bytes(mac) for name, mac in nics}

    def judge(self, sent):
        """Of [(interface, packet, sender's MAC)]: (how many agree, [(sent, verdict, seen, why)])."""
        frames = [(self.nic[link], packets.frame(packet, mac, self.macs[self.nic[link]]))
                  for link, packet, mac in sent]
        seen = self.world.exchange(frames)
        if seen is None:
            return 0, [(sent[0], None, [], f"no answer to ARP on {self.world.other}")]
        wrong, forwarded, right = [], [], 0
        for one in sent:
            verdict = self.evaluator.decide(one[0], one[1])
            mine = [event for event in seen if concerns(event[2], one[1])]
            why = self.compare(one, verdict, mine)
            if why:
                wrong.append((one, verdict, mine, why))
            elif verdict.action == "forward":
                forwarded.append((one, verdict, mine))
            else:
                right += verdict.action != "unknown"
        again, replies_wrong = self.judge_answers(forwarded)
        return right + again, wrong + replies_wrong

    def compare(self, sent, verdict, seen):
        link, packet, mac = sent
        check = {"forward": self.compare_forward, "answer": self.compare_answer,
                 "drop": self.compare_drop, "reject": self.compare_reject,
                 "unreachable": self.compare_unreachable}.get(verdict.action)
        return check(self.nic[link], packet, mac, verdict, seen) if check else None

    def compare_forward(self, _nic, packet, _mac, verdict, seen):
        if len(seen) != 1:
            return f"{len(seen)} packets seen"
        nic, target, came = seen[0]
        if nic != self.nic[verdict.out]:
            return f"left by {nic}"
        if target != packets.mac_of(verdict.via):
            return f"sent to neighbour {packets.mac_text(target)}"
        if came.src not in verdict.sources:
            return f"source is {came.src}"
        if came.src == packet.src and came.sport != packet.sport:
            return "source port changed"
        if (came.dst, came.dport) != (verdict.dst, verdict.dport):
            return f"destination is {came.dst}:{came.dport}"
        if came.ttl != packet.ttl - 1:
            return f"TTL is {came.ttl}"
        return "a checksum is wrong" if came.broken else None

    def compare_answer(self, nic, packet, mac, _verdict, seen):
        if packet.protocol == "udp":
            return None  # the service answers when it likes; its own cases see to that
        if len(seen) != 1:
            return f"{len(seen)} packets seen"
        at, target, came = seen[0]
        if (at, target, came.src, came.dst) != (nic, mac, packet.dst, packet.src):
            return f"answered by {at} to {packets.mac_text(target)}: {came.text()}"
        wanted = {"icmp": ("reply",), "tcp": ("synack", "rst")}[packet.protocol]
        return None if came.kind in wanted else f"answered {came.kind}"

    def compare_drop(self, _nic, _packet, _mac, _verdict, seen):
        return "something was seen" if seen else None

    def compare_reject(self, nic, packet, _mac, _verdict, seen):
        if packet.protocol == "other" and not seen:
            return None  # the kernel tells no one of a packet whose checksum it cannot know
        if len(seen) != 1 or seen[0][2].kind not in ("rst", "error"):
            return "no rejection"
        return None if seen[0][0] == nic else f"rejected by {seen[0][0]}"

    def compare_unreachable(self, nic, packet, mac, verdict, seen):
        return self.compare_reject(nic, packet, mac, verdict, seen) if seen else None

    def judge_answers(self, forwarded):
        """The other direction of what went through: back where it came from, as whom it was sent
        to."""
        frames, wrong, right = [], [], 0
        for (_, packet, _), verdict, seen in forwarded:
            reply = replace(seen[0][2].answer(), tag=packet.tag | REPLY, ttl=50)
            frames.append((seen[0][0], packets.frame(reply, packets.mac_of(verdict.via),
                                                     self.macs[seen[0][0]])))
        came = self.world.exchange(frames) if frames else []
        if came is None:
            return 0, [(forwarded[0][0], None, [], f"no answer to ARP on {self.world.other}")]
        for sent, verdict, _ in forwarded:
            mine = [event for event in came if event[2].tag == sent[1].tag | REPLY]
            why = self.compare_reply(sent, mine)
            right += not why
            if why:
                wrong.append((sent, verdict, mine, f"answer: {why}"))
        return right, wrong

    def compare_reply(self, sent, seen):
        link, packet, mac = sent
        if len(seen) != 1:
            return f"{len(seen)} packets seen"
        nic, target, came = seen[0]
        wanted = packet.answer()
        if nic != self.nic[link] or target != mac:
            return f"left by {nic} to {packets.mac_text(target)}"
        if (came.src, came.sport, came.dst, came.dport) != (wanted.src, wanted.sport, wanted.dst,
                                                            wanted.dport):
            return f"is {came.text()}"
        return "a checksum is wrong" if came.broken else None


def concerns(seen, sent):
    """Whether a packet that came out is what became of one that went in, or is about it."""
    if seen.tag:
        return seen.tag == sent.tag
    if seen.kind == "error":
        src, _, protocol, sport = seen.inner
        return (src, protocol, sport) == (sent.src, sent.protocol, sent.sport)
    return (seen.protocol == sent.protocol and seen.dst == sent.src
            and seen.dport == sent.sport and seen.src == sent.dst)
