"""Inventories: what loads, what is refused and where, and dumps that load as the same world."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import yaml

import zvmsim
from zvmsim.clock import VirtualClock
from zvmsim.inventory import Inventory, InventoryError, dump, load
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.vswitch import Block

READY = sorted((Path(zvmsim.__file__).parent / "inventories").glob("*.yaml"))

EVERYTHING = """
lans: [campus]
latency: {read: 0.1, directory: 0.5}
faults:
  - {function: Image_*, count: 2, skip: 1, probability: 0.5, delay: 0.25, reply: {rc: 400, rs: 12}}
  - {when: after, reply: {http: 503}}
  - {object: 0600, reply: drop}
systems:
  zvma:
    level: 730
    service_level: 2401
    storage: 128G
    zone: EDT -4
    ipl_time: 2026-01-01T00:00:00+00:00
    system_prefix: 020001
    user_prefix: 020000
    next_mac_id: 99
    mac_protect: true
    controllers: DTCVSW3 DTCVSW4
    behaviour: {regrant: bounce, revoke_uncouples: true, couple_missing_vswitch: 396/2788}
    osas:
      A100: {lan: campus, port: card1, chpid: 1A}
      A200: {state: ATTACHED, holder: TCPIP}
    vswitches:
      VSW1:
        {transport: ETHERNET, rdevs: A100 A200.P01, connected: no, isolation: on, mac: 02-00-01-00-00-42}
      VSW2:
        vlan: 7
        port_type: TRUNK
        native_vlan: 9
        gvrp: false
        port_based: true
        grants: {LNX1: {vlans: 10 20-29, promiscuous: true}, LNX2: {persistent: false, port_type: ACCESS}}
        ports: {100: {userid: LNX1, vlans: 5}}
        vlan_ports: {30: 100-101}
      VSW3: {persistent: false, vlan: AWARE, mac_protect: MACPROTECT}
    system_config:
      VSW1: {transport: ETHERNET}
      OTHER: {}
    guest_lans:
      SYSTEM GLAN1: {persistent: true}
      LNX1 OWN: {restricted: true, allowed: LNX2, type: HIPERSOCKETS, transport: ETHERNET}
    directory:
      NETPROF: [PROFILE NETPROF, NICDEF 0800 TYPE QDIO]
      LNX1: [USER LNX1 X 1G 1G G, INCLUDE NETPROF, NICDEF 1000 TYPE QDIO LAN SYSTEM VSW2]
      LNX2: [USER LNX2 X 1G 1G G]
    object_directory:
      LNX1: [USER LNX1 X 1G 1G G]
    locks: {LNX1: MAINT, LNX2 1000: MAINT}
    guests:
      LNX1: {}
      LNX2:
        nics:
          0600: {mac: 02-00-01-00-00-07, driver: true, port_name: eth0, order: 4, lan: SYSTEM VSW2}
          0700:
            mac: 02-00-00-00-00-08
            mac_id: 000008
            devices: 4
            lan: SYSTEM VSW3
            block: {vlans: 100, temporary: true}
          0800: {mac: 02-00-01-00-00-09, lan: SYSTEM GLAN1}
        mac_ids: {0900: 0000AB}
    autolog: [LNX1]
