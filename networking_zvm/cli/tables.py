"""Tables for people: plain columns, an empty cell where nothing is known."""

from collections.abc import Iterable, Sequence

import prettytable


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table under its title, or a line that says there is nothing."""
    listed = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not listed:
        return f"{title}: none"
    pretty = prettytable.PrettyTable(list(columns))
    pretty.align = "l"
    pretty.add_rows(listed)
    return f"{title}\n{pretty.get_string()}"
