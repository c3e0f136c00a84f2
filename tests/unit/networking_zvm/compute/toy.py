"""A toy z/VM of guests and their NICs, which does as told and fails as told; fulfils base.Hypervisor.

With `works_by_rows` it treats its table of NICs as Feilong does: a NIC that has a row is not made again, one
that has none is not taken away. The real rules live in the simulator, against which the scenarios run.
"""

import dataclasses
from collections.abc import Callable, Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, guest_view

PREFIX = model.MacPrefix("02:00:00")
WEB1 = model.Userid("WEB1")
BUSY = errors.Busy("locked", 400, 12)
LOST = errors.Unknown("no answer")
REFUSED = errors.Refused("not authorized", 100, 8)


@dataclasses.dataclass(frozen=True)
class Fault:
    """What becomes of one change: it fails before it takes effect, after it, or so many looks before it."""

    error: errors.HypervisorError
    takes_effect: bool = False
    looks: int = 0


class GuestToy:
    """Guests with NICs. ids: of rows, by NIC. journal: every change that was sent."""

    capabilities = base.Capabilities(frozenset(), defines_nics=False, records=True)

    def __init__(self, *, works_by_rows: bool = False) -> None:
        self.works_by_rows = works_by_rows
        self.guests: dict[model.Userid, bool] = {WEB1: False}
        self.directory: dict[model.NicAddress, model.DirectoryNic] = {}
        self.live: dict[model.NicAddress, model.RunningNic] = {}
        self.ids: dict[model.NicAddress, str | None] = {}
        self.devices: frozenset[int] = frozenset()
        self.faults: list[Fault | None] = []
        self.look_faults: list[errors.HypervisorError | None] = []
        self.journal: list[base.GuestChange] = []
        self.meanwhile: Callable[[base.GuestChange], None] = lambda change: None
        self._late: list[tuple[int, base.GuestChange]] = []

    def put(
        self, vdev: str, macid: str | None, *, port_id: str | None = None, vswitch: str | None = None
    ) -> model.NicAddress:
        """A NIC that is there, made by hand; with port_id by way of the control point."""
        address = model.NicAddress(WEB1, model.Vdev(vdev))
        name = model.VSwitchName(vswitch) if vswitch else None
        self.directory[address] = model.DirectoryNic(address, macid, name)
        if port_id:
            self.ids[address] = port_id
        return address

    def logon(self) -> None:
        self.guests[WEB1] = True
        for address, nic in self.directory.items():
            mac = model.Mac.assemble(PREFIX, nic.macid) if nic.macid else None
            self.live[address] = model.RunningNic(mac, nic.vswitch)

    def look_at(self, userid: model.Userid) -> model.GuestView:
        if self.look_faults and (error := self.look_faults.pop(0)):
            raise error
        self._late = [(looks - 1, change) for looks, change in self._late]
        self._finish(lambda looks: looks < 0)
        if userid not in self.guests:
            raise errors.Gone(f"no guest {userid}", 400, 4)
        nics = {a: nic for a, nic in self.directory.items() if a.userid == userid}
        live = {a.vdev: nic for a, nic in self.live.items() if a.userid == userid}
        running = live if self.guests[userid] else None
        ids = {a: frozenset({i}) for a, i in self.ids.items() if i}
        rows = self.ids if self.works_by_rows else None
        return guest_view.assemble(
            userid, PREFIX, guest_view.Entry(nics, self.devices), running, ids, rows
        )

    def change(self, changes: Sequence[base.GuestChange]) -> None:
        for position, change in enumerate(changes):
            self.journal.append(change)
            self.meanwhile(change)
            fault = self.faults.pop(0) if self.faults else None
            if fault is None or fault.takes_effect:
                self._finish(lambda looks: True)
            try:
                if fault is None or fault.takes_effect:
                    self._do(change)
                elif fault.looks:
                    self._late.append((fault.looks, change))
                if fault:
                    raise fault.error
            except errors.HypervisorError as error:
                raise base.ChangeFailed(position, error) from error

    def _finish(self, is_due: Callable[[int], bool]) -> None:
        """Carry out what z/VM has begun and answered for already; it does one thing after the other."""
        due = [change for looks, change in self._late if is_due(looks)]
        self._late = [(looks, change) for looks, change in self._late if not is_due(looks)]
        for change in due:
            self._do(change)

    def _do(self, change: base.GuestChange) -> None:
        assert isinstance(change, base.DefineNic | base.RemoveNic)
        if change.address.userid not in self.guests:
            raise errors.Gone("no such guest", 400, 4)
        if isinstance(change, base.DefineNic):
            self._define(change)
        elif not self.works_by_rows or change.address in self.ids:
            self.directory.pop(change.address, None)
            self.ids.pop(change.address, None)
            if change.live:
                self.live.pop(change.address, None)

    def _define(self, change: base.DefineNic) -> None:
        address = change.address
        if self.works_by_rows and address in self.ids:
            return
        numbers = range(int(address.vdev, 16), int(address.vdev, 16) + 3)
        others = [a for a in self.directory if a != address and a.userid == address.userid]
        if any(abs(int(a.vdev, 16) - numbers.start) < 3 for a in others) or self.devices & set(numbers):
            raise errors.Refused("device exists", 404, 4)
        if self.works_by_rows and change.live and address in self.live:
            raise errors.Refused("live device exists", 204, 4)
        self.directory[address] = model.DirectoryNic(address, change.mac.macid, change.vswitch)
        if self.works_by_rows:
            self.ids[address] = change.port_id
        if change.live and self.guests[address.userid]:
            self.live.setdefault(address, model.RunningNic())

    def describe(self) -> model.SystemInfo:
        raise NotImplementedError

    def observe(self) -> model.System:
        raise NotImplementedError

    def port_records(self) -> tuple[model.PortRecord, ...]:
        raise NotImplementedError

    def create_vswitch(self, spec: model.VSwitchSpec) -> None:
        raise NotImplementedError

    def maintain(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
