"""Drawn worlds of several systems, and drawn changes of them: SMAPI calls as far as there are some."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random

from zvmsim.clock import VirtualClock
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.macs import MacPool
from zvmsim.world.smapi import Request, SmapiError
from zvmsim.world.system import System
from zvmsim.world.uplinks import Osa
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World

SYSTEMS, USERS, VDEVS = ("ZVMA", "ZVMB", "ZVMC"), ("U1", "U2", "U3"), ("1000", "2000")
SWITCHES, GUEST_LAN, LANS = ("V1", "V2"), "L1", ("campus", "lab")
SYSTEM_OUTSIDE = "OUT"
BEHAVIOURS = (
    *3 * [Behaviour()],
    Behaviour(revoke_uncouples=True),
    Behaviour(regrant="bounce"),
    Behaviour(directory_wins=True),
    Behaviour(access_vlan_set="first"),
    Behaviour(porttype_on_unaware="ignore"),
)

VLAN_SETS = ("", "", "5", "5", "10", "1", "5 10", "1 5", "1 5 10", "1-10")
SINGLE_VLANS = ("", "", "5", "5", "10", "1")
RDEVS = (*4 * ("A{}00",), "A900 A{}00", "A100 A200", "A200 A100", "NONE")
"""Of V1 with 1, of V2 with 2 in the braces."""
NUMBERS = ("5", "6", "7")

SET = "Virtual_Network_Vswitch_Set_Extended"
CREATE = "Virtual_Network_Vswitch_Create_Extended"
ADAPTER = "Virtual_Network_Adapter_"

Keys = dict[str, str]


@dataclass(frozen=True)
class Step:
    """One change of a system: an SMAPI function or, in small letters, something that SMAPI cannot do."""

    function: str
    target: str = "X"
    keys: Keys = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """One system. osas: lan and port by device. entries: NICDEF records by userid. steps: what follows."""

    behaviour: Behaviour
    dna: bool
    mac_protect: bool
    osas: dict[str, Keys]
    entries: dict[str, tuple[str, ...]]
    steps: tuple[Step, ...]


def some(**keys: str) -> Keys:
    """These arguments, without those that are empty."""
    return {key: text for key, text in keys.items() if text}


def draw_plan(r: Random) -> Plan:
    """A system with vswitches and guests, most NICs coupled by one kind of authorization or another."""
    made = [definition(r, name) for name in SWITCHES]
    aware = {step.keys["switch_name"] for step in made if step.keys["vlan_id"] != "UNAWARE"}
    entries: dict[str, tuple[str, ...]] = {}
    seats: list[Step] = []
    for user, vdev in product(USERS, VDEVS):
        record, steps = _seat(r, user, vdev, aware)
        entries[user] = (*entries.get(user, ()), record)
        seats += steps
    lan = some(lan_name=GUEST_LAN, lan_owner="SYSTEM", lan_type="2", transport_type=r.choice("12"))
    return Plan(
        behaviour=r.choice(BEHAVIOURS),
        dna=r.random() < 0.7,
        mac_protect=r.random() < 0.3,
        osas={
            rdev: {"lan": r.choice((*4 * LANS[:1], *LANS, "")), "port": r.choice(("", "card"))}
            for rdev in ("A100", "A200")
        },
        entries=entries,
        steps=(
            *made,
            *(attributes(r, name) for name in SWITCHES),
            Step("Virtual_Network_LAN_Create", keys=lan),
            *(Step("Image_Activate", user) for user in USERS),
            *seats,
        ),
    )


def _seat(r: Random, user: str, vdev: str, aware: set[str]) -> tuple[str, list[Step]]:
    """The NICDEF record of a NIC, and what couples it."""
    where = r.choice((*SWITCHES, *SWITCHES, *SWITCHES, GUEST_LAN))
    couple = Step(f"{ADAPTER}Connect_Vswitch", user, {"image_device_number": vdev, "switch_name": where})
    trunk = r.random() < 0.4
    vlans = r.choice(VLAN_SETS if trunk else SINGLE_VLANS) if where in aware else ""
    port_type = r.choice(("TRUNK",) if trunk else ("", "ACCESS")) if where in aware else ""
    way = r.choice(("grant", "grant", "port", "directory"))
    if way == "directory" and where != GUEST_LAN:
        operands = some(LAN="SYSTEM", SWITCHNAME=where, VLAN=vlans, PORTTYPE=port_type)
        return as_record(vdev, operands), []
    promiscuous = r.choice(("", "", "", "YES"))
    chosen = some(switch_name=where, user_vlan_id=vlans, port_type=port_type, promiscuous=promiscuous)
    if way == "grant":
        leave = [Step(SET, keys={"grant_userid": user, "persist": "YES", **chosen})]
    else:
        number = r.choice(NUMBERS)
        leave = [Step(SET, keys={"portnum": f"{number} {user}", "persist": "YES", **chosen})]
        leave += [Step(SET, keys={"switch_name": where, "vlan_port_add": f"{r.choice((5, 10))} {number}"})]
    return as_record(vdev, {}), [*leave, couple]


def definition(r: Random, name: str) -> Step:
    """A new vswitch."""
    keys = some(
        switch_name=name,
        transport_type=r.choice(6 * ("ETHERNET",) + ("IP",)),
        port_selection=r.choice(("", "PORTBASED")),
        vlan_id=r.choice(("AWARE", "5", "10", "UNAWARE")),
        real_device_address=r.choice(RDEVS).format(name[1]),
        connection_value=r.choice(7 * ("CONNECT",) + ("DISCONNECT",)),
        persist=r.choice(("YES", "YES", "")),
    )
    if keys["vlan_id"] != "UNAWARE":
        keys |= some(port_type=r.choice(("", "", "TRUNK")), native_vlanid=r.choice(("", "", "5")))
    return Step(CREATE, keys=keys)


def attributes(r: Random, name: str) -> Step:
    """What a vswitch cannot be created with."""
    if r.random() < 0.2:
        return Step("native", name, some(vlan=r.choice(("", "1", "10"))))
    keys = some(
        port_isolation=r.choice(("", "", "", "ON")),
        vepa=r.choice(("", "", "ON")),
        mac_protect=r.choice(("", "ON", "OFF")),
    )
    return Step(SET, keys={"switch_name": name, "persist": "YES", **keys})


def draw_changes(r: Random) -> list[Step]:
    """Anything that could matter to a frame: one step, or a NIC's move to another switch."""
    user, vdev, name = r.choice(USERS), r.choice(VDEVS), r.choice(SWITCHES)
    if r.random() < 0.2:
        return _move(user, vdev, name)
    kind = r.choice((_adapter_change, _access_change, _access_change, _switch_change, _other_change))
    return [kind(r, user, vdev, name)]


