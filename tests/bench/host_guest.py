# SPDX-License-Identifier: GPL-2.0-or-later
"""Part host-guest: one guest of a VXLAN more or less, that is on another host; sizes are such guests.

Agents of all sizes take turns by blocks."""
import host_change
import host_scene

SIZES = [100, 5000]
PATCHES, BLOCK = 300, 50


class Changing(host_change.Changing):
    """An agent on whose VXLAN so many guests are elsewhere."""

    def __init__(self, guests):  # pylint: disable=super-init-not-called
        host_scene.Agent.__init__(self, f"g{guests}", 0)
        self.objects, self.n = guests, 0
        self.spent, self.processor, self.bytes = {}, {}, {}
        self.apply({"revision": 1, "host": {"uuid": "h-1", "vtep": "192.168.29.21"},
                    "l2_networks": [{"uuid": "l2", "type": "vxlan", "vni": 7, "pool": "p"}],
                    "vteps": [{"uuid": "t", "pool": "p", "address": "192.168.29.22"}],
                    "l2_remotes": [self.guest(number) for number in range(guests)]})

    @staticmethod
    def guest(number):
        return {"uuid": f"g{number}", "l2": "l2", "mac": host_scene.mac(number),
                "address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
                "vtep": "192.168.29.22"}

    def one_guest(self):
        """One more, then the same one less."""
        self.n += 1
        if self.n % 2:
            return {"l2_remotes": [self.guest(1 << 17)]}
        return {}, {"l2_remotes": [f"g{1 << 17}"]}


def measure(figures, sizes):
    what = "a guest elsewhere more or less"
    agents = [Changing(guests) for guests in sizes]
    for _ in range(max(1, PATCHES // BLOCK)):
        for agent in agents:
            agent.turn(what, agent.one_guest)
    for agent in agents:
        agent.traced(what, agent.one_guest)
        host_change.tell(figures, agent, what, "weft, guests", "host-guest")
    host_change.judge(figures, what, agents[0], agents[-1])
    for agent in agents:
        agent.close()
