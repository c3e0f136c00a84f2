"""Operations on a guest's NICs through each control point, seen on the system itself."""

import contextlib
from collections.abc import Iterator

import pytest

from networking_zvm import errors, model
from networking_zvm.compute.failures import ContradictionError, OperationFailedError
from networking_zvm.compute.networkop import NetworkOperations
from networking_zvm.compute.nics import Fault, Nic
from tests.scenarios.control_points import FeilongSite, Means, site_behind
from tests.scenarios.site import Site, XcatSite
from tests.scenarios.test_contract import opened
from zvmsim.world.behaviour import Behaviour

PAUSES = (0.0,) * 4
WEB1 = model.Userid("WEB1")

KINDS = [
    (Means("xcat", None), Behaviour()),
    (Means("xcat", None, "xcat"), Behaviour()),
    (Means("xcat", None, "today"), Behaviour()),
    (Means("feilong", None), Behaviour()),
    (Means("smapi", None), Behaviour()),
]


@pytest.fixture(params=KINDS, ids=lambda kind: str(kind[0]))
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site with guest WEB1, which is off and has no NIC."""
    with opened(*request.param, request) as running:
        running.create_guest(WEB1)
        yield running


@pytest.fixture
def operations(here: Site) -> NetworkOperations:
    return NetworkOperations(here.hypervisor, pauses=PAUSES)


def wished(here: Site, *numbers: int) -> list[Nic]:
    """NICs of ports pN on VLAN 100 with MACID N, which Neutron wants too."""
    return [Nic(here.want(n, "datanet1", 100), here.neutron.wanted[f"p{n}"].mac) for n in numbers]


def in_directory(here: Site, userid: str = WEB1) -> dict[str, str]:
    return {vdev: nicdef.mac_id for vdev, nicdef in here.system.directory.nicdefs(userid).items()}


def in_guest(here: Site, userid: str = WEB1) -> set[str]:
    guest = here.system.guests.get(userid)
    return set(guest.nics) if guest else set()


def by_hand(here: Site, *statements: str) -> None:
    """Somebody edits the guest's directory entry."""
    directory = here.system.directory
    kept = [line for line in directory.records(WEB1) if not line.startswith("NICDEF")]
    directory.lock(WEB1, "", "MAINT")
    directory.replace(WEB1, (*kept, *statements), "MAINT")


def is_feilong(here: Site) -> bool:
    return isinstance(here, FeilongSite)


def is_xcat(here: Site) -> bool:
    return isinstance(here, XcatSite)


def take_out_what_is_forgotten(here: Site) -> None:
    """As errors ask for: NICs that z/VM has and Feilong does not know of are taken out of the directory."""
    view = here.hypervisor.look_at(WEB1)
    for vdev, nic in view.nics.items():
        if not nic.recorded:
            here.system.directory.remove_nic(WEB1, vdev, "MAINT")