def _move(user: str, vdev: str, name: str) -> list[Step]:
    return [
        Step(SET, keys={"switch_name": name, "grant_userid": user}),
        Step(f"{ADAPTER}Disconnect", user, {"image_device_number": vdev}),
        Step(f"{ADAPTER}Connect_Vswitch", user, {"image_device_number": vdev, "switch_name": name}),
    ]


def _adapter_change(r: Random, user: str, vdev: str, name: str) -> Step:
    where = r.choice((name, name, name, GUEST_LAN))
    function, keys = r.choice(
        (
            ("Connect_Vswitch", {"switch_name": where}),
            ("Connect_Vswitch", {"switch_name": where}),
            ("Connect_Vswitch_Extended", {"switch_name": name, "port_selection": r.choice(NUMBERS)}),
            ("Disconnect", {}),
            ("Disconnect", {}),
            ("Delete", {}),
            ("Create_Extended", {"adapter_type": "QDIO"}),
        )
    )
    return Step(ADAPTER + function, user, {"image_device_number": vdev, **keys})


def _access_change(r: Random, user: str, _vdev: str, name: str) -> Step:
    number, vlan = r.choice(NUMBERS), r.choice((1, 5, 10))
    options = some(
        user_vlan_id=r.choice(VLAN_SETS),
        port_type=r.choice(("", "ACCESS", "TRUNK")),
        promiscuous=r.choice(("", "", "YES")),
    )
    keys = r.choice(
        (
            {"grant_userid": user, **options},
            {"grant_userid": user, **options},
            {"revoke_userid": user},
            {"portnum": f"{number} {user}", **options},
            {"portnum_modify": number, **options},
            {"portnum_remove": number},
            {"vlan_port_add": f"{vlan} {number}"},
            {"vlan_port_remove": f"{vlan} {number}"},
        )
    )
    return Step(SET, keys={"switch_name": name, **keys})


def _switch_change(r: Random, _user: str, _vdev: str, name: str) -> Step:
    key, values = r.choice(
        (
            ("port_isolation", ("ON", "OFF")),
            ("vepa", ("ON", "OFF")),
            ("mac_protect", ("ON", "OFF", "UNSPECIFIED")),
            ("connection_value", ("CONNECT", "DISCONNECT")),
            ("real_device_address", [rdevs.format(name[1]) for rdevs in RDEVS]),
        )
    )
    return Step(SET, keys={"switch_name": name, "persist": r.choice(("YES", "NO")), key: r.choice(values)})


