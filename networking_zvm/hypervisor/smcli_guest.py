"""What smcli is asked about one guest, and the reading of its texts. Pure.

The directory entry holds the guest's password: nothing of it gets into an error. Of the two queries for the
running guest's NICs the older one is known to every smcli and tells all but the MACs; the later one, known
from level 6.3 on, tells the MACs of the NICs in use. Sources of the layouts: zVMopenstack/zhcp and feilong
zthin, smcliImage.c, smcliVirtual.c; pysmapi captures.
"""

import re
from collections.abc import Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import smapi_codes, smcli
from networking_zvm.hypervisor.xcat_answer import Section

_CODE = re.compile(r"^\s*(Return|Reason) Code:\s*(-?[0-9]+)\s*$", re.MULTILINE)
_ADAPTER = re.compile(r"^[ \t]*Adapter:[ \t]*$", re.MULTILINE)
_ADDRESS = re.compile(r"^[ \t]*Address:[ \t]*(\S+)", re.MULTILINE)
_LAN = re.compile(r"^[ \t]*LAN (owner|name):[ \t]*(\S*)", re.MULTILINE)
_MAC_LINE = re.compile(r"^[ \t]*(adapter_address|mac_address)=[ \t]*(\S+)", re.MULTILINE)


def queries(userid: model.Userid) -> tuple[smcli.Words, smcli.Words, smcli.Words]:
    """Ask for the directory entry, the running guest's NICs, and their MACs."""
    adapter_query = "Virtual_Network_Adapter_Query"
    return (
        (smcli.PROGRAM, "Image_Query_DM", "-T", userid),
        (smcli.PROGRAM, adapter_query, "-T", userid, "-v", "*"),
        (smcli.PROGRAM, f"{adapter_query}_Extended", "-T", userid, "-k", "image_device_number=*"),
    )


def read_statements(userid: model.Userid, section: Section) -> list[str]:
    """The statements of the entry. Raises Gone if there is no such guest, Untrusted."""
    if section.status == 0:
        return section.text.split("\n")
    codes = _codes(section.text)
    if codes in smapi_codes.NO_GUEST:
        raise errors.Gone(f"the user directory has no guest {userid}", *codes)
    raise errors.Untrusted(f"Image_Query_DM of {userid} ended with status {section.status}", *codes)


def read_running(
    userid: model.Userid, adapters: Section, macs: Section
) -> dict[model.Vdev, model.RunningNic] | None:
    """The running guest's NICs, None if it is off. Raises Untrusted."""
    if adapters.status != 0 and " is NULL!!" not in adapters.text:
        codes = _codes(adapters.text)
        if codes in smapi_codes.NO_GUEST:
            return None
        if codes in smapi_codes.NO_NIC_AT_ALL:
            return {}
        said = " ".join(adapters.text.split())[:160]
        raise errors.Untrusted(f"Virtual_Network_Adapter_Query of {userid} says {said!r}", *codes)
    try:
        mac_of = dict(_macs(macs.text)) if macs.status == 0 else {}
        nics: dict[model.Vdev, model.RunningNic] = {}
        for vdev, vswitch in _adapters(adapters.text):
            if nics.setdefault(vdev, nic := model.RunningNic(mac_of.get(vdev), vswitch)) is not nic:
                raise errors.InvalidValue(f"NIC {vdev} is listed twice")
        return nics
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"Virtual_Network_Adapter_Query of {userid}: {error}") from None


def _codes(text: str) -> tuple[int, int]:
    codes = {match[1]: int(match[2]) for match in _CODE.finditer(text)}
    return codes.get("Return", -1), codes.get("Reason", -1)


def _adapters(text: str) -> Iterator[tuple[model.Vdev, model.VSwitchName | None]]:
    """Each NIC's device and vswitch. Raises InvalidValue."""
    blocks = _ADAPTER.split(text)[1:]
    if not blocks:
        raise errors.InvalidValue("it shows no NIC")
    for block in blocks:
        address = _ADDRESS.search(block)
        if not address:
            raise errors.InvalidValue("a NIC has no address")
        lan = {match[1]: match[2].upper() for match in _LAN.finditer(block)}
        coupled = lan.get("owner") == "SYSTEM" and lan.get("name")
        yield model.Vdev(address[1]), model.VSwitchName(lan["name"]) if coupled else None


def _macs(text: str) -> Iterator[tuple[model.Vdev, model.Mac]]:
    """The first MAC of each NIC that has any. Raises InvalidValue."""
    vdev: model.Vdev | None = None
    for match in _MAC_LINE.finditer(text):
        if match[1] == "adapter_address":
            vdev = model.Vdev(match[2])
        elif vdev:
            yield vdev, model.Mac(match[2])
            vdev = None
