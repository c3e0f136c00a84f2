"""Where sources about z/VM contradict each other or say nothing, a switch with a stated default.

A client that is right must be right in every position of every switch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Positions of one system's switches.

    revoke_uncouples: does REVOKE uncouple the user's NICs? The help of Vswitch_Set_Extended (zthin
        smcliVirtual.c) says that existing connections stay; the retired networking-zvm agent relied on the
        opposite.
    regrant: GRANT of an authorized user. "replace": 0/0, attributes replaced at once (Feilong PR 810).
        "refuse": 212/44 (SMAPI manual). "bounce": replaced, and the user's NICs on the switch are uncoupled
        (Feilong commit af368e633: "takes the NICs down").
    directory_wins: do the operands of NICDEF outlive a later SET VSWITCH on a live NIC? Feilong PR 810 hints
        at no.
    access_vlan_set: ACCESS with several VLANs, nowhere documented. "refuse": 396/2846; "first": the lowest
        id counts.
    porttype_on_unaware: NICDEF PORTTYPE on a VLAN-unaware switch. Feilong commit cdda3e207 stopped writing
        it; symptom not stated.
    couple_missing_vswitch: answer of Connect_Vswitch; Feilong maps both.
    couple_other_vswitch: answer when the NIC is coupled elsewhere; Feilong's tests expect a conflict, not
        which.
    disconnect_dm_uncoupled: SMAPI 7.1's table has 412/16; Feilong knows only 212/32.
    duplicate_macid: a second live NIC with one MAC; nowhere documented.
    range_listing: VLAN ranges in Vswitch_Query_Extended; never captured.
    no_vlan_count: vlan_count there of a user without VLAN. pysmapi's capture of z/VM 7.1 has "0" on unaware
        vswitches, Feilong (smtclient.py, query_vswitch) knows "1". That aware vswitches do as unaware ones,
        and which id comes with the 1 (the default VLAN's, or 0), are guesses.
    vlanid_listed: are the VLANs that SET VSWITCH VLANID gave a port in the port's list in
        Vswitch_Query_Extended? Never captured. The list is CP's VNABK block for the port, which from z/VM 6.2
        on has VLANs, and PORTBASED switches got them by VLANID alone then.
    lan_created: LAN_Create's success; 0/0 in pysmapi's captures, 0/20 in the SMAPI manual.
    definition_network_keywords: what Image_Definition_Update_DM and _Create_DM make of VLAN, PORTTYPE and
        PORTNUMBER in a NICDEF value; no source shows them there. "accept": written. "refuse": 8/3002, the
        keyword in the error text. "drop": the statement is written without them.
    disconnect_dm_keeps_vlan: do VLAN, PORTTYPE and PORTNUMBER stay on a NICDEF that Disconnect_DM takes the
        LAN off? Nowhere documented.
    directory_changes: of entries that exist. "at once": done when the answer comes, as in pysmapi's
        captures. "asynchronous": 592/operation, done a second later; documented as possible in the SMAPI
        manual.
    repeated_rdev: does Vswitch_Query_Extended list a vswitch's first real device again in place of the
        others? It does in pysmapi's captures of z/VM 7.1 and in Feilong's tests; it is a defect that later
        service may have mended.
    """

    revoke_uncouples: bool = False
    regrant: Literal["replace", "refuse", "bounce"] = "replace"
    directory_wins: bool = False
    access_vlan_set: Literal["refuse", "first"] = "refuse"
    porttype_on_unaware: Literal["refuse", "ignore"] = "refuse"
    couple_missing_vswitch: Literal["212/40", "396/2788"] = "212/40"
    couple_other_vswitch: Literal["212/28", "396/6011"] = "212/28"
    disconnect_dm_uncoupled: Literal["212/32", "412/16"] = "212/32"
    duplicate_macid: Literal["refuse", "allow"] = "refuse"
    range_listing: Literal["expanded", "ranges"] = "expanded"
    no_vlan_count: Literal["0", "1"] = "0"
    vlanid_listed: bool = True
    lan_created: Literal["0/0", "0/20"] = "0/0"
    definition_network_keywords: Literal["accept", "refuse", "drop"] = "accept"
    disconnect_dm_keeps_vlan: bool = False
    directory_changes: Literal["at once", "asynchronous"] = "at once"
    repeated_rdev: bool = True

    @staticmethod
    def choices() -> dict[str, tuple[bool | str, ...]]:
        """Every switch with its positions, the default first."""
        hints = get_type_hints(Behaviour)
        return {f.name: _default_first(f.default, hints[f.name]) for f in fields(Behaviour)}

    @staticmethod
    def positions() -> Iterator["Behaviour"]:
        """The defaults, then every behaviour that differs from them in one switch.

        Without directory_changes: that one is about when a change is seen, not about what it is.
        """
        default = Behaviour()
        yield default
        for name, values in Behaviour.choices().items():
            for value in values[1:] if name != "directory_changes" else ():
                yield replace(default, **{name: value})  # type: ignore[arg-type]

    def deviations(self) -> dict[str, bool | str]:
        """The switches that are not in their default position."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


def _default_first(default: Any, hint: Any) -> tuple[bool | str, ...]:
    values = (False, True) if hint is bool else get_args(hint)
    return (default, *(value for value in values if value != default))
