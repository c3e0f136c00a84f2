"""A DHCP node's trunk NIC, seen on the system itself: through each driver, in the positions that matter.

DHCP1 is a guest with NIC 0700 on physical network datanet1. What it may do is compared with what the ports
of the system need; its NIC's place in the order of couplings tells whether it was ever uncoupled.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import pytest

from networking_zvm import errors, model
from networking_zvm.claims import State, Verdict
from networking_zvm.hypervisor import base
from networking_zvm.settings import ServiceGuest
from tests.scenarios.control_points import Means, site_behind
from tests.scenarios.site import Site, Wishes
from tests.scenarios.test_contract import opened
from zvmsim import oracle
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.guest import Nic

XCAT, SMAPI = Means("xcat", None), Means("smapi", None)
GRANTED, PORTED = Means("smapi", model.Way.GRANT), Means("smapi", model.Way.PORT)
FEILONG = Means("feilong", None)

_OF_GRANTS = (
    Behaviour(),
    Behaviour(revoke_uncouples=True),
    Behaviour(directory_wins=True),
    Behaviour(regrant="refuse"),
    Behaviour(regrant="bounce"),
)
_OF_PORTS = (
    Behaviour(),
    Behaviour(revoke_uncouples=True),
    Behaviour(directory_wins=True),
    Behaviour(no_vlan_count="1"),
    Behaviour(range_listing="ranges"),
    Behaviour(vlanid_listed=False),
)
KINDS = [*((XCAT, b) for b in _OF_GRANTS), *((SMAPI, b) for b in _OF_PORTS)]
KINDS += [(means, Behaviour()) for means in (GRANTED, PORTED, Means("xcat", None, "xcat"))]

DHCP = "network:dhcp"
VSWITCH = "DATANET1"


def _name(kind: tuple[Means, Behaviour]) -> str:
    return f"{kind[0]}-{','.join(f'{k}={v}' for k, v in kind[1].deviations().items()) or 'defaults'}"


@pytest.fixture(params=KINDS, ids=_name)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site with the DHCP node, logged on and coupled to nothing."""
    with site_behind(*request.param) as running:
        add_node(running)
        yield running


@pytest.fixture(params=[XCAT, SMAPI], ids=str)
def plain(request: pytest.FixtureRequest) -> Iterator[Site]:
    with site_behind(request.param) as running:
        add_node(running)
        yield running


@pytest.fixture
def feilong(request: pytest.FixtureRequest) -> Iterator[Site]:
    with opened(FEILONG, None, request) as running:
        add_node(running)
        yield running


def add_node(here: Site, physnet: str = "datanet1") -> None:
    """Guest DHCP1 with a NIC that its directory entry couples to nothing; the agent is told of it."""
    address = model.NicAddress(model.Userid("DHCP1"), model.Vdev("0700"))
    here.create_guest("DHCP1")
    here.hypervisor.change([base.DefineNic(address, model.Mac("02:00:00:0d:0c:01"), None)])
    here.logon("DHCP1")
    here.service_guests = (ServiceGuest(address, physnet),)
    here.reconciler = here.new_agent()


def add_guest(here: Site, number: int, vlan: int) -> str:
    """Guest WEBn, logged off, whose NIC is port pn in this VLAN; the agent has not looked at it yet."""
    here.create_guest(f"WEB{number}")
    port_id = here.want(number, "datanet1", vlan)
    here.announce(port_id, f"WEB{number}", "1000")
    return port_id


def nic_of(here: Site) -> Nic | None:
    """The node's NIC while it is coupled."""
    nic = here.system.guests["DHCP1"].nics["0700"]
    return nic if nic.coupled else None


def trunk(here: Site) -> set[int] | None:
    """The VLANs of the node's NIC, None while it is coupled to nothing."""
    nic = nic_of(here)
    if nic is None:
        return None
    vswitch = here.system.vswitches[VSWITCH]
    assert nic.block is not None
    assert vswitch.port_type_of(nic.block) == "TRUNK"
    return set(vswitch.vlans_of(nic.block))


def leave(here: Site) -> set[int]:
    """All VLANs that any authorization of the node names."""
    vswitch = here.system.vswitches[VSWITCH]
    blocks = vswitch.blocks.get("DHCP1", ())
    return {vlan for block in blocks for vlan in block.vlans | vswitch.vlans_by_port(block)}


