"""Physical networks and the vswitches that carry them, as the files name them.

Sources: neutron [ml2_type_flat], [ml2_type_vlan]; for the Quantum era the z/VM OpenStack samples until 2015
with [ovs] network_vlan_ranges, where a name without a range is a flat network (xcat-core, IVP for Havana).
"""

import collections
import dataclasses
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from networking_zvm import errors, model
from networking_zvm.conf import options
from networking_zvm.conf.values import Values

_MAX_RDEVS = 3  # CP DEFINE VSWITCH (7.4): one uplink and two that stand by
_RDEV = re.compile(r"[0-9A-Fa-f]{1,4}")

_FLAT = ("ml2_type_flat", "flat_networks")
_VLAN = ("ml2_type_vlan", "network_vlan_ranges")
_QUANTUM = ("ovs", "network_vlan_ranges")


@dataclasses.dataclass(frozen=True, slots=True)
class Networks:
    """See `settings.Settings`. sections: every name a section with rdev_list may have."""

    flat: tuple[str, ...]
    vlan: tuple[str, ...]
    vswitch_of: Mapping[str, model.VSwitchName]
    specs: Mapping[model.VSwitchName, model.VSwitchSpec]

    @property
    def sections(self) -> frozenset[str]:
        """Names of the sections that may hold rdev_list."""
        return frozenset(self.vswitch_of) | frozenset(map(str, self.vswitch_of.values()))


def read_networks(values: Values) -> Networks:
    """What the files say; problems go to values.problems."""
    flat, vlan = _names(values)
    mapped = _mappings(values)
    unmapped = [name for name in dict.fromkeys([*flat, *vlan]) if name not in mapped]
    vswitch_of = {**mapped, **_own_names(values, unmapped)}
    _refuse_shared(values, vswitch_of)
    if not (flat or vlan or values.zvm("vswitch_mappings")):
        values.problems.errors.append(
            "no physical network is known: name them in flat_networks or network_vlan_ranges (give Neutron's "
            "ml2_conf.ini to the agent too), or in [zvm] vswitch_mappings"
        )
    specs = _specs(values, flat, vlan, vswitch_of)
    return Networks(tuple(flat), tuple(vlan), MappingProxyType(vswitch_of), MappingProxyType(specs))


def _names(values: Values) -> tuple[list[str], list[str]]:
    flat = [str(name) for name in values.neutron(options.NEUTRON_FLAT_NETWORKS, _FLAT[0])]
    ranges = values.neutron(options.NEUTRON_VLAN_RANGES, _VLAN[0])
    vlan = [_network_of(values, entry, _VLAN) for entry in ranges]
    for entry in values.neutron(options.NEUTRON_VLAN_RANGES, _QUANTUM[0]):
        (vlan if ":" in entry else flat).append(_network_of(values, entry, _QUANTUM))
    if "*" in flat and values.files.every(*_FLAT):
        values.problems.notes.append(
            f"{values.files.where(*_FLAT)}: * names no network, so no vswitch is made for it: list the flat "
            "networks of this z/VM, or map them with vswitch_mappings"
        )
    if values.files.every(*_QUANTUM):
        values.problems.notes.append(
            f"{values.files.where(*_QUANTUM)} is of the Quantum era: use [ml2_type_flat] flat_networks for "
            "names without a range and [ml2_type_vlan] network_vlan_ranges for the others"
        )
    return _distinct(flat), _distinct(vlan)


def _distinct(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in ("", "*")]


def _network_of(values: Values, entry: str, option: tuple[str, str]) -> str:
    """The physical network of "network" or "network:first:last"."""
    name, *bounds = (part.strip() for part in entry.split(":"))
    try:
        vlans = [model.VlanId(bound) for bound in bounds]
        if not name or len(vlans) not in (0, 2) or vlans != sorted(vlans):
            raise errors.InvalidValue("must be network or network:first:last")
    except errors.InvalidValue as error:
        values.problems.errors.append(f"{values.files.where(*option)}: {entry!r}: {error}")
    return name


