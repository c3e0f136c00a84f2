"""What the agent asks of SMAPI, and the reading of the payloads that come back. Pure.

A payload that is incomplete or holds nonsense raises Untrusted. Layouts: pysmapi and its captures of z/VM
7.1; for a single NIC also feilong zthin vmapiVirtual.c.
"""

import contextlib
import dataclasses
import datetime
import re
from collections.abc import Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef, smapi_wire, smcli_queries
from networking_zvm.hypervisor.smapi_wire import Answer, Call, Reader

_NOT_ON = 12
_NOTHING_FOUND = 28
_LOCKED = 12
_COUPLED = (1, 2)
_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")
_DIRECTORY_AUTHORIZES_FROM = (7, 1)


def functional_level(caller: str) -> Call:
    """Asks for the level of SMAPI: the reason code of the answer, 710 for z/VM 7.1."""
    return Call("Query_API_Functional_Level", caller)


def system_information(caller: str) -> Call:
    """Asks for z/VM's version and times."""
    return Call("System_Information_Query", caller)


def vswitches(caller: str, name: str = "*") -> Call:
    """Asks for all vswitches, or one, with their users and coupled NICs."""
    parameters = smapi_wire.keywords({"switch_name": name})
    return Call("Virtual_Network_Vswitch_Query_Extended", caller, parameters)


def nic_statements(caller: str) -> Call:
    """Asks for all NICDEF statements of the user directory."""
    return Call("Directory_Manager_Search_DM", caller, smapi_wire.text("NICDEF"))


def logged_on() -> Call:
    """Asks for all guests that are logged on."""
    return Call("Image_Status_Query", "*")


def live_nic(address: model.NicAddress) -> Call:
    """Asks what one NIC of a running guest is coupled to."""
    return Call("Virtual_Network_Adapter_Query", address.userid, smapi_wire.text(address.vdev))


def directory_entry(userid: model.Userid) -> Call:
    """Asks for the records of a guest's directory entry, passwords included."""
    return Call("Image_Query_DM", userid)


def directory_lock(userid: model.Userid) -> Call:
    """Asks who has locked a guest's directory entry."""
    return Call("Image_Lock_Query_DM", userid)


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """Which z/VM this is. times: its IPL and its clock."""

    version: tuple[int, ...]
    times: smcli_queries.SystemTimes

    @property
    def directory_authorizes(self) -> bool:
        """Whether it has Directory Network Authorization in its base (APAR VM65925)."""
        return self.version >= _DIRECTORY_AUTHORIZES_FROM


def read_identity(answer: Answer) -> Identity:
    """The answer to system_information(). Raises Untrusted."""
    with _nonsense_is_untrusted("System_Information_Query"):
        facts = _facts(_only_part(answer).strings())
        level, now = facts.get("CP_LEVEL", {}), facts.get("TIME", {})
        match = _VERSION.fullmatch(level.get("VERSION", ""))
        ipl = [level.get(f"IPL_{name}", "") for name in ("DATE", "TIME", "TIME_ZONE")]
        if not match or not all(ipl):
            raise errors.InvalidValue("it shows no version or no IPL time")
    times = smcli_queries.SystemTimes(
        f"z/VM {match[0]}", " ".join(ipl), _clock(now), now.get("TIMEZONE", "")
    )
    return Identity(tuple(map(int, match.groups())), times)


def read_nic_statements(answer: Answer) -> dict[model.NicAddress, model.DirectoryNic]:
    """The answer to nic_statements(). Raises Untrusted."""
    if answer.rs == _NOTHING_FOUND:
        return {}
    with _nonsense_is_untrusted("Directory_Manager_Search_DM"):
        return nicdef.read_nics(_statements(_only_part(answer)))


def read_logged_on(answer: Answer) -> frozenset[model.Userid]:
    """The answer to logged_on(). Raises Untrusted."""
    if answer.rs == _NOT_ON:
        return frozenset()
    with _nonsense_is_untrusted("Image_Status_Query"):
        return frozenset(map(model.Userid, _texts(_only_part(answer))))


def is_coupled_to(answer: Answer, vswitch: model.VSwitchName) -> bool:
    """Whether the answer to live_nic() names this vswitch. Raises Untrusted."""
    with _nonsense_is_untrusted("Virtual_Network_Adapter_Query"):
        nic = _only_part(answer).part()
        _vdev, _kind, _devices, status = nic.text(), nic.byte(), nic.number(), nic.byte()
        owner, name = nic.text().strip().upper(), nic.text().strip().upper()
    return status in _COUPLED and (owner, name) == ("SYSTEM", vswitch)


def read_directory_entry(answer: Answer) -> list[bytes]:
    """The answer to directory_entry(), each record as it came. Raises Untrusted."""
    with _nonsense_is_untrusted("Image_Query_DM"):
        records, found = _only_part(answer), []
        while records:
            found.append(records.data())
        if not found:
            raise errors.InvalidValue("it shows no record")
        return found


def read_lock_owner(answer: Answer) -> str | None:
    """Who has locked the whole entry, from the answer to directory_lock(). Raises Untrusted."""
    if answer.rs != _LOCKED:
        return None
    with _nonsense_is_untrusted("Image_Lock_Query_DM"):
        kind, _, owner = Reader(answer.payload).text().strip().partition(" ")
        return owner.strip().upper() if kind == "IMAGE" else None


def _facts(lines: list[str]) -> dict[str, dict[str, str]]:
    """ "CP_LEVEL=VERSION=7.1.0 IPL_TIME=13:39:31" as a table of tables."""
    facts: dict[str, dict[str, str]] = {}
    for line in lines:
        name, _, values = line.partition("=")
        if name in facts:
            raise errors.InvalidValue(f"{name!r} is told twice")
        facts[name] = {key: value for key, _, value in (word.partition("=") for word in values.split())}
    return facts


def _clock(facts: dict[str, str]) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(f"{facts.get('DATE', '')} {facts.get('TIME', '')}"[:19])
    except ValueError:
        return None


def _statements(statements: Reader) -> Iterator[tuple[model.Userid, str]]:
    while statements:
        yield model.Userid(statements.text()), statements.text()


def _texts(texts: Reader) -> Iterator[str]:
    while texts:
        yield texts.text()


def _only_part(answer: Answer) -> Reader:
    """The one counted part that a payload consists of."""
    payload = Reader(answer.payload)
    part = payload.part()
    payload.end()
    return part


@contextlib.contextmanager
def _nonsense_is_untrusted(function: str) -> Iterator[None]:
    try:
        yield
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"{function}: {error}") from None