def reaches(here: Site, guest: str, vlan: int) -> bool:
    """Whether a frame of the node, tagged, arrives at the guest."""
    node, other = oracle.NicAddress("ZVMA", "DHCP1", "0700"), oracle.NicAddress("ZVMA", guest, "1000")
    return oracle.reach(oracle.snapshot(here.world), node, other, vlan).ok


def settled(here: Site) -> Mapping[str, Verdict]:
    """What is told when nothing is left to do, with tries that have to wait made in time."""
    for _ in range(4):
        here.settle()
        here.clock.now += 400
    return here.settle().verdicts


class Watched(Wishes):
    """Looks at the system whenever a port is reported up."""

    def __init__(self, check: Callable[[model.PortBinding], None]) -> None:
        super().__init__()
        self._check = check

    def report(self, statuses: Mapping[str, bool]) -> None:
        for port_id, up in statuses.items():
            if up and port_id in self.wanted:
                self._check(self.wanted[port_id])
        super().report(statuses)


def watch(here: Site) -> None:
    """From now on no port may be reported up before the node is in its VLAN."""

    def check(port: model.PortBinding) -> None:
        assert port.segment.vlan in (trunk(here) or set()), f"{port.port_id} is up too early"

    here.neutron = Watched(check)
    here.reconciler = here.new_agent()


def test_the_node_is_in_each_vlan_before_its_ports_are_up_and_in_no_other(here: Site) -> None:
    watch(here)
    add_guest(here, 1, 100)
    here.want(11, "datanet1", 100, owner=DHCP)
    here.want(12, "datanet1", 200, owner=DHCP)
    assert {verdict.state for verdict in settled(here).values()} == {State.UP}
    assert trunk(here) == leave(here) == {100, 200}
    assert all(here.is_active(port_id) for port_id in ("p1", "p11", "p12"))
    here.logon("WEB1")
    settled(here)
    assert reaches(here, "WEB1", 100)
    assert not reaches(here, "WEB1", 200)


def test_vlans_come_and_go_while_others_are_served(here: Site, request: pytest.FixtureRequest) -> None:
    means, behaviour = request.node.callspec.params["here"]
    here.want(11, "datanet1", 100, owner=DHCP)
    add_guest(here, 1, 100)
    settled(here)
    here.logon("WEB1")
    settled(here)
    before = nic_of(here)
    watch(here)
    here.neutron.wanted = {"p1": here_port(here, 1, 100), "p11": here_port(here, 11, 100, DHCP)}
    add_guest(here, 2, 200)
    settled(here)
    assert trunk(here) == leave(here) == {100, 200}
    here.unwant("p2")
    settled(here)
    assert trunk(here) == leave(here) == {100}
    assert reaches(here, "WEB1", 100)
    after = nic_of(here)
    assert before
    assert after
    may_bounce = behaviour.regrant == "bounce" or (
        behaviour.regrant == "refuse" and behaviour.revoke_uncouples
    )
    if means in (SMAPI, PORTED) or not may_bounce:
        assert after.order == before.order, "it was uncoupled meanwhile"


def here_port(here: Site, number: int, vlan: int, owner: str = "") -> model.PortBinding:
    port_id = here.want(number, "datanet1", vlan, owner=owner)
    return dataclasses.replace(here.neutron.wanted[port_id], active=True)


def test_without_ports_the_node_has_no_leave(here: Site) -> None:
    here.want(11, "datanet1", 100, owner=DHCP)
    settled(here)
    assert trunk(here) == {100}
    here.unwant("p11")
    settled(here)
    assert trunk(here) is None
    assert not here.system.vswitches[VSWITCH].blocks.get("DHCP1")
    here.want(12, "datanet1", 300, owner=DHCP)
    settled(here)
    assert trunk(here) == leave(here) == {300}


def test_what_is_right_gets_no_change_and_others_keep_theirs(here: Site) -> None:
    vswitch = here.system.vswitches[VSWITCH]
    foreign = {userid: vswitch.blocks[userid] for userid in ("DBSRV1", "ROUTER1")}
    here.want(11, "datanet1", 100, owner=DHCP)
    here.want(12, "datanet1", 200, owner=DHCP)
    settled(here)
    mark = here.world.journal.mark()
    here.reconciler = here.new_agent()
    settled(here)
    assert here.mutations(mark) == []
    assert {userid: vswitch.blocks[userid] for userid in foreign} == foreign