def _mappings(values: Values) -> dict[str, model.VSwitchName]:
    where, mapped = values.where("vswitch_mappings"), dict[str, model.VSwitchName]()
    for entry in values.zvm("vswitch_mappings"):
        network, _, vswitch = (part.strip() for part in entry.partition(":"))
        try:
            name = model.VSwitchName(vswitch)
            if not network or network == "*":
                raise errors.InvalidValue("no physical network is named")
            if mapped.setdefault(network, name) != name:
                raise errors.InvalidValue(f"{network} is mapped to {mapped[network]} already")
        except errors.InvalidValue as error:
            problem = f"{where}: {entry!r}: {error}; write physical_network:vswitch"
            values.problems.errors.append(problem)
    return mapped


def _own_names(values: Values, networks: Collection[str]) -> dict[str, model.VSwitchName]:
    """Physical networks carried by vswitches of their own names, as with the retired agent."""
    own = {}
    for network in networks:
        try:
            own[network] = model.VSwitchName(network)
        except errors.InvalidValue as error:
            problem = f"{error}; map it with [zvm] vswitch_mappings = {network}:<vswitch>"
            values.problems.errors.append(f"physical network {network} has no vswitch of its name: {problem}")
    return own


def _refuse_shared(values: Values, vswitch_of: Mapping[str, model.VSwitchName]) -> None:
    networks_of = collections.defaultdict(list)
    for network, vswitch in vswitch_of.items():
        networks_of[vswitch].append(network)
    for vswitch, networks in networks_of.items():
        if len(networks) > 1:
            values.problems.errors.append(
                f"physical networks {', '.join(networks)} share vswitch {vswitch}, where their VLANs would "
                "be one: give each a vswitch of its own with [zvm] vswitch_mappings"
            )


def _specs(
    values: Values, flat: list[str], vlan: list[str], vswitch_of: Mapping[str, model.VSwitchName]
) -> dict[model.VSwitchName, model.VSwitchSpec]:
    """A vswitch whose network is only mapped is not created: nobody says whether it must be VLAN aware."""
    specs = {}
    for network, vswitch in vswitch_of.items():
        rdevs = _rdevs(values, network, vswitch)
        if network in flat or network in vlan:
            specs[vswitch] = model.VSwitchSpec(vswitch, vlan_aware=network in vlan, rdevs=rdevs)
        elif rdevs:
            values.problems.notes.append(
                f"rdev_list of {vswitch} has no effect: the agent creates the vswitch only if flat_networks "
                f"or network_vlan_ranges names physical network {network}"
            )
    return specs


def _rdevs(values: Values, network: str, vswitch: model.VSwitchName) -> tuple[str, ...]:
    """The real devices from the sections named like the physical network and like the vswitch."""
    listed = {
        section: _hex(values, section, values.neutron(options.RDEV_LIST, section))
        for section in {network.lower(): network, vswitch.lower(): str(vswitch)}.values()
    }
    given = {section: rdevs for section, rdevs in listed.items() if rdevs}
    if len(set(given.values())) > 1:
        places = " and ".join(values.files.where(section, options.RDEV_LIST.dest) for section in given)
        values.problems.errors.append(f"{places} differ, but are the same vswitch {vswitch}: keep one")
    return next(iter(given.values()), ())


def _hex(values: Values, section: str, rdevs: list[str]) -> tuple[str, ...]:
    place = values.files.where(section, options.RDEV_LIST.dest)
    for rdev in rdevs:
        if not _RDEV.fullmatch(rdev):
            values.problems.errors.append(f"{place}: {rdev!r} is no real device number: write 1-4 hex digits")
    if len(rdevs) > _MAX_RDEVS:
        problem = f"a vswitch takes {_MAX_RDEVS} real devices at most, not {len(rdevs)}: keep the best"
        values.problems.errors.append(f"{place}: {problem}")
    return tuple(rdev.upper().rjust(4, "0") for rdev in rdevs)
