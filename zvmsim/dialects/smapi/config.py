"""The `smapi:` section of an inventory: which systems answer SMAPI over TCP, and to whom.

::

    smapi:
      ZVMA:
        port: 44444                   # z/VM's own; 0, the default, is any free one
        tls: false
        workers: 3                    # so many functions run at once; without it there is no limit
        users:
          NEUTRON: {password: neutron1}
          OPER: {password: oper1, targets: LNX1 LNX2}    # may name only these as the target

Only `users` must be there. z/VM has three workers, VSMWORK1 to VSMWORK3, and can have more. Which of z/VM's
files hold the users' rights (VSMWORK1 AUTHLIST) is not simulated beyond their targets.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from zvmsim.inventory.fields import flag, integer, label
from zvmsim.inventory.reader import Reader
from zvmsim.world import names


class SmapiSectionError(ValueError):
    """The section makes no sense; the text names every offending place."""


@dataclass(frozen=True, slots=True)
class Account:
    """One userid that may call SMAPI; targets: None = every target."""

    userid: str
    password: str = field(repr=False)
    targets: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SmapiConfig:
    """How one system answers; see the module's text."""

    accounts: Mapping[str, Account]
    port: int = 0
    tls: bool = False
    workers: int | None = None


def config_from(data: object, systems: Collection[str]) -> dict[str, SmapiConfig]:
    """Check the section against the names of the systems; SmapiSectionError names everything wrong with it.
    """
    wrong: list[str] = []
    reader = Reader("smapi", data, wrong)
    found = {}
    for name, child in reader.children(names.name):
        if name not in systems:
            wrong.append(f"smapi.{name}: no such system in the inventory")
        found[name] = _system(child)
    wrong += _shared_ports(found)
    if wrong:
        raise SmapiSectionError("; ".join(wrong))
    return found


def _system(reader: Reader) -> SmapiConfig:
    users = reader.child("users").children(names.name)
    accounts = {userid: _account(userid, child) for userid, child in users}
    if not accounts:
        reader.error("users", "there is none")
    config = SmapiConfig(
        accounts,
        reader.value("port", integer(0, 65535), 0),
        reader.value("tls", flag, False),
        reader.value("workers", integer(1, 999), 0) or None,
    )
    reader.close()
    return config


def _account(userid: str, reader: Reader) -> Account:
    password = reader.value("password", label, "")
    if "password" not in reader:
        reader.error("password", "is missing")
    targets = reader.value("targets", _targets, None) if "targets" in reader else None
    reader.close()
    return Account(userid, password, targets)


def _targets(text: str) -> frozenset[str] | None:
    return frozenset(map(names.name, text.split()))


def _shared_ports(configs: Mapping[str, SmapiConfig]) -> Iterator[str]:
    seen: dict[int, str] = {}
    for name, config in configs.items():
        if config.port and config.port in seen:
            yield f"smapi.{name}.port: {config.port} is {seen[config.port]}'s"
        seen[config.port] = name