def _other_change(r: Random, user: str, vdev: str, name: str) -> Step:
    operands = some(
        LAN="SYSTEM",
        SWITCHNAME=name,
        VLAN=r.choice(VLAN_SETS),
        PORTTYPE=r.choice(("", "ACCESS", "TRUNK")),
        PORTNUMBER=r.choice(("", "", "7")),
    )
    return r.choice(
        (
            Step("Image_Definition_Update_DM", user, {"nicdef": as_keywords(vdev, operands)}),
            Step("Image_Deactivate", user),
            Step("Image_Activate", user),
            Step("Image_Recycle", user),
            Step("Virtual_Network_Vswitch_Delete_Extended", keys={"switch_name": name}),
            definition(r, name),
            Step("ipl"),
            Step("native", name, some(vlan=r.choice(("", "1", "10")))),
            Step(
                "cable",
                r.choice(("A100", "A200")),
                some(lan=r.choice(("", *LANS)), port=r.choice(("", "card"))),
            ),
            Step("mac", user, {"vdev": vdev, "mac_id": r.choice(("00AAAA", "00BBBB"))}),
            Step("mac_protect", r.choice(("", "ON"))),
        )
    )


def as_keywords(vdev: str, operands: Keys) -> str:
    """A NIC as Image_Definition_Update_DM takes it."""
    return " ".join(f"{key}={text}" for key, text in {"VDEV": vdev, "TYPE": "QDIO", **operands}.items())


def as_record(vdev: str, operands: Keys) -> str:
    """A NIC as the directory has it."""
    words = {**operands, "LAN": f"SYSTEM {operands['SWITCHNAME']}"} if operands else {}
    more = " ".join(f"{key} {text}" for key, text in words.items() if key != "SWITCHNAME")
    return f"NICDEF {vdev} TYPE QDIO {more}"


def world_of(drawn: Mapping[str, Plan]) -> World:
    """The planned systems, and one through which a guest sees each physical LAN for itself."""
    world = World(VirtualClock())
    world.physical_lans += LANS
    for name, plan in drawn.items():
        pool = MacPool(f"02000{name[-1]}", f"02001{name[-1]}")
        system = System(name, world.clock, pool, dna=plan.dna, behaviour=plan.behaviour)
        system.mac_protect = plan.mac_protect
        system.osas = {rdev: Osa(rdev, **keys) for rdev, keys in plan.osas.items()}
        for user, records in plan.entries.items():
            system.directory.create(user, (f"USER {user} LBYONLY 1G 2G G", *records))
        system.autolog = USERS[:2]
        world.add(system)
        for step in plan.steps:
            take(world, name, step)
    _add_the_outside(world)
    return world


def _add_the_outside(world: World) -> None:
    system = System(SYSTEM_OUTSIDE, world.clock, MacPool("02000F", "02001F"))
    world.add(system)
    for number, lan in enumerate(LANS):
        name, rdev = lan.upper(), f"B{number}00"
        system.osas[rdev] = Osa(rdev, lan)
        system.start_vswitch(
            Vswitch(name, transport="ETHERNET", rdevs=(rdev,), blocks={name: (Block(name),)})
        )
        system.directory.create(
            name, (f"USER {name} LBYONLY 1G 2G G", f"NICDEF 1000 TYPE QDIO LAN SYSTEM {name}")
        )
        system.logon(name)


def take(world: World, name: str, step: Step) -> int:
    """Carry a step out; returns the return code."""
    if step.function[0].isupper():
        request = Request(step.function, step.target, step.keys)
        return world.smapi(name, request, caller="X").rc
    try:
        _BEYOND_SMAPI[step.function](world.systems[name], step.target, **step.keys)
    except SmapiError as error:
        return error.rc
    return 0


def _ipl(system: System, _: str) -> None:
    system.ipl()


def _native(system: System, name: str, vlan: str = "") -> None:
    system.vswitch(name).native_vlan = int(vlan) if vlan else None


def _cable(system: System, rdev: str, lan: str = "", port: str = "") -> None:
    system.osas[rdev] = replace(system.osas[rdev], lan=lan, port=port)


def _mac(system: System, user: str, vdev: str, mac_id: str) -> None:
    system.set_nic_mac(user, vdev, mac_id)


def _mac_protect(system: System, on: str) -> None:
    system.mac_protect = bool(on)


_BEYOND_SMAPI = {"ipl": _ipl, "native": _native, "cable": _cable, "mac": _mac, "mac_protect": _mac_protect}
