"""Whatever is asked of a system, in whatever order, its state stays sound."""

from collections import Counter
from dataclasses import replace

import yaml
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from zvmsim.clock import VirtualClock
from zvmsim.inventory import dump, load
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.directory import check_entry
from zvmsim.world.functions import FUNCTIONS
from zvmsim.world.functions.registry import Function
from zvmsim.world.macs import MacPool
from zvmsim.world.smapi import Reply, Request
from zvmsim.world.system import System
from zvmsim.world.world import World

NICDEFS = (
    "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=V1 VLAN=100",
    "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=V2 PORTNUMBER=5",
    "VDEV=2000 TYPE=QDIO MACID=000001",
    "VDEV=1001 TYPE=HIPERS LAN=SYSTEM SWITCHNAME=V1",
    "VDEV=2000 TYPE=QDIO LAN=* LANNAME=L1\nVDEV=2001 TYPE=QDIO",
)
VALUES: dict[str, tuple[str, ...]] = {
    "image_device_number": ("1000", "1001", "2000", "FFFF"),
    "switch_name": ("V1", "V2"),
    "adapter_type": ("QDIO", "HIPER", "1", "2"),
    "mac_id": ("000001", "000002"),
    "vlan_id": ("UNAWARE", "AWARE", "7", "0"),
    "port_type": ("ACCESS", "TRUNK", "1", "2"),
    "persist": ("YES", "NO"),
    "update_system_config_indicator": ("1", "2", "3"),
    "transport_type": ("IP", "ETHERNET", "2"),
    "real_device_address": ("A100", "NONE"),
    "grant_userid": ("U1", "U2", "NOBODY"),
    "revoke_userid": ("U1", "U2"),
    "user_vlan_id": ("100", "100 200", "1-9"),
    "portnum": ("5 U1", "5 U2", "6 U1"),
    "portnum_modify": ("5",),
    "portnum_remove": ("5", "6"),
    "vlan_port_add": ("30 5-6",),
    "vlan_port_remove": ("30 5",),
    "vlan_delete": ("30",),
    "port_isolation": ("ON", "OFF"),
    "connection_value": ("CONNECT", "DISCONNECT", "1", "2"),
    "port_selection": ("AUTO", "5", "PORTBASED"),
    "lan_name": ("L1", "V1"),
    "lan_owner": ("SYSTEM", "U1", "*"),
    "lan_type": ("2", "3", "4"),
    "access_op": ("GRANT", "REVOKE"),
    "access_user": ("U1",),
    "device_address": ("1000",),
    "nicdef": NICDEFS,
    "search_pattern": ("NIC",),
}
USUAL = ("image_device_number", "switch_name", "adapter_type", "lan_name", "lan_owner", "lan_type", "nicdef")
RECORDS = (
    ("USER U1 X 1G 1G G", "NICDEF 1000 TYPE QDIO LAN SYSTEM V1"),
    ("USER U2 X 1G 1G G", "NICDEF 1000 TYPE QDIO LAN SYSTEM V1 VLAN 100", "NICDEF 2000 TYPE QDIO"),
    ("USER U1 X 1G 1G G", "NICDEF 1000 TYPE QDIO LAN SYSTEM V2 PORTNUMBER 5 PORTTYPE TRUNK VLAN 7-9"),
)
RARE = ("Image_Delete_DM", "Image_Create_DM")
CHANGES = sorted(name for name, function in FUNCTIONS.items() if function.mutating and name not in RARE)