class TestLookAt:
    def test_it_agrees_with_a_look_at_the_system(self, here: Site, operations: NetworkOperations) -> None:
        operations.define(WEB1, wished(here, 1, 2))
        self.agrees(here)
        here.settle()
        here.logon(WEB1)
        here.settle()
        self.agrees(here)
        here.system.set_driver(WEB1, "1000", running=True)
        self.agrees(here)
        assert here.hypervisor.look_at(WEB1).nics[model.Vdev("1000")].live == model.RunningNic(
            here.neutron.wanted["p1"].mac, model.VSwitchName("DATANET1")
        )
        here.want(2, "datanet1", 100, up=False)
        here.settle()
        self.agrees(here)

    def agrees(self, here: Site) -> None:
        view, system = here.hypervisor.look_at(WEB1), here.hypervisor.observe()
        nics = view.nics.values()
        assert view.mac_prefix == system.mac_prefix
        assert view.logged_on is (WEB1 in system.logged_on)
        directory = {nic.address: nic.directory for nic in nics if nic.directory}
        observed = {a: nic for a, nic in system.directory.items() if a.userid == WEB1}
        assert directory.keys() == observed.keys()
        assert all(nic == directory[a] for a, nic in observed.items() if nic.confirmed)
        coupled = {nic.address: nic.live for nic in nics if nic.live and nic.live.vswitch}
        live = {a: nic for a, nic in system.live.items() if a.userid == WEB1}
        assert {a: nic.vswitch for a, nic in coupled.items()} == {a: nic.vswitch for a, nic in live.items()}
        assert all(nic.mac in (None, live[a].mac) for a, nic in coupled.items())
        assert {nic.address.vdev for nic in nics if nic.live} == in_guest(here)
        records = {r.address: r.port_id for r in here.hypervisor.port_records() if r.address.userid == WEB1}
        assert {nic.address: set(nic.port_ids) for nic in nics if nic.port_ids} == {
            address: {port_id} for address, port_id in records.items()
        }

    def test_a_guest_that_is_not_there_is_gone(self, here: Site) -> None:
        with pytest.raises(errors.Gone):
            here.hypervisor.look_at(model.Userid("NOBODY"))

    def test_a_running_guest_without_nics(self, here: Site) -> None:
        here.logon(WEB1)
        view = here.hypervisor.look_at(WEB1)
        assert view.logged_on
        assert view.nics == {}

    def test_all_devices_are_seen(self, here: Site) -> None:
        by_hand(
            here,
            "CONSOLE 0009 3215 T",
            "SPOOL 000C 2540 READER *",
            "LINK MAINT 0190 0290 RR",
            "MDISK 0100 3390 1 100 VOL001 MR",
            "NICDEF 2000 TYPE QDIO DEVICES 6",
        )
        assert here.hypervisor.look_at(WEB1).devices >= {9, 0xC, 0x290, 0x100, *range(0x2000, 0x2006)}

    def test_its_cost_does_not_grow_with_the_system(self, here: Site, operations: NetworkOperations) -> None:
        operations.define(WEB1, wished(here, 1))
        before = self.commands(here)
        for number in range(4):
            here.create_guest(f"MORE{number}")
            here.announce(here.want(10 + number, "datanet1", 100), f"MORE{number}", "1000")
        assert self.commands(here) == before

    def commands(self, here: Site) -> int:
        """z/VM commands of one look; the first is not counted, for it has to get acquainted."""
        here.hypervisor.look_at(WEB1)
        mark = here.world.journal.mark()
        here.hypervisor.look_at(WEB1)
        functions = [entry.call.function for entry in here.world.journal.entries(mark)]
        return sum(not name.startswith(("GET", "PUT", "POST", "DELETE")) for name in functions)

    @pytest.mark.parametrize("function", ["Image_Query_DM", "Virtual_Network_Adapter_Query*"])
    def test_half_an_answer_is_none(self, here: Site, function: str) -> None:
        here.logon(WEB1)
        here.world.faults.add({"function": function, "reply": {"rc": 500, "rs": 8}})
        with pytest.raises(errors.HypervisorError) as caught:
            here.hypervisor.look_at(WEB1)
        assert not isinstance(caught.value, errors.Gone)

    def test_no_password_is_told(self, here: Site) -> None:
        here.system.directory.source[WEB1] = (f"USER {WEB1}X SECRET77 1G 2G G",)
        with pytest.raises(errors.Untrusted) as caught:
            here.hypervisor.look_at(WEB1)
        assert "SECRET77" not in str(caught.value)


