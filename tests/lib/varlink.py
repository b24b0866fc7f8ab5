# SPDX-License-Identifier: GPL-2.0-or-later
"""A Varlink client of a few lines: NUL-terminated JSON over a UNIX stream socket."""
import json
import socket


class VarlinkError(Exception):
    """The service refused: its error's name, and the parameters with it."""

    def __init__(self, name, parameters):
        super().__init__(f"{name} {json.dumps(parameters)}")
        self.name = name.rsplit(".", 1)[-1]
        self.parameters = parameters


class Client:
    """One connection. A call is a request and its reply; send() and receive() are its halves."""

    def __init__(self, path, interface="io.weft.VRouter", timeout=60):
        self.interface = interface
        self.held = bytearray()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def close(self):
        self.socket.close()

    def send(self, method, parameters=None, more=False):
        message = {"method": f"{self.interface}.{method}", "parameters": parameters or {}}
        if more:
            message["more"] = True
        self.send_bytes(json.dumps(message, separators=(",", ":")).encode() + b"\0")

    def send_bytes(self, data):
        self.socket.sendall(data)

    def receive(self):
        looked = 0
        while (end := self.held.find(b"\0", looked)) < 0:
            looked = len(self.held)
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("the service closed the connection")
            self.held += data
        message = bytes(self.held[:end])
        del self.held[:end + 1]
        reply = json.loads(message)
        if "error" in reply:
            raise VarlinkError(reply["error"], reply.get("parameters", {}))
        return reply.get("parameters", {})

    def call(self, method, parameters=None):
        self.send(method, parameters)
        return self.receive()