"""


def opaque(data: object, systems: Collection[str]) -> object:
    assert systems
    return data


def read(text: str) -> Inventory:
    return load(text, clock=VirtualClock(), sections=dict.fromkeys(("xcat", "feilong", "smapi"), opaque))


def errors(text: str) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        read(text)
    return caught.value.errors


def state(inventory: Inventory) -> list[str]:
    """Everything a dump must bring back, as text."""
    systems = inventory.world.systems.values()
    parts = [
        (s.level, s.dna, s.behaviour, s.zone, s.ipl_time, s.autolog, s.controllers, s.osas) for s in systems
    ]
    vswitches = [(s.vswitches, s.config, s.lans, s.lan_config) for s in systems]
    guests = [[(g.userid, g.nics, g.mac_ids) for g in s.guests.values()] for s in systems]
    rest = [(s.directory, s.macs) for s in systems]
    return [repr(part) for part in (*parts, *vswitches, *guests, *rest, inventory.world.gate.latency)]


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_ready_inventories_load_and_survive_a_dump(path: Path) -> None:
    first = read(path.read_text())
    again = read(dump(first.world, first.raw))
    assert state(again) == state(first)
    assert again.raw == first.raw


def test_everything_survives_a_dump() -> None:
    first = read(EVERYTHING)
    text = dump(first.world)
    again = read(text)
    assert state(again) == state(first)
    assert again.world.faults.rules() == first.world.faults.rules()
    assert dump(again.world) == text


def test_a_dump_repeats_what_the_inventory_said() -> None:
    def missing(stated: Any, dumped: Any, place: str) -> list[str]:
        if not isinstance(stated, dict):
            said = {"no": "false", "on": "true"}.get(str(stated), str(stated))
            return [] if said.lower() == str(dumped).lower() else [f"{place}: {stated} / {dumped}"]
        return [
            error
            for key, value in stated.items()
            for error in missing(value, {str(k): v for k, v in dumped.items()}.get(key, {}), f"{place}.{key}")
        ]

    stated = yaml.load(EVERYTHING.replace("zvma:", "ZVMA:"), yaml.BaseLoader)
    dumped = yaml.load(dump(read(EVERYTHING).world), yaml.BaseLoader)
    del stated["systems"]["ZVMA"]["guests"]["LNX1"]
    assert missing(stated["systems"], dumped["systems"], "systems") == []


def test_what_everything_means() -> None:
    system = read(EVERYTHING).world.systems["ZVMA"]
    assert system.behaviour == Behaviour(
        regrant="bounce", revoke_uncouples=True, couple_missing_vswitch="396/2788"
    )
    assert [block.userid for block in system.config["VSW2"].all_blocks()] == ["LNX1", "LNX1"]
    assert list(system.config) == ["VSW1", "VSW2", "OTHER"]
    assert system.vswitches["VSW1"].isolation is True
    assert system.config["VSW1"].isolation is False
    assert system.nic("LNX2", "0600").block == Block("LNX2", port_type="ACCESS")
    assert system.vswitches["VSW3"].blocks["LNX2"][0].temporary_for == "0700"
    assert system.guest("LNX1").nics == {}
    assert str(system.zone) == "EDT"


def test_an_old_system_has_no_directory_authorization() -> None:
    system = read((READY[0].parent / "old-system.yaml").read_text()).world.systems["ZVMA"]
    assert (system.level, system.dna) == (630, False)


def test_all_errors_come_at_once_with_their_places() -> None:
    found = errors("""
        lans: [campus]
        colour: blue
        latency: quick
        faults: [{probability: 2}]
        systems:
          ZVMA:
            level: 630
            dna: true
            system_prefix: 030000
            behaviour: {regrant: never, mood: good}
            osas: {A100: {lan: other}, B100: {holder: TCPIP}}
            vswitches:
              XCATVSW2: {vlan: 5000, rdevs: 1 2 3 4, grants: {A: {vlans: 0, speed: 1}}}
              VSW2: {grants: {LNX1: {vlans: 5}}, ports: {1: {}}}
            directory: {LNX1: [USER LNX2], LNX3: [USER LNX3, NICDEF 1 TYPE TAPE]}
            locks: {LNX4: MAINT}
            guests: {LNX5: {}, LNX6: {nics: {1000: {lan: SYSTEM NOSUCH}}}}
            autolog: [LNX7]
            colour: blue
    """)
    places = [error.split(": ")[0] for error in found]
    zvma = "systems.ZVMA"
    assert sorted(places) == sorted(
        [
            "colour",
            "latency",
            "faults[0]",
            f"{zvma}.colour",
            f"{zvma}.dna",
            f"{zvma}.system_prefix",
            f"{zvma}.behaviour.regrant",
            f"{zvma}.behaviour.mood",
            f"{zvma}.osas.A100.lan",
            f"{zvma}.osas.B100.holder",
            f"{zvma}.vswitches.XCATVSW2.vlan",
            f"{zvma}.vswitches.XCATVSW2.rdevs",
            f"{zvma}.vswitches.XCATVSW2.grants.A.vlans",
            f"{zvma}.vswitches.XCATVSW2.grants.A.speed",
            f"{zvma}.vswitches.VSW2.grants.LNX1",
            f"{zvma}.vswitches.VSW2.ports.1.userid",
            f"{zvma}.directory.LNX1",
            f"{zvma}.directory.LNX3",
            f"{zvma}.locks.LNX4",
            f"{zvma}.guests.LNX5",
            f"{zvma}.guests.LNX6.nics.1000.mac",
            f"{zvma}.guests.LNX6.nics.1000.lan",
            f"{zvma}.autolog",
        ]
    )
    assert f"{zvma}.vswitches.XCATVSW2.vlan: 5000 is not a VLAN id (1-4094)" in found


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: b: c", "not YAML"),
        ("[1, 2]", "inventory: not a mapping"),
        ("", "systems: there is none"),
        ("systems: 5", "systems: not a mapping"),
        ("lans: 5", "lans: not a list"),
        ("faults: 5", "faults: not a list"),
        ("systems: {TOOLONGNAME: {}}", "systems.TOOLONGNAME: 'TOOLONGNAME' is not a name"),
        ("systems: {A: {level: [1]}}", "systems.A.level: not a single value"),
        ("systems: {A: {zone: EDT x}}", "systems.A.zone"),
        ("systems: {A: {}}\nsystems: {B: {}}", "line 2: systems is given twice"),
    ],
)
def test_texts_that_are_no_inventory(text: str, error: str) -> None:
    assert errors(text)[0].startswith(error)


def test_sections_of_dialects() -> None:
    def refuse(data: object, systems: Collection[str]) -> object:
        raise ValueError(f"xcat.users: {data} for {list(systems)}; xcat.mn: none")

    text = "systems: {ZVMA: {}}\nxcat: {users: 5}"
    assert read(text).sections["xcat"] == {"users": "5"}
    with pytest.raises(InventoryError) as caught:
        load(text, sections={"xcat": refuse})
    assert len(caught.value.errors) == 2
    with pytest.raises(InventoryError, match="xcat: unknown key"):
        load(text)
