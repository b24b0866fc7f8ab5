# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-member: one member more or less in a group that 500 ports use; sizes are members.

Agents of all sizes take turns by blocks. The peer is an ipset that 500 ports' chains use: one element
of it (ipset add and del), and the set made anew and exchanged, as who keeps no account of it does.
Only where the kernel tracks the connections of bridges: elsewhere there are no groups."""
import host_change
import host_peers
import host_scene
import peers

SIZES = [100, 5000]
PORTS = 500
PATCHES, BLOCK, PEER_RUNS = 300, 50, 20


def address(number):
    return f"172.{16 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


class Changing(host_change.Changing):
    """An agent whose ports are all in a group of so many members."""

    def __init__(self, members):
        super().__init__(PORTS, True, f"m{members}")
        self.objects = members
        self.patch({"security_groups": [host_scene.group("sg-all", [])],
                    "security_group_members": [self.member(f"m{n}", address(n))
                                               for n in range(members)]})

    @staticmethod
    def member(uuid, its_address):
        return {"uuid": uuid, "group": "sg-all", "address": its_address}

    def one_member(self):
        """One more, then the same one less."""
        self.n += 1
        if self.n % 2:
            return {"security_group_members": [self.member("more", "172.31.255.1")]}
        return {}, {"security_group_members": ["more"]}


def peer(figures, members):
    machine = host_scene.Machine(f"q{members}", 0)
    host_peers.begin(machine.name)
    host_peers.load(machine.name, PORTS, True)
    lines = [f"add sg-all {address(number)}" for number in range(members)]
    peers.timed(machine.name, ["ipset", "restore", "-exist"], "\n".join(lines) + "\n")
    one = [peers.timed(machine.name, ["ipset", what, "sg-all", "172.31.255.1"], "")
           for _ in range(PEER_RUNS) for what in ("add", "del")]
    whole = "\n".join(["create fresh hash:net", *(line.replace("sg-all", "fresh") for line in lines),
                       "swap fresh sg-all", "destroy fresh"]) + "\n"
    made = [peers.timed(machine.name, ["ipset", "restore"], whole) for _ in range(PEER_RUNS)]
    figures.note("host-member", "a member more or less", "ipset, one element", members, "ms", one)
    figures.note("host-member", "a member more or less", "ipset, the set anew", members, "ms", made)
    machine.close()


def measure(figures, sizes):
    if not host_scene.tracks_bridges():
        print("host-member: this kernel does not track the connections of bridges", flush=True)
        return
    what = "a member more or less"
    agents = [Changing(members) for members in sizes]
    for _ in range(max(1, PATCHES // BLOCK)):
        for agent in agents:
            agent.turn(what, agent.one_member)
    for agent in agents:
        agent.traced(what, agent.one_member)
        host_change.tell(figures, agent, what, "weft, members", "host-member")
    host_change.judge(figures, what, agents[0], agents[-1])
    for agent in agents:
        agent.close()
    for members in sizes:
        peer(figures, members)