class TestDefine:
    def test_a_guest_boots_with_the_macs_of_its_ports(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        made = operations.define(WEB1, wished(here, 1, 2, 3))
        assert [nic.address.vdev for nic in made] == ["1000", "1003", "1006"]
        assert in_directory(here) == {"1000": "000001", "1003": "000002", "1006": "000003"}
        here.settle()
        here.logon(WEB1)
        here.settle()
        macs = {vdev: nic.mac for vdev, nic in here.system.guests[WEB1].nics.items()}
        assert macs == {"1000": "02-00-00-00-00-01", "1003": "02-00-00-00-00-02", "1006": "02-00-00-00-00-03"}
        assert all(here.is_active(port_id) for port_id in ("p1", "p2", "p3"))
        assert operations.verify(WEB1, wished(here, 1, 2, 3)) == []

    def test_again_nothing_is_changed(self, here: Site, operations: NetworkOperations) -> None:
        nics = wished(here, 1, 2)
        operations.define(WEB1, nics)
        here.settle()
        here.logon(WEB1)
        here.settle()
        mark = here.world.journal.mark()
        operations.define(WEB1, nics)
        operations.repair(WEB1, nics)
        assert here.mutations(mark) == []
        assert here.is_active("p1")

    @pytest.mark.parametrize("skip", [0, 1, 2])
    def test_a_nic_that_fails_leaves_none_behind(
        self, here: Site, operations: NetworkOperations, skip: int
    ) -> None:
        by_hand(here, "NICDEF 1000 TYPE QDIO MACID 00AAAA")
        refused = {"rc": 100, "rs": 8}
        here.world.faults.add(
            {"function": self.writer(here), "skip": skip, "count": 1, "reply": refused}
        )
        with pytest.raises(OperationFailedError) as caught:
            operations.define(WEB1, wished(here, 1, 2, 3))
        assert isinstance(caught.value.cause, errors.Refused)
        assert caught.value.left == ""
        assert in_directory(here) == {"1000": "00AAAA"}
        assert not [r for r in here.hypervisor.port_records() if r.address.userid == WEB1]

    def test_a_lost_answer_is_read_back(self, here: Site, operations: NetworkOperations) -> None:
        rule = {"function": self.writer(here), "when": "after", "count": 1, "skip": 1, "reply": "drop"}
        here.world.faults.add(rule)
        if is_feilong(here):
            with pytest.raises(OperationFailedError, match=r"WEB1 1003 .* take its NICDEF out"):
                operations.define(WEB1, wished(here, 1, 2, 3))
            assert in_directory(here) == {"1003": "000002"}
            return
        operations.define(WEB1, wished(here, 1, 2, 3))
        assert in_directory(here) == {"1000": "000001", "1003": "000002", "1006": "000003"}

    @pytest.mark.parametrize(("calls", "when"), [(1, "before"), (3, "after"), (5, "after"), (6, "before")])
    def test_whenever_it_is_cut_off_the_next_attempt_completes_it(
        self, here: Site, operations: NetworkOperations, calls: int, when: str
    ) -> None:
        """After so many z/VM commands and requests no answer comes any more; later all is well again."""
        nics = wished(here, 1, 2, 3)
        rule = {"function": "*", "skip": calls, "when": when, "reply": "drop"}
        number = here.world.faults.add({"system": "ZVMA", **rule})
        with contextlib.suppress(OperationFailedError):
            NetworkOperations(here.hypervisor, pauses=()).define(WEB1, nics)
        here.world.faults.remove(number)
        take_out_what_is_forgotten(here)
        operations.define(WEB1, nics)
        assert in_directory(here) == {"1000": "000001", "1003": "000002", "1006": "000003"}
        operations.undefine_all(WEB1, nics)
        assert in_directory(here) == {}

    def test_a_locked_entry_is_waited_for(self, here: Site, operations: NetworkOperations) -> None:
        here.world.faults.add({"function": self.writer(here), "count": 1, "reply": {"rc": 400, "rs": 12}})
        operations.define(WEB1, wished(here, 1))
        assert in_directory(here) == {"1000": "000001"}

    def test_changes_that_go_on_after_their_answer(self, here: Site) -> None:
        """Feilong takes a NIC that is being made (592) for one that is not."""
        for system in here.world.systems.values():
            system.behaviour = Behaviour(directory_changes="asynchronous")
        operations = NetworkOperations(here.hypervisor, pauses=(0.6,) * 6)
        if is_feilong(here):
            with pytest.raises(OperationFailedError, match="take its NICDEF out"):
                operations.define(WEB1, wished(here, 1, 2))
            return
        operations.define(WEB1, wished(here, 1, 2))
        assert in_directory(here) == {"1000": "000001", "1003": "000002"}

    def test_a_foreign_prefix_is_told_with_its_remedy(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        mark = here.world.journal.mark()
        with pytest.raises(ContradictionError, match="base_mac = 02:00:00:00:00:00"):
            operations.define(WEB1, [*wished(here, 1), Nic("p2", model.Mac("fa:16:3e:00:00:02"))])
        assert here.mutations(mark) == []

    def writer(self, here: Site) -> str:
        """The function by which this control point writes NICs."""
        through_feilong = "Virtual_Network_Adapter_Create_Extended_DM"
        return through_feilong if is_feilong(here) else "Image_Definition_Update_DM"


def test_a_nic_that_is_announced_to_xcat_is_made_where_its_row_says() -> None:
    with site_behind(Means("xcat", None)) as here:
        here.create_guest(WEB1)
        nics = wished(here, 1, 2)
        here.announce("p2", WEB1, "0800")
        made = NetworkOperations(here.hypervisor, pauses=PAUSES).define(WEB1, nics)
        assert [nic.address.vdev for nic in made] == ["1000", "0800"]
        assert in_directory(here) == {"1000": "000001", "0800": "000002"}
        here.settle()
        here.logon(WEB1)
        here.settle()
        assert here.is_active("p1")
        assert here.is_active("p2")


class TestLive:
    def test_a_plugged_nic_works_at_once_and_has_its_mac_after_a_logon_at_the_latest(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        """Through xCAT at once: CP can be told, SMAPI and Feilong cannot."""
        here.create_guest("WEB2")
        operations.define(model.Userid("WEB2"), wished(here, 2))
        here.settle()
        here.logon("WEB2")
        here.logon(WEB1)
        nics = wished(here, 1)
        operations.plug(WEB1, nics[0], live=True)
        assert in_guest(here) == {"1000"}
        here.settle()
        assert here.reaches("WEB1 1000", "WEB2 1000")
        here.system.set_driver(WEB1, "1000", running=True)
        mismatches = operations.verify(WEB1, nics)
        assert [found.fault for found in mismatches] == ([] if is_xcat(here) else [Fault.LIVE])
        assert all("next logon" in found.reason for found in mismatches)
        here.logoff(WEB1)
        here.logon(WEB1)
        here.system.set_driver(WEB1, "1000", running=True)
        assert operations.verify(WEB1, nics) == []

    def test_an_unplugged_nic_is_gone_and_its_sibling_is_not(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        nics = wished(here, 1, 2)
        operations.define(WEB1, nics)
        here.settle()
        here.logon(WEB1)
        here.settle()
        operations.unplug(WEB1, nics[0], live=True)
        assert in_directory(here) == {"1003": "000002"}
        assert in_guest(here) == {"1003"}
        assert here.system.nic(WEB1, "1003").coupled
        mark = here.world.journal.mark()
        operations.unplug(WEB1, nics[0], live=True)
        assert here.mutations(mark) == []

    def test_a_nic_that_the_guest_makes_there_later_has_another_mac(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        here.logon(WEB1)
        (wish,) = wished(here, 1)
        operations.plug(WEB1, wish, live=True)
        operations.unplug(WEB1, wish, live=True)
        made = here.system.define_nic(WEB1, "1000")
        assert made.mac.replace("-", ":") != wish.mac

    def test_a_live_nic_that_cannot_be_made_is_not_in_the_directory_either(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        here.logon(WEB1)
        for name in ("Virtual_Network_Adapter_Create", "Virtual_Network_Adapter_Create_Extended"):
            here.world.faults.add({"function": name, "reply": {"rc": 396, "rs": 2797}})
        with pytest.raises(OperationFailedError) as caught:
            operations.plug(WEB1, wished(here, 1)[0], live=True)
        assert caught.value.left == ""
        assert in_directory(here) == {}
        assert in_guest(here) == set()

    def test_a_nic_of_the_directory_alone_becomes_live(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        here.logon(WEB1)
        nics = wished(here, 1)
        operations.define(WEB1, nics)
        assert in_guest(here) == set()
        operations.plug(WEB1, nics[0], live=True)
        assert in_guest(here) == {"1000"}
        assert in_directory(here) == {"1000": "000001"}

    def test_a_guest_that_is_off_needs_nothing_live(self, here: Site, operations: NetworkOperations) -> None:
        nics = wished(here, 1)
        operations.plug(WEB1, nics[0], live=True)
        assert in_directory(here) == {"1000": "000001"}
        operations.unplug(WEB1, nics[0], live=True)
        assert in_directory(here) == {}


class TestRepair:
    def test_a_nic_lost_from_the_directory_comes_back(
        self, here: Site, operations: NetworkOperations
    ) -> None:
        nics = wished(here, 1, 2)
        operations.define(WEB1, nics)
        by_hand(here, "NICDEF 1000 TYPE QDIO MACID 000001", "NICDEF 2000 TYPE QDIO MACID 00AAAA")
        (mended,) = operations.repair(WEB1, nics)
        assert mended.port_id == "p2"
        assert in_directory(here) == {"1000": "000001", "1003": "000002", "2000": "00AAAA"}

    def test_after_all_is_undefined_nothing_is_left(self, here: Site, operations: NetworkOperations) -> None:
        nics = wished(here, 1, 2)
        operations.define(WEB1, nics)
        by_hand(here, *here.system.directory.records(WEB1)[1:], "NICDEF 2000 TYPE QDIO MACID 00AAAA")
        operations.undefine_all(WEB1, nics)
        assert in_directory(here) == {"2000": "00AAAA"}
        assert not [r for r in here.hypervisor.port_records() if r.address.userid == WEB1]
        operations.undefine_all(model.Userid("NOBODY"), nics)
