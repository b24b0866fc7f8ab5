# SPDX-License-Identifier: GPL-2.0-or-later
"""One call of io.weft.AgentLink over TLS, with a certificate or without one.

agent_call.py AUTHORITY CERTIFICATE|- METHOD [JSON]: prints "ok ANSWER" or "ERROR PARAMETERS", or
"TLS REASON" where the controller does not let it in."""
import json
import socket
import ssl
import sys

authority, certificate, method = sys.argv[1:4]
parameters = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
context = ssl.create_default_context(cafile=authority)
context.minimum_version = ssl.TLSVersion.TLSv1_3
if certificate != "-":
    context.load_cert_chain(certificate)
try:
    with socket.create_connection(("172.31.0.1", 7443), 20) as plain:
        with context.wrap_socket(plain, server_hostname="controllerd") as stream:
            stream.sendall(json.dumps({"method": f"io.weft.AgentLink.{method}", "more": True,
                                       "parameters": parameters}).encode() + b"\0")
            held = b""
            while b"\0" not in held:
                data = stream.recv(65536)
                if not data:
                    raise ssl.SSLError("closed")
                held += data
except ssl.SSLError as error:
    print("TLS", error)
    sys.exit()
answer = json.loads(held.split(b"\0")[0])
name = answer.get("error", "ok").rsplit(".", 1)[-1]
print(name, json.dumps(answer.get("parameters", {})))
