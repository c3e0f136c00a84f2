"""What CP prints when asked through `vmcp`. Pure.

Sources: feilong and xCAT (zvmUtils.pm, zvmCPUtils.pm) parse the same texts; xCAT wiki, QUERY NIC (6.1);
vm.ibm.com, QUERY VMLAN (5.1). USER Prefix is absent from older levels; the prefix of the system is used then.
"""

import re

from networking_zvm import errors, model

WHO = ("vmcp", "q", "userid")
MAC_PREFIXES = ("vmcp", "q", "vmlan")

_WHO = re.compile(r"^[ \t]*(\S+)[ \t]+AT[ \t]+(\S+)\s*$", re.MULTILINE | re.IGNORECASE)
_PREFIX = re.compile(r"\b(USER|MACADDR) Prefix:(?=[ \t]*(\S*))", re.IGNORECASE)


def read_who(text: str) -> tuple[model.Userid, str]:
    """The guest that asks and the name of its z/VM system, from QUERY USERID. Raises Untrusted."""
    match = _WHO.search(text)
    if not match:
        raise errors.Untrusted(f"QUERY USERID answered {text.strip()[:80]!r}")
    try:
        return model.Userid(match[1]), match[2].upper()
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"QUERY USERID: {error}") from None


def read_user_prefix(text: str) -> model.MacPrefix:
    """The prefix of MACs that come from a NICDEF, from QUERY VMLAN. Raises Untrusted."""
    shown = [(match[1].upper(), match[2]) for match in _PREFIX.finditer(text)]
    prefixes = dict(shown)
    prefix = prefixes.get("USER") or prefixes.get("MACADDR")
    if prefix is None or len(prefixes) < len(shown):
        raise errors.Untrusted("QUERY VMLAN does not show the MAC prefixes once")
    try:
        return model.MacPrefix(prefix)
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"QUERY VMLAN: {error}") from None