def plausible(function: Function, key: str) -> list[str]:
    """The values of a key that this function takes."""

    def takes(value: str) -> bool:
        try:
            return bool(function.parameters[key].check(value))
        except ValueError:
            return False

    return [value for value in VALUES[key] if key not in function.parameters or takes(value)]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Any function that changes something, with plausible arguments."""
    function = FUNCTIONS[draw(st.sampled_from(CHANGES))]
    keywords = ["nicdef"] if function.open_keywords else []
    wanted = [key for key in (*function.parameters, *keywords) if key in VALUES]
    usual = [key for key in wanted if key in USUAL or function.parameters[key].required]
    further = [key for key in wanted if key not in usual]
    extra = draw(st.lists(st.sampled_from(further), max_size=2, unique=True)) if further else []
    arguments = {key: draw(st.sampled_from(plausible(function, key))) for key in (*usual, *extra)}
    target = draw(st.sampled_from(("U1", "U2")))
    return Request(function.name, target, arguments, draw(st.sampled_from(RECORDS)))


class AnySequence(RuleBasedStateMachine):
    """Calls of any kind, IPLs between them, under any behaviour."""

    @initialize(
        behaviour=st.sampled_from(list(Behaviour.positions())),
        dna=st.booleans(),
        level=st.sampled_from((710, 730)),
    )
    def start(self, behaviour: Behaviour, dna: bool, level: int) -> None:
        self.world = World(VirtualClock())
        pool = MacPool("020001", "020001")
        self.system = System("ZVMA", self.world.clock, pool, level=level, dna=dna, behaviour=behaviour)
        self.world.add(self.system)
        for records in RECORDS[:2]:
            self.system.directory.create(records[0].split()[1], records)
        for name, vlan_id in (("V1", "AWARE"), ("V2", "7")):
            keys = {"switch_name": name, "vlan_id": vlan_id, "persist": "YES"}
            request = Request("Virtual_Network_Vswitch_Create_Extended", "X", keys)
            self.world.smapi("ZVMA", request, caller="X")
        self.system.autolog = ("U2",)
        self.system.ipl()

    @rule(
        asked=st.lists(requests(), min_size=1, max_size=8),
        caller=st.sampled_from(("ZHCPA", "ZHCPA", "MAINT")),
    )
    def ask(self, asked: list[Request], caller: str) -> None:
        for request in asked:
            before = repr(self.system)
            reply = self.world.smapi("ZVMA", request, caller=caller)
            if reply.rc:
                assert repr(self.system) == before, f"{request}: {reply}, yet something changed"

    @rule(userid=st.sampled_from(("U1", "U2")))
    def log_on(self, userid: str) -> None:
        self.world.smapi("ZVMA", Request("Image_Activate", userid), caller="ZHCPA")

    @rule(userid=st.sampled_from(("U1", "U2")), name=st.sampled_from(("V1", "V2")))
    def couple(self, userid: str, name: str) -> None:
        keys = {"image_device_number": "1000", "switch_name": name}
        request = Request("Virtual_Network_Adapter_Connect_Vswitch", userid, keys)
        if self.world.smapi("ZVMA", request, caller="ZHCPA") == Reply():
            assert self.system.nic(userid, "1000").lan_name == name

    @rule(records=st.sampled_from(RECORDS))
    def replace_entry(self, records: tuple[str, ...]) -> None:
        userid = records[0].split()[1]
        for function in RARE:
            self.world.smapi("ZVMA", Request(function, userid, records=records), caller="ZHCPA")

    @rule()
    def ipl(self) -> None:
        config = repr(self.system.config)
        self.system.ipl()
        assert set(self.system.guests) <= {"U2"}
        assert repr(self.system.config) == config
        assert repr({name: v.saved() for name, v in self.system.vswitches.items()}) == repr(
            {name: v for name, v in self.system.config.items() if name in self.system.vswitches}
        )

    @rule()
    def dump_and_load(self) -> None:
        text = dump(self.world)
        again = load(text, clock=VirtualClock()).world
        assert yaml.safe_load(dump(again)) == yaml.safe_load(text)

    @invariant()
    def coupled_nics_are_somewhere(self) -> None:
        for nic in self.system.nics():
            if nic.coupled:
                vswitch = self.system.vswitches.get(nic.lan_name) if nic.lan_owner == "SYSTEM" else None
                assert vswitch or (nic.lan_owner, nic.lan_name) in self.system.lans
                assert (nic.block is not None) == (vswitch is not None)
                assert vswitch is None or nic.type == "QDIO"

    @invariant()
    def live_nics_of_a_guest_do_not_overlap(self) -> None:
        for guest in self.system.guests.values():
            devices = [number for nic in guest.nics.values() for number in nic.range]
            assert len(set(devices)) == len(devices)

    @invariant()
    def temporary_blocks_belong_to_coupled_nics(self) -> None:
        for vswitch in self.system.vswitches.values():
            for block in vswitch.all_blocks():
                if block.temporary_for:
                    nic = self.system.nic(block.userid, block.temporary_for)
                    assert (nic.lan_name, nic.block) == (vswitch.name, block)
        for saved in self.system.config.values():
            assert not any(block.temporary_for for block in saved.all_blocks())

    @invariant()
    def a_port_has_one_owner_and_one_nic(self) -> None:
        for vswitch in self.system.vswitches.values():
            owners = [b.port for b in vswitch.all_blocks() if b.port and not b.temporary_for]
            assert len(set(owners)) == len(owners)

    @invariant()
    def every_address_in_use_is_counted(self) -> None:
        macs = Counter(nic.mac for nic in self.system.nics())
        macs.update(vswitch.mac for vswitch in self.system.vswitches.values())
        assert macs == self.system.macs.used
        if self.system.behaviour.duplicate_macid == "refuse":
            assert all(number == 1 for number in macs.values())

    @invariant()
    def the_directory_is_readable(self) -> None:
        for userid, records in self.system.directory.source.items():
            check_entry(userid, records)
        assert all(userid in self.system.directory.source for userid, _ in self.system.directory.locks)


AnySequence.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnySequence = AnySequence.TestCase


def test_every_switch_of_behaviour_has_its_deviations() -> None:
    """But the one about when a change is seen."""
    positions = list(Behaviour.positions())
    assert positions[0] == Behaviour()
    for name, choices in Behaviour.choices().items():
        stray = {getattr(position, name) for position in positions}
        assert stray == set(choices[:1] if name == "directory_changes" else choices)
        assert replace(Behaviour(), **{name: choices[0]}) == Behaviour()  # type: ignore[arg-type]
    assert all(len(position.deviations()) == 1 for position in positions[1:])
