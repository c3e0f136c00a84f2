"""Who may speak to the control port: programs on this machine, and pages that came from the port itself.

A browser on this machine runs pages of strangers, and it reaches loopback. Such a page cannot read answers
from another origin, unless its own name suddenly resolves to 127.0.0.1 (DNS rebinding: then the Host header
still has that name), and it can send requests blindly (then they carry its Origin; Fetch standard, "append a
request Origin header": with every method but GET and HEAD).
"""

import ipaddress
from urllib.parse import urlsplit

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer. The page needs nothing from elsewhere, and no string may become markup or script."""


def objection(method: str, host: str, origin: str | None) -> str:
    """Why a request is refused, "" if it is not; host and origin are its headers (origin None: absent)."""
    if not _is_loopback(host):
        return f"host: {host!r} is not this machine's loopback"
    if origin is not None and method not in SAFE_METHODS and origin.lower() != f"http://{host.lower()}":
        return f"origin: pages of {origin!r} may not change anything here"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
