"""The xcat section of an inventory: defaults, and errors that name their place."""

import pytest

from zvmsim.dialects.xcat.config import XcatSectionError, config_from
from zvmsim.inventory import InventoryError
from zvmsim.server import inventory_text, load

SMALL = {
    "users": [{"name": "admin", "password": "secret"}],
    "zhcps": [{"node": "zhcp", "system": "zvma"}],
}


def test_defaults() -> None:
    config = config_from(SMALL, ["ZVMA"])
    assert (config.mn_node, config.mn_ip) == ("xcat", "10.1.0.1")
    assert (config.mn_userid, config.mn_system) == ("XCAT", "ZVMA")
    (zhcp,) = config.zhcps
    assert (zhcp.hostname, zhcp.userid, zhcp.host) == ("zhcp", "ZHCP", "zvma")


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(config_from(SMALL, ["ZVMA"]))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"nope": "x"}, "xcat.nope: unknown key"),
        ({"version": 2.8}, "xcat.version: 2.8 is not a text"),
        ({"smcli": "modern"}, "xcat.smcli: 'modern' is not one of xcat, zhcp, today"),
        ({"mn_system": "ZVMX"}, "xcat.mn_system: no system 'ZVMX'"),
        ({"users": []}, "xcat.users: not a list with at least one entry"),
        ({"users": [{"name": "a"}]}, r"xcat.users\[0\].password: missing"),
        ({"users": ["a"]}, r"xcat.users\[0\]: not a mapping"),
        ({"zhcps": [{"node": "z", "system": "ZVMX"}]}, r"xcat.zhcps\[0\].system: no system 'ZVMX'"),
        ({"zhcps": [{"node": "z", "system": "ZVMA", "x": "y"}]}, r"xcat.zhcps\[0\].x: unknown key"),
        ({"zhcps": [{"node": "z", "system": "ZVMA"}] * 2}, r"xcat.zhcps\[1\].node: 'z' comes twice"),
        ({"tables": {"nope": []}}, "xcat.tables.nope: no such table"),
        ({"tables": {"switch": [{"nope": "x"}]}}, r"xcat.tables.switch\[0\].nope: no such column"),
        ({"tables": {"switch": {}}}, "xcat.tables.switch: not a list of rows"),
        ({"tables": []}, "xcat.tables: not a mapping"),
    ],
)
def test_errors_name_the_place(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(XcatSectionError, match=complaint):
        config_from({**SMALL, **change}, ["ZVMA"])


def test_a_section_that_is_no_mapping() -> None:
    with pytest.raises(XcatSectionError, match="xcat: not a mapping"):
        config_from("x", ["ZVMA"])


def test_all_errors_come_at_once_with_those_of_the_world() -> None:
    text = inventory_text("one-system").replace("mn_ip:", "mn_op:").replace("vlan: AWARE", "vlan: 5000")
    with pytest.raises(InventoryError) as caught:
        load(text)
    places = [error.partition(":")[0] for error in caught.value.errors]
    assert "xcat.mn_op" in places
    assert "systems.ZVMA.vswitches.DATANET1.vlan" in places


@pytest.mark.parametrize("name", ["one-system", "two-systems", "old-system"])
def test_shipped_inventories_load(name: str) -> None:
    assert load(inventory_text(name)).sections["xcat"].zhcps
