"""Free TCP ports on loopback for servers that cannot choose their own."""

import contextlib
import random
import socket
from typing import Final

# Below the ports that Linux gives to outgoing connections (ip_local_port_range), lest one of those be faster.
CANDIDATES: Final = range(20000, 32000)


def free_ports(count: int) -> list[int]:
    """That many different ports nobody listens on right now."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        for port in random.sample(CANDIDATES, len(CANDIDATES)):
            if len(ports) == count:
                break
            candidate = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                candidate.bind(("127.0.0.1", port))
                ports.append(port)
        return ports
