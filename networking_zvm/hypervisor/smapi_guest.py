"""What SMAPI is asked about one guest, and the reading of its answers. Pure.

The directory entry holds the guest's password: nothing of it gets into an error. Layouts: pysmapi captures;
for a NIC in use, whose MAC is shown, also feilong smtclient.py (get_adapters_info).
"""

from collections.abc import Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import smapi_codes, smapi_queries, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Answer, Call, Reader

_ENCODING = "iso-8859-1"


def running_nics(userid: model.Userid) -> Call:
    """Asks for all NICs of the running guest."""
    parameters = smapi_wire.counted(smapi_wire.keywords({"image_device_number": "*"}))
    return Call("Virtual_Network_Adapter_Query_Extended", userid, parameters)


def read_statements(userid: model.Userid, answer: Answer | errors.HypervisorError) -> list[str]:
    """The answer to smapi_queries.directory_entry(), or why there is none. Raises Gone, and what it is."""
    if not isinstance(answer, errors.HypervisorError):
        return [record.decode(_ENCODING) for record in smapi_queries.read_directory_entry(answer)]
    if answer.rc is not None and answer.rs is not None and (answer.rc, answer.rs) in smapi_codes.NO_GUEST:
        raise errors.Gone(f"the user directory has no guest {userid}", answer.rc, answer.rs)
    raise answer


def read_running(answer: Answer | errors.HypervisorError) -> dict[model.Vdev, model.RunningNic] | None:
    """The answer to running_nics(), None if the guest is off. Raises Untrusted, and what it is."""
    if isinstance(answer, errors.HypervisorError):
        if (answer.rc, answer.rs) in smapi_codes.NO_GUEST:
            return None
        if (answer.rc, answer.rs) in smapi_codes.NO_NIC_AT_ALL:
            return {}
        raise answer
    try:
        payload = Reader(answer.payload)
        lines = payload.part().strings()
        payload.end()
        nics = list(_nics(lines))
        if len(dict(nics)) < len(nics):
            raise errors.InvalidValue("a NIC is listed twice")
        return dict(nics)
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"Virtual_Network_Adapter_Query_Extended: {error}") from None


def _nics(lines: list[str]) -> Iterator[tuple[model.Vdev, model.RunningNic]]:
    """The NICs, of each its first MAC. Raises InvalidValue unless there are as many as announced."""
    count, found, facts = "", 0, dict[str, str]()
    for line in lines:
        key, _, value = (part.strip() for part in line.partition("="))
        if key == "adapter_count":
            count = value
        elif key == "adapter_info_end":
            yield _nic(facts)
            found, facts = found + 1, {}
        else:
            facts.setdefault(key, value)
    if count != str(found):
        raise errors.InvalidValue(f"{count!r} NICs are announced, but {found} are listed")


def _nic(facts: dict[str, str]) -> tuple[model.Vdev, model.RunningNic]:
    name, mac = facts.get("lan_name"), facts.get("mac_address")
    vswitch = model.VSwitchName(name) if name and facts.get("lan_owner", "").upper() == "SYSTEM" else None
    vdev = model.Vdev(facts.get("adapter_address", ""))
    return vdev, model.RunningNic(model.Mac(mac) if mac else None, vswitch)
