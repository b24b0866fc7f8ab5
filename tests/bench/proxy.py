# SPDX-License-Identifier: GPL-2.0-or-later
"""Part proxy: the same service by HAProxy as the agent runs it, and by HAProxy with a configuration
as people write it, on a machine of the same kind: on a router with the rules that the agent made,
so that the configuration alone differs; on a machine that routes nothing, behind a filter that lets
established connections and the service's ports pass; and there without any. They take turns; a
ratio is the median of the rounds' ratios."""
import statistics
import subprocess

import balance
import cold
import load
import peers
import router
import scene
from namespaces import Inside, run

ROUNDS, SECONDS, PARALLEL = 9, 2, 64
# What is measured: its name, the port, how it is asked.
KINDS = (("HTTP, requests of kept connections", 81, ["-k"]), ("HTTP, new connections", 81, []),
         ("TCP, new connections", 80, []))

SERVERS = "\n".join(f"\tserver m-{n} {one}:{load.PORT}"
                    for n, one in enumerate(balance.MEMBERS))
CONFIGURATION = f"""global
	user haproxy
	group haproxy
	maxconn 8000
defaults
	timeout connect 5s
	timeout client 60s
	timeout server 60s
listen tcp
	mode tcp
	bind {balance.VIP}:80
	balance roundrobin
{SERVERS}
listen http
	mode http
	bind {balance.VIP}:81
	balance roundrobin
	option forwardfor
	http-request set-header X-Forwarded-Proto http
{SERVERS}
"""

FILTER = """table ip filter {
chain input {
type filter hook input priority 0; policy drop;
ct state established,related accept
ip protocol icmp accept
tcp dport { 80, 81 } accept
}
}
"""


def by_hand(name):
    """HAProxy in this namespace."""
    path = scene.STATE / f"{name}.cfg"
    path.write_text(CONFIGURATION)
    with Inside(name):
        # A session of its own, as the agent gives it: the scheduler shares processors among
        # sessions first, and with those who ask and answer it would be one.
        return subprocess.Popen(["haproxy", "-W", "-f", path], start_new_session=True,
                                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_served(client):
    for port in (80, 81):
        load.until_served(client, balance.VIP, port)


class OnRouter(balance.Balancer):
    """The agent has left, and its HAProxy with it; its rules stay."""

    def __init__(self, name):
        super().__init__(name)
        self.router.kill()
        router.end_processes(name)
        self.process = by_hand(name)
        until_served(self.client)

    def close(self):
        self.process.terminate()
        self.process.wait()
        super().close()


class ByHand:
    def __init__(self, name, filters):
        self.scene = cold.forwarding(name)
        self.client = self.scene.client
        load.addresses(self.client)
        self.server = load.Server(self.scene.guest, load.PORT)
        run("ip", "-n", name, "addr", "add", f"{balance.VIP}/32", "dev", "pub")
        if filters:
            peers.nft(name, FILTER)
            # As the agent sets it: the table would be full after a minute.
            run("ip", "netns", "exec", name, "sysctl", "-qw",
                "net.netfilter.nf_conntrack_tcp_timeout_time_wait=10")
        self.process = by_hand(name)
        until_served(self.client)

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.server.close()
        self.scene.close()


def rate(client, port, options):
    said = load.Asking(client, balance.VIP, port, "-p", str(PARALLEL), "-s", str(SECONDS),
                       *options).result()
    if said["failed"]:
        raise RuntimeError(f"port {port}: {said}")
    return said["answered"] / said["seconds"]


def measure(figures, _):
    sides = {"weft": balance.Balancer("w"), "by hand, router": OnRouter("x"),
             "by hand, filter": ByHand("y", True),
             "by hand, no filter": ByHand("z", False)}
    measured = {(side, kind): [] for side in sides for kind, _, _ in KINDS}
    for number in range(ROUNDS):
        for kind, port, options in KINDS:
            for side in sides if number % 2 == 0 else reversed(sides):
                measured[side, kind].append(rate(sides[side].client, port, options))
    for (side, kind), values in measured.items():
        figures.note("proxy", kind, side, len(balance.MEMBERS), "1/s", values)
    for kind, _, _ in KINDS:
        for side in list(sides)[1:]:
            ratios = [mine / its for mine, its in zip(measured["weft", kind],
                                                      measured[side, kind])]
            figures.note("proxy", f"{kind}, weft beside", side, len(balance.MEMBERS), "x", ratios)
            ratio = statistics.median(ratios)
            figures.target(f"{kind}, beside HAProxy {side}", ">= 0.98x", f"{ratio:.3f}x",
                           ratio >= 0.98)
    for one in sides.values():
        one.close()