def test_an_ipl_and_a_logon_are_healed(here: Site) -> None:
    here.want(11, "datanet1", 100, owner=DHCP)
    here.want(12, "datanet1", 200, owner=DHCP)
    settled(here)
    here.logoff("DHCP1")
    assert here.settle().verdicts["p11"].state is State.WAITING
    here.logon("DHCP1")
    settled(here)
    assert trunk(here) == leave(here) == {100, 200}
    here.simulator.control.ipl("ZVMA")
    here.logon("DHCP1")
    assert {verdict.state for verdict in settled(here).values()} == {State.UP}
    assert trunk(here) == leave(here) == {100, 200}


def test_leave_that_an_operator_gave_is_replaced_by_what_is_in_use(here: Site) -> None:
    here.simulator.control.logoff("ZVMA", "DHCP1")
    with here.world.lock:
        vswitch = here.system.vswitches[VSWITCH]
        vswitch.add(dataclasses.replace(vswitch.blocks["ROUTER1"][0], userid="DHCP1"))
    here.logon("DHCP1")
    here.want(11, "datanet1", 100, owner=DHCP)
    settled(here)
    assert trunk(here) == leave(here) == {100}


def test_more_vlans_than_a_grant_holds(here: Site, request: pytest.FixtureRequest) -> None:
    means, behaviour = request.node.callspec.params["here"]
    for number in range(6):
        here.want(11 + number, "datanet1", 100 + 10 * number, owner=DHCP)
    verdicts = settled(here)
    up = {i for i, verdict in verdicts.items() if verdict.state is State.UP}
    if means in (SMAPI, PORTED) and behaviour.vlanid_listed:
        assert len(up) == 6
        assert trunk(here) == {100, 110, 120, 130, 140, 150}
    else:
        assert up == {"p11", "p12", "p13", "p14"}
        assert trunk(here) == {100, 110, 120, 130}
        assert "four VLANs or two ranges" in verdicts["p15"].reason


def test_a_failing_node_is_told_and_delays_no_guest_for_ever(plain: Site) -> None:
    function = "Virtual_Network_Adapter_Connect_Vswitch*"
    plain.world.faults.add({"function": function, "object": "DHCP1", "reply": {"rc": 596, "rs": 9}})
    port_id = add_guest(plain, 1, 100)
    plain.want(11, "datanet1", 100, owner=DHCP)
    verdicts = settled(plain)
    assert plain.is_active(port_id)
    assert not plain.is_active("p11")
    assert verdicts["p11"].state is State.PENDING
    assert "596/9" in verdicts["DHCP1 0700"].reason
    plain.world.faults.clear()
    assert settled(plain)["p11"].state is State.UP


def test_a_port_of_a_service_needs_a_service_guest(plain: Site) -> None:
    plain.service_guests = ()
    plain.reconciler = plain.new_agent()
    plain.want(11, "datanet1", 100, owner=DHCP)
    mark = plain.world.journal.mark()
    verdict = plain.settle().verdicts["p11"]
    assert verdict.state is State.REFUSED
    assert "service_guests" in verdict.reason
    assert plain.mutations(mark) == []


def test_a_record_that_authorizes_itself_is_refused_and_left_alone(plain: Site) -> None:
    plain.logoff("DHCP1")
    with plain.world.lock:
        nicdef = plain.system.directory.nicdefs("DHCP1")["0700"]
        lan = {"lan_owner": "SYSTEM", "lan_name": VSWITCH, "port_type": "TRUNK", "vlans": frozenset({7})}
        plain.system.directory.put_nic("DHCP1", dataclasses.replace(nicdef, **lan), "MAINT")
    plain.logon("DHCP1")
    mark = plain.world.journal.mark()
    plain.want(11, "datanet1", 100, owner=DHCP)
    verdicts = settled(plain)
    assert verdicts["p11"].state is State.REFUSED
    assert "authorizes by itself" in verdicts["DHCP1 0700"].reason
    assert plain.mutations(mark) == []


@pytest.mark.parametrize("means", [XCAT, SMAPI, GRANTED], ids=str)
def test_a_flat_network_has_no_vlan(means: Means) -> None:
    with site_behind(means) as here:
        add_node(here, "xcatvsw2")
        here.want(11, "xcatvsw2", owner=DHCP)
        assert settled(here)["p11"].state is State.UP
        nic = nic_of(here)
        assert nic
        assert nic.lan_name == "XCATVSW2"
        here.simulator.control.ipl("ZVMA")
        here.logon("DHCP1")
        assert settled(here)["p11"].state is State.UP
        assert nic_of(here)
        here.unwant("p11")
        settled(here)
        assert nic_of(here) is None
        assert not here.system.vswitches["XCATVSW2"].blocks.get("DHCP1")


