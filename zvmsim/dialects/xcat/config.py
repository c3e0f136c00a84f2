"""The `xcat:` section of an inventory: one management node and the zHCPs it manages.

::

    xcat:
      mn_node: xcat                 # names as xCAT knows them
      mn_ip: 10.1.0.1               # site table's master
      mn_userid: XCAT               # its virtual machine, on the first zHCP's system
      mn_system: ZVMA               # unless this says otherwise
      users: [{name: admin, password: admin}]
      zhcps:
        - {node: zhcp, hostname: zhcp.example.com, system: ZVMA, userid: ZHCPA, host: zvma}
      version: "2.8.3.16"
      smcli: zhcp                   # or xcat, today: zvmsim.dialects.smcli.Style
      internal_vswitch: XCATVSW1    # mkvm lets no guest onto it
      tables: {switch: [{node: lnx1, port: ..., interface: "1000", comments: zhcp}]}

Only `users` and `zhcps` must be there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast, get_args

from zvmsim.dialects.smcli import Style
from zvmsim.dialects.xcat.tables import COLUMNS

DEFAULT_VERSION = "2.8.3.16"
DEFAULT_STYLE: Style = "zhcp"


class XcatSectionError(ValueError):
    """The section makes no sense; the text names every offending place."""


@dataclass(frozen=True, slots=True)
class Zhcp:
    """The Linux guest of one z/VM system that runs smcli; host is the xCAT node of the system itself."""

    node: str
    hostname: str
    system: str
    userid: str
    host: str


@dataclass(frozen=True, slots=True)
class User:
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class XcatConfig:
    """A checked section; see the module's text for the meaning of each field."""

    users: tuple[User, ...]
    zhcps: tuple[Zhcp, ...]
    mn_node: str = "xcat"
    mn_ip: str = "10.1.0.1"
    mn_userid: str = "XCAT"
    mn_system: str = ""
    version: str = DEFAULT_VERSION
    smcli: Style = DEFAULT_STYLE
    internal_vswitch: str = "XCATVSW1"
    tables: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


def config_from(data: object, systems: Collection[str]) -> XcatConfig:
    """Check the section against the names of the systems; XcatSectionError names everything wrong with it."""
    wrong = list(_problems(data, systems))
    if wrong:
        raise XcatSectionError("; ".join(wrong))
    section = cast("Mapping[str, object]", data)
    zhcps = tuple(_zhcp(entry) for entry in cast("Sequence[Mapping[str, str]]", section["zhcps"]))
    users = tuple(User(**entry) for entry in cast("Sequence[Mapping[str, str]]", section["users"]))
    texts = {key: str(section[key]) for key in _TEXTS if key in section}
    texts["mn_system"] = texts.get("mn_system", zhcps[0].system).upper()
    texts["mn_userid"] = texts.get("mn_userid", "XCAT").upper()
    style = cast(Style, texts.pop("smcli", DEFAULT_STYLE))
    return XcatConfig(users, zhcps, smcli=style, tables=_tables(section.get("tables", {})), **texts)


def _zhcp(entry: Mapping[str, str]) -> Zhcp:
    system = entry["system"].upper()
    return Zhcp(
        node=entry["node"],
        hostname=entry.get("hostname", entry["node"]),
        system=system,
        userid=entry.get("userid", entry["node"]).upper(),
        host=entry.get("host", system.lower()),
    )


def _tables(data: object) -> dict[str, list[dict[str, str]]]:
    tables = cast("Mapping[str, Sequence[Mapping[str, object]]]", data)
    return {
        table: [{column: str(value) for column, value in row.items()} for row in rows]
        for table, rows in tables.items()
    }


_TEXTS = ("mn_node", "mn_ip", "mn_userid", "mn_system", "version", "smcli", "internal_vswitch")
_ZHCP_KEYS = ("node", "hostname", "system", "userid", "host")


def _problems(data: object, systems: Collection[str]) -> Iterator[str]:
    if not isinstance(data, Mapping):
        yield "xcat: not a mapping"
        return
    for key in data:
        if key not in (*_TEXTS, "users", "zhcps", "tables"):
            yield f"xcat.{key}: unknown key"
    for key in _TEXTS:
        if key in data and not (isinstance(data[key], str) and data[key]):
            yield f"xcat.{key}: {data[key]!r} is not a text (put quotes around it)"
    if data.get("smcli", DEFAULT_STYLE) not in get_args(Style):
        yield f"xcat.smcli: {data['smcli']!r} is not one of {', '.join(get_args(Style))}"
    if "mn_system" in data and str(data["mn_system"]).upper() not in systems:
        yield f"xcat.mn_system: no system {data['mn_system']!r} in the inventory"
    yield from _entry_problems("xcat.users", data.get("users"), ("name", "password"), ("name", "password"))
    yield from _entry_problems("xcat.zhcps", data.get("zhcps"), ("node", "system"), _ZHCP_KEYS)
    yield from _zhcp_problems(data.get("zhcps"), systems)
    yield from _table_problems(data.get("tables", {}))


def _entry_problems(
    place: str, entries: object, required: Collection[str], known: Collection[str]
) -> Iterator[str]:
    if not isinstance(entries, list) or not entries:
        yield f"{place}: not a list with at least one entry"
        return
    for number, entry in enumerate(entries):
        where = f"{place}[{number}]"
        if not isinstance(entry, Mapping):
            yield f"{where}: not a mapping"
            continue
        yield from (f"{where}.{key}: missing" for key in required if key not in entry)
        yield from (f"{where}.{key}: unknown key" for key in entry if key not in known)
        for key in known:
            if key in entry and not (isinstance(entry[key], str) and entry[key]):
                yield f"{where}.{key}: not a text"


def _zhcp_problems(entries: object, systems: Collection[str]) -> Iterator[str]:
    seen: set[object] = set()
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, Mapping):
            continue
        if str(entry.get("system")).upper() not in systems:
            yield f"xcat.zhcps[{number}].system: no system {entry.get('system')!r} in the inventory"
        if entry.get("node") in seen:
            yield f"xcat.zhcps[{number}].node: {entry['node']!r} comes twice"
        seen.add(entry.get("node"))


def _table_problems(tables: object) -> Iterator[str]:
    if not isinstance(tables, Mapping):
        yield "xcat.tables: not a mapping"
        return
    for table, rows in tables.items():
        if table not in COLUMNS:
            yield f"xcat.tables.{table}: no such table"
        elif not isinstance(rows, list):
            yield f"xcat.tables.{table}: not a list of rows"
        else:
            for number, row in enumerate(rows):
                yield from _row_problems(f"xcat.tables.{table}[{number}]", row, COLUMNS[table])


def _row_problems(place: str, row: object, columns: Collection[str]) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield f"{place}: not a mapping"
        return
    yield from (f"{place}.{column}: no such column" for column in row if column not in columns)
