"""Sets of VLAN ids in the texts of CP, SMAPI and directory records."""

from collections.abc import Iterable

from zvmsim.world.names import vlan

VlanSet = frozenset[int]
NO_VLANS: VlanSet = frozenset()

_LONGEST_LIST, _MOST_ENTRIES = 19, 4


def parse_vlans(text: str) -> VlanSet:
    """Read "10 20-29" or "10,20-29" (both forms are CP's: Altmark, IBMVM list, 2008-06-24).

    Raises ValueError.
    """
    return frozenset(number for word in text.replace(",", " ").split() for number in _numbers(word))


def format_vlans(vlans: Iterable[int]) -> str:
    """Write the set as directory records have it: "10 20-29"."""
    return " ".join(_word(first, last) for first, last in ranges(vlans))


def ranges(vlans: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring ids as (first, last), in order."""
    runs: list[tuple[int, int]] = []
    for number in sorted(vlans):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def check_user_vlan_id(text: str) -> str:
    """SMAPI's user_vlan_id: at most 19 characters, 4 single ids or 2 ranges (Vswitch_Set_Extended).

    Guess: a mixture counts a range as two ids. Raises ValueError.
    """
    words = text.replace(",", " ").split()
    weight = sum(2 if "-" in word else 1 for word in words)
    if len(text) > _LONGEST_LIST or weight > _MOST_ENTRIES:
        raise ValueError(f"{text!r} is more than 19 characters, 4 VLAN ids or 2 ranges")
    parse_vlans(text)
    return text


def _numbers(word: str) -> range:
    first, dash, last = word.partition("-")
    start, end = vlan(first), vlan(last) if dash else vlan(first)
    if end < start:
        raise ValueError(f"{word} runs backwards")
    return range(start, end + 1)


def _word(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
