"""Sets of VLANs as SMAPI's user_vlan_id takes them. Pure.

Source: Virtual_Network_Vswitch_Set_Extended (SMAPI 7.1): up to 19 characters, four VLANs or two ranges, with
blanks between. Guess: of a mixture a range counts as two.
"""

from collections.abc import Collection

from networking_zvm import model

LIMIT = "four VLANs or two ranges"

_LONGEST, _MOST = 19, 4


def short(vlans: Collection[model.VlanId]) -> str | None:
    """The set in as few words as possible; None if that is more than SMAPI takes."""
    if len(vlans) <= _MOST:
        return " ".join(map(str, sorted(vlans)))
    runs = _runs(vlans)
    text = " ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    weight = sum(1 if first == last else 2 for first, last in runs)
    return text if weight <= _MOST and len(text) <= _LONGEST else None


def _runs(vlans: Collection[model.VlanId]) -> list[tuple[int, int]]:
    """Neighbouring VLANs as (first, last)."""
    runs: list[tuple[int, int]] = []
    for vlan in sorted(vlans):
        if runs and runs[-1][1] == vlan - 1:
            runs[-1] = (runs[-1][0], vlan)
        else:
            runs.append((vlan, vlan))
    return runs
