"""Names in the files: the old ones that still work, and those that nobody knows."""

import difflib
from collections.abc import Collection, Iterator

from networking_zvm.conf import dhcp, options
from networking_zvm.conf.files import Files, Place, same_section
from networking_zvm.settings import ControlPoint

NAMES = {option.dest: option for option in options.OPTIONS}
OLD_NAMES = {old.name: option.dest for option in options.OPTIONS for old in option.deprecated_opts}

WITHOUT_EFFECT = {
    "root_helper": "this agent runs no command of its own",
    "reconnect_interval": "this agent uses no database",
}
"""Names in old files that never did anything for this agent. Source: networking-zvm registered root_helper
and never used it. Guess: reconnect_interval came from the Open vSwitch plugin's [DATABASE]."""

NEUTRON_AGENT_NAMES = frozenset((
    "arp_responder", "availability_zone", "baremetal_smartnic", "check_child_processes_action",
    "check_child_processes_interval", "comment_iptables_rules", "debug_iptables_rules", "dont_fragment",
    "drop_flows_on_start", "dscp", "dscp_inherit", "enable_distributed_routing", "explicitly_egress_direct",
    "extensions", "kill_scripts_path", "l2_population", "log_agent_heartbeats", "minimize_polling",
    "ovsdb_monitor_respawn_interval", "polling_interval", "quitting_rpc_timeout", "report_interval",
    "root_helper", "root_helper_daemon", "tunnel_csum", "tunnel_types", "use_helper_for_ns_read",
    "use_random_fully", "vxlan_udp_port",
))
"""What Neutron and its agents know in [agent]; they may share a file with us. Source: neutron.opts 29.0.0."""

_OF_DHCP_NODES = frozenset(option.dest for option in dhcp.OPTIONS)

_PREFIXES = ("zvm_", *(f"{point}_" for point in ControlPoint))


def old_names(files: Files) -> list[str]:
    """What is still set under an old name, once each."""
    found = {
        f"{place}": f"{place} is now [{options.GROUP}] {OLD_NAMES[place.name]}"
        for place in _in(files, options.OLD_GROUP)
        if place.name in OLD_NAMES
    }
    return list(found.values())


def without_effect(files: Files) -> list[str]:
    """Old names that do nothing, once each."""
    places = [p for p in _in(files, options.OLD_GROUP) if p.name in WITHOUT_EFFECT]
    return list(dict.fromkeys(f"{p} has no effect, {WITHOUT_EFFECT[p.name]}: remove it" for p in places))


def contradictions(files: Files) -> Iterator[str]:
    """Options set under their old and their new name to different values."""
    for old, new in OLD_NAMES.items():
        olds, news = files.every(options.OLD_GROUP, old), files.every(options.GROUP, new)
        if olds and news and olds[-1].value != news[-1].value:
            yield f"{olds[-1]}: says otherwise than its new name does, {news[-1]}: remove the old one"


def unknown(files: Files, vswitch_sections: Collection[str]) -> Iterator[str]:
    """Names in our sections that nobody knows, and our names in other sections.

    vswitch_sections: names of physical networks and vswitches, whose sections hold rdev_list.
    """
    for place in files:
        if same_section(place.section, options.GROUP):
            problem = _in_ours(place.name)
        elif same_section(place.section, options.OLD_GROUP):
            problem = _in_old(place.name)
        else:
            problem = _elsewhere(place, vswitch_sections)
        if problem:
            yield f"{place}: {problem}"


def _in_ours(name: str) -> str | None:
    if name in NAMES:
        return None
    if name in _OF_DHCP_NODES:
        return "belongs in dhcp_agent.ini of a DHCP node"
    if name in OLD_NAMES:
        return f"is an old name: in [{options.GROUP}] it is {OLD_NAMES[name]}"
    return _unknown(name, NAMES)


def _in_old(name: str) -> str | None:
    if name in OLD_NAMES or name in NEUTRON_AGENT_NAMES or name in WITHOUT_EFFECT:
        return None
    if name in NAMES:
        return f"belongs in [{options.GROUP}]"
    return _unknown(name, [*OLD_NAMES, *NEUTRON_AGENT_NAMES])


def _elsewhere(place: Place, vswitch_sections: Collection[str]) -> str | None:
    is_vswitch = any(same_section(place.section, section) for section in vswitch_sections)
    if place.name == options.RDEV_LIST.dest:
        return None if is_vswitch else _unmapped(place.section, vswitch_sections)
    if place.name in OLD_NAMES or place.name.startswith(_PREFIXES):
        return f"belongs in [{options.GROUP}]{_new_name(place.name)}"
    return _unknown(place.name, [options.RDEV_LIST.dest]) if is_vswitch else None


def _new_name(name: str) -> str:
    new = OLD_NAMES.get(name, name)
    return f" as {new}" if new in NAMES and new != name else ""


def _unmapped(section: str, vswitch_sections: Collection[str]) -> str:
    known = list({name.lower(): name for name in sorted(vswitch_sections)}.values())
    remedy = _suggestion(section, known) or ": correct the name, or map it with [zvm] vswitch_mappings"
    return f"no physical network or vswitch is called {section} (known: {', '.join(known)}){remedy}"


def _unknown(name: str, known: Collection[str]) -> str:
    return f"no such option{_suggestion(name, known) or ': remove it'}"


def _suggestion(name: str, known: Collection[str]) -> str:
    folded = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), folded, 1)
    return f": did you mean {folded[close[0]]}?" if close else ""


def _in(files: Files, section: str) -> list[Place]:
    return [place for place in files if same_section(place.section, section)]