def test_a_flat_network_may_be_the_default_vlan(plain: Site) -> None:
    for vswitch in (plain.system.vswitches[VSWITCH], plain.system.config[VSWITCH]):
        vswitch.default_vlan = 50
    plain.want(11, "datanet1", owner=DHCP)
    plain.want(12, "datanet1", 100, owner=DHCP)
    assert {verdict.state for verdict in settled(plain).values()} == {State.UP}
    assert trunk(plain) == {50, 100}


def test_reads_of_a_pass_do_not_grow(plain: Site) -> None:
    """With the node right, a pass asks z/VM what it asks without one."""
    plain.want(11, "datanet1", 100, owner=DHCP)
    settled(plain)

    def reads() -> int:
        mark = plain.world.journal.mark()
        plain.reconciler.run_pass()
        return len(plain.world.journal.entries(mark))

    with_node = reads()
    plain.neutron.wanted.clear()
    plain.service_guests = ()
    plain.reconciler = plain.new_agent()
    plain.settle()
    assert reads() == with_node


NODE, SWITCH, VLAN = model.Userid("DHCP1"), model.VSwitchName(VSWITCH), model.VlanId(100)
TRUNKS: tuple[base.GuestChange, ...] = (
    base.Authorize(NODE, SWITCH, frozenset({VLAN}), vlan_aware=True, port_type=model.PortType.TRUNK),
    base.AssignPort(NODE, SWITCH, 1024, frozenset(), vlan_aware=True, port_type=model.PortType.TRUNK),
    base.AllowVlan(NODE, SWITCH, 1024, VLAN),
    base.DenyVlan(NODE, SWITCH, 1024, VLAN),
)


def refused(here: Site) -> list[type[base.GuestChange]]:
    """What of all that trunk ports need the driver has no means for; nothing of it is sent."""
    kinds: list[type[base.GuestChange]] = []
    for change in TRUNKS:
        mark = here.world.journal.mark()
        try:
            here.hypervisor.change([change])
        except base.ChangeFailed as failed:
            kinds += [type(change)] if isinstance(failed.cause, errors.Refused) else []
            unsent = here.mutations(mark)
            assert not unsent
    return kinds


def test_a_driver_refuses_what_its_capabilities_exclude(plain: Site) -> None:
    numbered = model.Way.PORT in plain.hypervisor.capabilities.ways
    assert refused(plain) == ([] if numbered else [base.AssignPort, base.AllowVlan, base.DenyVlan])


def test_feilong_refuses_all_that_makes_trunks(feilong: Site) -> None:
    assert not feilong.hypervisor.capabilities.trunks
    assert refused(feilong) == [type(change) for change in TRUNKS]


def test_feilong_makes_no_trunk_port_and_says_so(feilong: Site) -> None:
    feilong.want(11, "datanet1", 100, owner=DHCP)
    verdicts = settled(feilong)
    assert verdicts["p11"].state is State.REFUSED
    assert "cannot make a guest a trunk port" in verdicts["DHCP1 0700"].reason
    assert nic_of(feilong) is None


def test_feilong_serves_one_vlan_where_the_vswitch_makes_trunks(feilong: Site) -> None:
    feilong.system.vswitches[VSWITCH].port_type = "TRUNK"
    feilong.want(11, "datanet1", 100, owner=DHCP)
    feilong.want(12, "datanet1", 200, owner=DHCP)
    verdicts = settled(feilong)
    assert trunk(feilong) == {100}
    assert verdicts["p11"].state is State.UP
    assert "one VLAN" in verdicts["p12"].reason
    feilong.unwant("p11")
    assert settled(feilong)["p12"].state is State.UP
    assert trunk(feilong) == {200}
    feilong.unwant("p12")
    settled(feilong)
    assert nic_of(feilong) is None


def test_feilong_serves_a_flat_network(feilong: Site) -> None:
    feilong.service_guests = (ServiceGuest(feilong.service_guests[0].address, "xcatvsw2"),)
    feilong.reconciler = feilong.new_agent()
    feilong.want(11, "xcatvsw2", owner=DHCP)
    assert settled(feilong)["p11"].state is State.UP
    nic = nic_of(feilong)
    assert nic
    assert nic.lan_name == "XCATVSW2"
