"""Operations on a guest's NICs: all or nothing, nothing twice, nothing foreign."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.compute.failures import ContradictionError, OperationFailedError
from networking_zvm.compute.networkop import NetworkOperations
from networking_zvm.compute.nics import Fault as Difference
from networking_zvm.compute.nics import Nic
from networking_zvm.hypervisor import base
from tests.unit.networking_zvm.compute.toy import BUSY, LOST, REFUSED, WEB1, Fault, GuestToy

PAUSES = (0.0,) * 4


def nic(number: int, vdev: str | None = None) -> Nic:
    """The NIC of port pN with MACID N."""
    return Nic(f"p{number}", model.Mac(f"0200000000{number:02x}"), model.Vdev(vdev) if vdev else None)


@pytest.fixture(params=[False, True], ids=["by MAC", "by rows"])
def toy(request: pytest.FixtureRequest) -> GuestToy:
    """A control point of either kind: one that knows NICs by MAC, and one that works by its own table."""
    return GuestToy(works_by_rows=request.param)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def operations(toy: GuestToy, waits: list[float]) -> NetworkOperations:
    return NetworkOperations(toy, pauses=PAUSES, sleep=waits.append)


def macids(toy: GuestToy) -> dict[str, str | None]:
    return {str(address.vdev): nic.macid for address, nic in toy.directory.items()}


def failure(toy: GuestToy, *nics: Nic) -> OperationFailedError:
    with pytest.raises(OperationFailedError) as caught:
        NetworkOperations(toy, pauses=PAUSES, sleep=lambda _: None).define(WEB1, nics)
    return caught.value


def problems(toy: GuestToy, *nics: Nic) -> tuple[str, ...]:
    """Why these NICs are refused; nothing is sent."""
    before = len(toy.journal)
    with pytest.raises(ContradictionError) as caught:
        NetworkOperations(toy).define(WEB1, nics)
    assert len(toy.journal) == before
    return caught.value.problems


class TestDefine:
    def test_nics_get_numbers_in_their_order(self, toy: GuestToy, operations: NetworkOperations) -> None:
        made = operations.define(WEB1, [nic(2), nic(1), nic(3)])
        assert [(d.port_id, d.address.vdev, d.is_new) for d in made] == [
            ("p2", "1000", True),
            ("p1", "1003", True),
            ("p3", "1006", True),
        ]
        assert macids(toy) == {"1000": "000002", "1003": "000001", "1006": "000003"}
        assert not any(entry.vswitch for entry in toy.directory.values())

    def test_again_it_changes_nothing(self, toy: GuestToy, operations: NetworkOperations) -> None:
        first = operations.define(WEB1, [nic(1), nic(2)])
        sent = len(toy.journal)
        again = operations.define(WEB1, [nic(2), nic(1)])
        assert len(toy.journal) == sent
        assert {d.address for d in again} == {d.address for d in first}
        assert not any(d.is_new for d in again)

    def test_only_what_is_missing_is_made(self, toy: GuestToy, operations: NetworkOperations) -> None:
        there = toy.put("2001", "000001", port_id="p1", vswitch="VSW1")
        operations.define(WEB1, [nic(1), nic(2)])
        assert toy.directory[there].vswitch == "VSW1"
        assert macids(toy) == {"2001": "000001", "1000": "000002"}

    def test_numbers_that_are_taken_are_passed_over(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.put("1001", "00AAAA")
        toy.devices = frozenset({0x1006})
        (made,) = operations.define(WEB1, [nic(1)])
        assert made.address.vdev == "1009"

    def test_another_nic_that_happens_to_have_the_mac_live_is_foreign(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        foreign = toy.put("1000", "00AAAA")
        toy.logon()
        toy.live[foreign] = model.RunningNic(nic(1).mac)
        (made,) = operations.define(WEB1, [nic(1)])
        assert made.address.vdev == "1003"

    def test_a_wished_number_is_taken(self, toy: GuestToy, operations: NetworkOperations) -> None:
        operations.define(WEB1, [nic(1), nic(2, "1000"), nic(3, "0700")])
        assert macids(toy) == {"1003": "000001", "1000": "000002", "0700": "000003"}

    @pytest.mark.parametrize("position", [0, 1, 2])
    def test_where_one_fails_none_of_the_new_ones_stays(self, toy: GuestToy, position: int) -> None:
        toy.put("2000", "000009", port_id="p9")
        toy.put("3000", "00AAAA")
        before = macids(toy)
        toy.faults = [None] * position + [Fault(REFUSED)]
        error = failure(toy, nic(9), nic(1), nic(2), nic(3))
        assert error.cause is REFUSED
        assert error.left == ""
        assert macids(toy) == before
        assert toy.ids.keys() <= toy.directory.keys()

    def test_a_guest_that_is_not_there(self, toy: GuestToy) -> None:
        toy.guests.clear()
        assert isinstance(failure(toy, nic(1)).cause, errors.Gone)
        assert toy.journal == []

    def test_a_guest_that_goes_meanwhile(self, toy: GuestToy) -> None:
        toy.meanwhile = lambda change: toy.guests.clear()
        error = failure(toy, nic(1))
        assert isinstance(error.cause, errors.Gone)
        assert error.left == ""

    def test_somebody_takes_the_number_meanwhile(self, toy: GuestToy) -> None:
        toy.faults = [None, Fault(LOST)]

        def take(change: base.GuestChange) -> None:
            if len(toy.journal) == 2:
                toy.put("1003", "00AAAA")

        toy.meanwhile = take
        error = failure(toy, nic(1), nic(2))
        assert "somebody else has made it meanwhile" in str(error)
        assert macids(toy) == {"1003": "00AAAA"}


class TestTrouble:
    @pytest.mark.parametrize(
        "fault", [Fault(BUSY), Fault(LOST), Fault(LOST, takes_effect=True), Fault(LOST, looks=2)], ids=str
    )
    @pytest.mark.parametrize("position", [0, 1, 2])
    def test_what_passes_is_waited_for(
        self,
        toy: GuestToy,
        operations: NetworkOperations,
        waits: list[float],
        fault: Fault,
        position: int,
    ) -> None:
        toy.faults = [None] * position + [fault]
        operations.define(WEB1, [nic(1), nic(2), nic(3)])
        assert macids(toy) == {"1000": "000001", "1003": "000002", "1006": "000003"}
        assert waits

    def test_what_was_done_without_an_answer_is_not_done_twice(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.faults = [Fault(LOST, takes_effect=True)]
        operations.define(WEB1, [nic(1)])
        assert len(toy.journal) == 1

    def test_what_does_not_pass_is_undone(self, toy: GuestToy, waits: list[float]) -> None:
        toy.faults = [None] + [Fault(BUSY)] * (len(PAUSES) + 1)
        error = failure(toy, nic(1), nic(2))
        assert error.cause is BUSY
        assert macids(toy) == {}

    def test_what_comes_late_is_undone_too(self, toy: GuestToy) -> None:
        """z/VM still works on it when patience ends; what is asked for then comes behind it."""
        toy.faults = [Fault(LOST, looks=99)] + [Fault(BUSY)] * len(PAUSES)
        error = failure(toy, nic(1))
        assert error.cause is BUSY
        for _ in range(100):
            assert toy.look_at(WEB1).nics == {}

    def test_a_look_that_fails_for_a_while(self, toy: GuestToy, operations: NetworkOperations) -> None:
        toy.look_faults = [None, errors.Untrusted("garbled"), LOST]
        operations.define(WEB1, [nic(1)])
        assert macids(toy) == {"1000": "000001"}

    def test_what_cannot_be_taken_back_is_told_with_the_first_cause(self, toy: GuestToy) -> None:
        toy.faults = [None, Fault(REFUSED), Fault(errors.Unreachable("the server is gone"))]
        error = failure(toy, nic(1), nic(2))
        assert error.cause is REFUSED
        assert "1000" in error.left
        assert "the server is gone" in error.left
        assert "not authorized" in str(error)
        assert "the server is gone" in str(error)

    def test_a_nic_that_the_control_point_makes_and_forgets_is_told(self) -> None:
        """All others are taken back all the same."""
        toy = GuestToy(works_by_rows=True)

        def forget(change: base.GuestChange) -> None:
            if len(toy.journal) == 3:
                del toy.ids[model.NicAddress(WEB1, model.Vdev("1003"))]

        toy.meanwhile = forget
        toy.faults = [None, None, Fault(LOST)]
        error = failure(toy, nic(1), nic(2), nic(3))
        assert "does not know it" in str(error.cause)
        assert "1003" in error.left
        assert "WEB1 1003" in str(error)
        assert macids(toy) == {"1003": "000002"}

    def test_nothing_is_undone_without_a_look(self, toy: GuestToy) -> None:
        toy.faults = [None, Fault(REFUSED)]
        toy.look_faults = [None] + [errors.Untrusted("garbled")] * 9
        error = failure(toy, nic(1), nic(2))
        assert "garbled" in error.left
        assert not any(isinstance(change, base.RemoveNic) for change in toy.journal)


class TestInput:
    def test_a_mac_outside_the_prefix_names_what_to_configure(self, toy: GuestToy) -> None:
        (problem,) = problems(toy, nic(1), Nic("p2", model.Mac("fa:16:3e:00:00:02")))
        assert "base_mac = 02:00:00:00:00:00" in problem
        assert "p2" in problem

    def test_all_that_is_wrong_is_told_at_once(self, toy: GuestToy) -> None:
        foreign = Nic("p5", model.Mac("fa:16:3e:00:00:02"))
        found = problems(toy, nic(1), nic(1), Nic("p7", nic(2).mac), nic(2), foreign)
        assert len(found) == 4
        assert "asked for twice" in found[0]

    @pytest.mark.parametrize("vdev", ["1000", "1002", "0FFE", "FFFE"])
    def test_a_wished_number_that_is_not_free(self, toy: GuestToy, vdev: str) -> None:
        toy.put("1000", "00AAAA")
        (problem,) = problems(toy, nic(1, vdev))
        assert f"devices {vdev} to" in problem

    def test_two_wishes_for_one_number(self, toy: GuestToy) -> None:
        (problem,) = problems(toy, nic(1, "1000"), nic(2, "1002"))
        assert "p2" in problem

    def test_no_number_is_left(self, toy: GuestToy) -> None:
        with pytest.raises(errors.InvalidValue, match="default_nic_vdev"):
            NetworkOperations(toy, model.Vdev("FFFD")).define(WEB1, [nic(1), nic(2)])

    def test_a_record_that_names_a_nic_with_another_mac(self, toy: GuestToy) -> None:
        toy.put("1000", "00AAAA", port_id="p1")
        (problem,) = problems(toy, nic(1))
        assert "WEB1 1000" in problem
        assert "00AAAA" in problem
        assert str(nic(1).mac) in problem

    def test_a_recorded_nic_without_macid(self, toy: GuestToy) -> None:
        toy.put("1000", None, port_id="p1")
        assert "has no MACID" in problems(toy, nic(1))[0]

    def test_a_nic_with_the_mac_that_is_recorded_as_another_port(self, toy: GuestToy) -> None:
        toy.put("1000", "000001", port_id="p7")
        assert "recorded as port p7" in problems(toy, nic(1))[0]

    def test_two_nics_that_claim_to_be_the_port(self, toy: GuestToy) -> None:
        toy.put("1000", "000001", port_id="p1")
        toy.put("1003", "000001", port_id="p1")
        assert "WEB1 1000, WEB1 1003" in problems(toy, nic(1))[0]

    def test_a_nic_that_a_control_point_with_a_table_does_not_know(self) -> None:
        toy = GuestToy(works_by_rows=True)
        toy.put("1000", "000001")
        assert "does not know it" in problems(toy, nic(1))[0]
        with pytest.raises(ContradictionError, match="does not know it"):
            NetworkOperations(toy).unplug(WEB1, nic(1), live=False)
        assert toy.journal == []


class TestPlug:
    def test_a_running_guest_has_it_at_once(self, toy: GuestToy, operations: NetworkOperations) -> None:
        toy.logon()
        made = operations.plug(WEB1, nic(1), live=True)
        assert made.address in toy.live
        assert macids(toy) == {"1000": "000001"}

    def test_a_guest_that_is_off_has_it_from_logon_on(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        operations.plug(WEB1, nic(1), live=True)
        assert toy.live == {}
        assert macids(toy) == {"1000": "000001"}

    def test_a_nic_of_the_directory_alone_becomes_live_under_its_number(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        operations.define(WEB1, [nic(9), nic(1)])
        toy.guests[WEB1] = True
        made = operations.plug(WEB1, nic(1), live=True)
        assert made.address.vdev == "1003"
        assert toy.live.keys() == {made.address}
        assert not made.is_new

    def test_a_nic_that_only_the_running_guest_has_is_written_down(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        made = operations.plug(WEB1, nic(1), live=False)
        toy.logon()
        toy.directory.clear()
        again = operations.plug(WEB1, nic(1), live=True)
        assert again.address == made.address
        assert macids(toy) == {"1000": "000001"}
        assert toy.live.keys() == {made.address}

    def test_a_nic_that_is_live_is_left_alone(self, toy: GuestToy, operations: NetworkOperations) -> None:
        operations.define(WEB1, [nic(1)])
        toy.logon()
        sent = len(toy.journal)
        operations.plug(WEB1, nic(1), live=True)
        assert len(toy.journal) == sent

    def test_where_it_fails_the_running_guest_does_not_keep_it(self, toy: GuestToy) -> None:
        toy.logon()
        lasting = [Fault(LOST)] * len(PAUSES)
        toy.faults = [Fault(errors.Unknown("lost"), takes_effect=True), Fault(REFUSED), *lasting]
        toy.look_faults = [None, errors.Unreachable("gone for a moment")]
        with pytest.raises(OperationFailedError) as caught:
            NetworkOperations(toy, pauses=PAUSES, sleep=lambda _: None).plug(WEB1, nic(1), live=True)
        assert "gone for a moment" in str(caught.value)
        assert "could not all be taken back" in str(caught.value)

    def test_a_nic_that_fails_to_become_live_stays_in_the_directory(self, toy: GuestToy) -> None:
        operations = NetworkOperations(toy, pauses=PAUSES, sleep=lambda _: None)
        operations.define(WEB1, [nic(1)])
        toy.guests[WEB1] = True
        toy.faults = [None, Fault(REFUSED)]
        with pytest.raises(OperationFailedError):
            operations.plug(WEB1, nic(1), live=True)
        assert macids(toy) == {"1000": "000001"}


class TestUnplug:
    def test_it_is_gone_from_both_places(self, toy: GuestToy, operations: NetworkOperations) -> None:
        operations.define(WEB1, [nic(1), nic(2)])
        toy.logon()
        operations.unplug(WEB1, nic(1), live=True)
        assert macids(toy) == {"1003": "000002"}
        assert {address.vdev for address in toy.live} == {"1003"}

    def test_without_live_the_running_guest_keeps_it(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        operations.define(WEB1, [nic(1)])
        toy.logon()
        operations.unplug(WEB1, nic(1), live=False)
        assert macids(toy) == {}
        assert toy.live

    def test_what_is_gone_is_gone(self, toy: GuestToy, operations: NetworkOperations) -> None:
        toy.put("1000", "00AAAA")
        operations.unplug(WEB1, nic(1), live=True)
        operations.unplug(model.Userid("NOBODY"), nic(1), live=True)
        assert toy.journal == []

    @pytest.mark.parametrize("fault", [Fault(BUSY), Fault(LOST), Fault(LOST, takes_effect=True)], ids=str)
    def test_what_passes_is_waited_for(
        self, toy: GuestToy, operations: NetworkOperations, fault: Fault
    ) -> None:
        operations.define(WEB1, [nic(1), nic(2)])
        toy.faults = [None, fault]
        operations.undefine_all(WEB1, [nic(1), nic(2), nic(3)])
        assert macids(toy) == {}

    def test_a_nic_that_may_be_anothers_is_not_touched(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.put("2000", "00AAAA", port_id="p1")
        operations.define(WEB1, [nic(2)])
        with pytest.raises(ContradictionError, match="00AAAA"):
            operations.undefine_all(WEB1, [nic(1), nic(2)])
        assert macids(toy) == {"2000": "00AAAA"}

    def test_a_recorded_nic_for_which_cp_picks_the_mac(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.put("1000", None, port_id="p1")
        operations.unplug(WEB1, nic(1), live=False)
        assert macids(toy) == {}


class TestRepair:
    def test_what_is_right_sees_no_change(self, toy: GuestToy, operations: NetworkOperations) -> None:
        operations.define(WEB1, [nic(1), nic(2)])
        toy.logon()
        sent = len(toy.journal)
        assert operations.repair(WEB1, [nic(1), nic(2)]) == ()
        assert len(toy.journal) == sent

    def test_what_the_directory_has_lost_comes_back(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        made = operations.define(WEB1, [nic(1), nic(2)])
        toy.logon()
        del toy.directory[made[1].address]
        toy.put("3000", "00AAAA")
        (mended,) = operations.repair(WEB1, [nic(1), nic(2)])
        assert mended.port_id == "p2"
        assert mended.address == made[1].address
        assert toy.directory[mended.address].macid == "000002"
        assert toy.live.keys() == {d.address for d in made}

    def test_what_contradicts_is_told_after_the_rest_is_mended(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.put("2000", "00AAAA", port_id="p1")
        with pytest.raises(ContradictionError, match="00AAAA"):
            operations.repair(WEB1, [nic(1), nic(2)])
        assert macids(toy) == {"2000": "00AAAA", "1000": "000002"}

    def test_what_was_mended_stays_though_the_next_fails(
        self, toy: GuestToy, operations: NetworkOperations
    ) -> None:
        toy.faults = [None, Fault(REFUSED)]
        with pytest.raises(OperationFailedError):
            operations.repair(WEB1, [nic(1), nic(2)])
        assert macids(toy) == {"1000": "000001"}


class TestVerify:
    def found(self, toy: GuestToy, *nics: Nic) -> list[tuple[str, Difference]]:
        mismatches = NetworkOperations(toy).verify(WEB1, nics)
        assert toy.journal == []
        assert all(mismatch.port_id in mismatch.reason for mismatch in mismatches)
        return [(mismatch.port_id, mismatch.fault) for mismatch in mismatches]

    def test_nothing_differs(self, toy: GuestToy) -> None:
        toy.put("1000", "000001", port_id="p1")
        assert self.found(toy, nic(1)) == []
        toy.logon()
        assert self.found(toy, nic(1)) == []

    def test_everything_differs(self, toy: GuestToy) -> None:
        toy.put("1000", "000001", port_id="p1")
        toy.put("1003", "00AAAA", port_id="p2")
        toy.logon()
        later = toy.put("1006", "000003", port_id="p3")
        toy.live[model.NicAddress(WEB1, model.Vdev("1000"))] = model.RunningNic(
            model.Mac("02:00:01:00:00:77")
        )
        foreign = Nic("p4", model.Mac("fa:16:3e:00:00:04"))
        assert self.found(toy, nic(1), nic(2), nic(3), foreign, nic(5)) == [
            ("p1", Difference.LIVE),
            ("p2", Difference.DIRECTORY),
            ("p3", Difference.NOT_LIVE),
            ("p4", Difference.PREFIX),
            ("p5", Difference.MISSING),
        ]
        assert later not in toy.live

    def test_a_live_mac_that_z_vm_picked_is_told_with_its_end(self, toy: GuestToy) -> None:
        address = toy.put("1000", "000001", port_id="p1")
        toy.logon()
        toy.live[address] = model.RunningNic(model.Mac("02:00:01:00:00:77"))
        (mismatch,) = NetworkOperations(toy).verify(WEB1, [nic(1)])
        assert "02:00:01:00:00:77" in mismatch.reason
        assert "next logon" in mismatch.reason

    def test_a_live_mac_that_does_not_show_is_not_judged(self, toy: GuestToy) -> None:
        address = toy.put("1000", "000001", port_id="p1")
        toy.logon()
        toy.live[address] = model.RunningNic()
        assert self.found(toy, nic(1)) == []


FAULTS = st.sampled_from(
    [None, None, Fault(BUSY), Fault(LOST), Fault(LOST, takes_effect=True), Fault(LOST, looks=1)]
)
STEPS = st.tuples(
    st.sampled_from(["define", "plug", "unplug", "repair"]),
    st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True),
    st.lists(FAULTS, max_size=3),
    st.none() | st.integers(0, 5),
    st.booleans(),
)


@given(st.booleans(), st.lists(STEPS, max_size=5), st.lists(st.integers(0, 20), unique=True, max_size=3))
def test_all_or_none_and_nothing_foreign(
    by_rows: bool, steps: list[tuple[str, list[int], list[Fault | None], int | None, bool]], spots: list[int]
) -> None:
    """Faults that pass, and at most one refusal for each operation."""
    toy = GuestToy(works_by_rows=by_rows)
    for spot in {spot // 3: spot for spot in spots}.values():
        toy.put(f"{0x1000 + 3 * (spot // 3):X}", f"00AA{spot:02X}", vswitch="VSW1")
    foreign = dict(toy.directory)
    operations = NetworkOperations(toy, pauses=(0.0,) * 8, sleep=lambda _: None)
    for kind, numbers, faults, refusal, logs_on in steps:
        if logs_on and not toy.guests[WEB1]:
            toy.logon()
        nics = [nic(number) for number in numbers]
        before = ours(toy, foreign)
        toy.faults = list(faults)
        if refusal is not None:
            toy.faults.insert(refusal, Fault(REFUSED))
        failed = perform(operations, kind, nics)
        toy.faults = []
        for _ in range(3):
            toy.look_at(WEB1)
        after, wanted = ours(toy, foreign), {each.mac.macid for each in nics}
        assert {a: toy.directory[a] for a in foreign} == foreign
        assert before.keys() - after.keys() <= (wanted if kind == "unplug" else set())
        if kind in ("define", "plug"):
            assert after.keys() == (before.keys() if failed else before.keys() | made(kind, wanted, nics))
            assert before.items() <= after.items()
        if kind == "repair" and not failed:
            assert wanted <= after.keys()
        if kind == "unplug" and not failed:
            assert nics[0].mac.macid not in after


def made(kind: str, wanted: set[str], nics: list[Nic]) -> set[str]:
    return wanted if kind == "define" else {nics[0].mac.macid}


def ours(toy: GuestToy, foreign: dict[model.NicAddress, model.DirectoryNic]) -> dict[str, str]:
    """Where our NICs are, by MACID; each is there once."""
    nics = [(str(n.macid), str(a.vdev)) for a, n in toy.directory.items() if a not in foreign]
    assert len(dict(nics)) == len(nics)
    return dict(nics)


def perform(operations: NetworkOperations, kind: str, nics: list[Nic]) -> bool:
    """Whether it failed; then nothing is said to be left behind."""
    calls: dict[str, Callable[[], object]] = {
        "define": lambda: operations.define(WEB1, nics),
        "plug": lambda: operations.plug(WEB1, nics[0], live=True),
        "unplug": lambda: operations.unplug(WEB1, nics[0], live=True),
        "repair": lambda: operations.repair(WEB1, nics),
    }
    try:
        calls[kind]()
    except OperationFailedError as error:
        return not error.left or pytest.fail(error.left)
    return False


def test_of_several_threads_each_gets_numbers_of_its_own(toy: GuestToy) -> None:
    operations = NetworkOperations(toy, pauses=PAUSES)
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        operations.define(WEB1, [nic(number)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 9)))
    assert len(set(macids(toy).values())) == len(toy.directory) == 8


def test_a_guest_waits_for_itself_and_no_other_does(toy: GuestToy) -> None:
    """In the midst of one operation two others begin, one on the same guest."""
    operations = NetworkOperations(toy, pauses=PAUSES)
    other = model.Userid("WEB2")
    toy.guests[other] = False
    same = threading.Thread(target=operations.define, args=(WEB1, [nic(2)]))
    elsewhere = threading.Thread(target=operations.define, args=(other, [nic(3)]))

    def begin(change: base.GuestChange) -> None:
        toy.meanwhile = lambda change: None
        elsewhere.start()
        elsewhere.join()
        same.start()
        same.join(timeout=0.2)
        assert same.is_alive()

    toy.meanwhile = begin
    operations.define(WEB1, [nic(1)])
    same.join()
    assert toy.directory[model.NicAddress(other, model.Vdev("1000"))].macid == "000003"
    assert toy.directory[model.NicAddress(WEB1, model.Vdev("1003"))].macid == "000002"
