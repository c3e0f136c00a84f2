"""The words of smcli for each query, and the reading of the texts that come back. Pure.

A text that is incomplete or holds nonsense raises Untrusted; lines of unknown kinds are passed over. Sources
of the layouts: zVMopenstack/zhcp and feilong zthin, smcliSystem.c, smcliVirtual.c, smcliDirectory.c,
smcliImage.c; samples in networking-zvm's tests.
"""

import contextlib
import dataclasses
import datetime
import re
from collections.abc import Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef, smapi_codes, smcli

SYSTEM_INFO: smcli.Words = (smcli.PROGRAM, "System_Info_Query")

_INFO = re.compile(r"^\s*The z/VM ([^:\n]+?):[^\S\n]*(\S.*?)\s*$", re.MULTILINE)
_CODE = re.compile(r"^\s*(Return|Reason) Code:\s*(-?[0-9]{1,9})\s*$", re.MULTILINE)
_UNKNOWN_FUNCTION = "ERROR: Unsupported API function name"
_STATEMENT = re.compile(r"(\S+):(?: (.*))?")
_QUARTER_HOUR = 900.0


def vswitches(caller: model.Userid, name: str = "*") -> smcli.Words:
    """All vswitches, or one, with their grants and coupled NICs."""
    key = f"switch_name={name}"
    return (smcli.PROGRAM, "Virtual_Network_Vswitch_Query_Extended", "-T", caller, "-k", key)


def vswitch_users(caller: model.Userid) -> smcli.Words:
    """All vswitches with their users, but without VLANs."""
    return (smcli.PROGRAM, "Virtual_Network_Vswitch_Query", "-T", caller, "-s", "*")


def nic_statements(caller: model.Userid) -> smcli.Words:
    """All NICDEF statements of the user directory."""
    return (smcli.PROGRAM, "Directory_Manager_Search_DM", "-T", caller, "-s", "NICDEF")


def logged_on() -> smcli.Words:
    """All guests that are logged on."""
    return (smcli.PROGRAM, "Image_Status_Query", "-T", "*")


def result(what: str, status: int | None, text: str) -> str:
    """The text of a query that succeeded, "" where it found nothing.

    status: smcli's exit status. It is 0 for return and reason code 0, but xCAT's smcli ends with 1 also after
    "Error ... is NULL!!", which whoever reads the text has to judge; today's ends with another one then, and
    prints nothing more. Raises Untrusted for all other failures than 0/12 (no guest is logged on) and 0/28
    (nothing was found).
    """
    if status == 0 or (status == 1 and " is NULL!!" in text):
        return text
    if _UNKNOWN_FUNCTION in text:
        raise errors.Untrusted(f"{what}: this smcli, or z/VM at this level, does not know the function")
    codes = {match[1]: int(match[2]) for match in _CODE.finditer(text)}
    if (codes.get("Return"), codes.get("Reason")) in ((0, 12), (0, 28)):
        return ""
    said = " ".join(text.split())[:160]
    raise errors.Untrusted(f"{what} ended with status {status}: {said!r}")


def must_be_repeated(text: str) -> bool:
    """Whether z/VM changed while it answered and wants to be asked again (900/99)."""
    codes = {match[1]: int(match[2]) for match in _CODE.finditer(text)}
    return (codes.get("Return"), codes.get("Reason")) == smapi_codes.REISSUE


@dataclasses.dataclass(frozen=True, slots=True)
class SystemTimes:
    """version: as "z/VM Version 7 Release 1.0". now: the system's local time, None if it cannot be read."""

    version: str
    ipl_time: str
    now: datetime.datetime | None
    timezone: str

    def clock_skew(self, utc: datetime.datetime) -> float | None:
        """Seconds by which z/VM is ahead of `utc`.

        Its time zone is shown by a name alone, so but for UTC the difference is taken up to a multiple of
        a quarter of an hour: the smallest that fits.
        """
        if self.now is None:
            return None
        skew = (self.now - utc.replace(tzinfo=None)).total_seconds()
        if self.timezone in ("UTC", "GMT"):
            return skew
        return skew - _QUARTER_HOUR * round(skew / _QUARTER_HOUR)


def read_system_info(text: str) -> SystemTimes:
    """The answer to SYSTEM_INFO. Raises Untrusted."""
    shown = [(match[1], match[2]) for match in _INFO.finditer(text)]
    facts = dict(shown)
    if len(facts) < len(shown) or not {"version", "CP IPL time"} <= facts.keys():
        raise errors.Untrusted("System_Info_Query does not show version and IPL time once")
    try:
        now = datetime.datetime.fromisoformat(facts.get("time", "")[:19])
    except ValueError:
        now = None
    return SystemTimes(facts["version"], facts["CP IPL time"], now, facts.get("timezone", ""))


def read_nic_statements(text: str) -> dict[model.NicAddress, model.DirectoryNic]:
    """The answer to nic_statements(): lines like "LINUX01: NICDEF 1000 TYPE QDIO". Raises Untrusted."""
    with _nonsense_is_untrusted("Directory_Manager_Search_DM"):
        return nicdef.read_nics(_statements(text))


def _statements(text: str) -> Iterator[tuple[model.Userid, str]]:
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = _STATEMENT.fullmatch(line)
        if not match:
            raise errors.Untrusted(f"Directory_Manager_Search_DM shows {line[:80]!r}")
        yield model.Userid(match[1]), match[2] or ""


def read_logged_on(text: str) -> frozenset[model.Userid]:
    """The answer to logged_on(): one name per line. Raises Untrusted."""
    with _nonsense_is_untrusted("Image_Status_Query"):
        return frozenset(model.Userid(line) for line in text.split("\n") if line.strip())


@contextlib.contextmanager
def _nonsense_is_untrusted(function: str) -> Iterator[None]:
    try:
        yield
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"{function}: {error}") from None
