"""What CP is told through `vmcp`, and what it prints. Pure.

Sources: feilong and xCAT (zvmUtils.pm, zvmCPUtils.pm) parse the same texts; xCAT wiki, QUERY NIC (6.1);
vm.ibm.com, QUERY VMLAN (5.1). USER Prefix is absent from older levels; the prefix of the system is used then.
SET NIC: CP Commands and Utilities Reference (7.2). It is of class B, as is SET VSWITCH, which xCAT has had
its zHCP send (zvmCPUtils.pm), and may come before the NIC is made. Guess: that the first number of the NIC is
meant, as openSUSE's mkcloud has it (dirmaint driver); the manual says "typically" that of its data device.
"""

import re

from networking_zvm import errors, model

WHO = ("vmcp", "q", "userid")
MAC_PREFIXES = ("vmcp", "q", "vmlan")

_DONE = re.compile(r"^\s*Command complete\s*$", re.MULTILINE | re.IGNORECASE)
_GUEST_IS_OFF = re.compile(r"\bHCP[A-Z]{3}045E\b")
_WHO = re.compile(r"^[ \t]*(\S+)[ \t]+AT[ \t]+(\S+)\s*$", re.MULTILINE | re.IGNORECASE)
_PREFIX = re.compile(r"\b(USER|MACADDR) Prefix:(?=[ \t]*(\S*))", re.IGNORECASE)


def choose_mac(address: model.NicAddress, mac: model.Mac) -> tuple[str, ...]:
    """Let the NIC have this MAC when it is made in the running guest; its prefix is z/VM's user prefix."""
    return (*_set_macid(address), "user", mac.macid)


def leave_mac(address: model.NicAddress) -> tuple[str, ...]:
    """Let CP pick the MAC again of a NIC that is made there."""
    return (*_set_macid(address), "system")


def _set_macid(address: model.NicAddress) -> tuple[str, ...]:
    return ("vmcp", "set", "nic", "userid", str(address.userid), str(address.vdev), "macid")


def refusal(text: str) -> str | None:
    """Why CP has not carried out choose_mac() or leave_mac(); None if it has, or the guest is off."""
    if _DONE.search(text) or _GUEST_IS_OFF.search(text):
        return None
    return " ".join(text.split())[:160] or "no answer"


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
