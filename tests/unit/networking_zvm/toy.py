"""A toy z/VM: just enough of the field's rules to carry out a plan and see where it leads.

It answers the way z/VM does where that is known, and either way where it is not (`revoke_uncouples`).
The real rules live in the simulator, against which the scenarios run; this one is for thousands of runs.
"""

import dataclasses

from networking_zvm import model
from networking_zvm.hypervisor import base

PREFIX = model.MacPrefix("02:00:00")


class Toy:
    """A mutable system; `look()` gives the frozen picture of it."""

    def __init__(self, *vswitches: model.VSwitch, revoke_uncouples: bool = False) -> None:
        self.vswitches = {v.name: v for v in vswitches}
        self.directory: dict[model.NicAddress, model.DirectoryNic] = {}
        self.live: dict[model.NicAddress, model.LiveNic] = {}
        self.logged_on: set[model.Userid] = set()
        self.records: dict[str, model.PortRecord] = {}
        self.revoke_uncouples = revoke_uncouples
        self.journal: list[base.GuestChange] = []

    def look(self) -> model.System:
        return model.System(
            ipl_time="2026-11-22 08:00:00",
            mac_prefix=PREFIX,
            vswitches=dict(self.vswitches),
            directory=dict(self.directory),
            live=dict(self.live),
            logged_on=frozenset(self.logged_on),
        )

    def grant(self, userid: str, vswitch: str, *vlans: int) -> None:
        self._set_grants(model.VSwitchName(vswitch), model.Userid(userid), vlans)

    def define(self, userid: str, vdev: str, macid: str, vswitch: str | None, live: bool) -> model.NicAddress:
        """Put a NIC there by hand."""
        address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
        name = model.VSwitchName(vswitch) if vswitch else None
        self.directory[address] = model.DirectoryNic(address, macid, name)
        if live:
            self.logged_on.add(address.userid)
            if name:
                self.live[address] = model.LiveNic(address, model.Mac.assemble(PREFIX, macid), name)
        return address

    def ipl(self) -> None:
        """Grants are lost; guests log on again and find their NICs uncoupled."""
        self.vswitches = {n: dataclasses.replace(v, grants={}) for n, v in self.vswitches.items()}
        self.live.clear()

    def carry_out(self, change: base.GuestChange) -> None:
        self.journal.append(change)
        getattr(self, f"_do_{type(change).__name__.lower()}")(change)

    def _do_definenic(self, change: base.DefineNic) -> None:
        self.directory[change.address] = model.DirectoryNic(change.address, change.mac.macid, change.vswitch)

    def _do_removenic(self, change: base.RemoveNic) -> None:
        del self.directory[change.address]

    def _do_couple(self, change: base.Couple) -> None:
        nic = self.directory[change.address]
        if change.directory:
            assert nic.vswitch is None, "coupled elsewhere in the directory"
            self.directory[change.address] = dataclasses.replace(nic, vswitch=change.vswitch)
        if change.live:
            assert change.address not in self.live, "coupled already"
            assert change.address.userid in self.vswitches[change.vswitch].grants, "not authorized"
            mac = model.Mac.assemble(PREFIX, nic.macid or "")
            self.live[change.address] = model.LiveNic(change.address, mac, change.vswitch)

    def _do_uncouple(self, change: base.Uncouple) -> None:
        if change.directory:
            nic = self.directory[change.address]
            self.directory[change.address] = dataclasses.replace(nic, vswitch=None)
        if change.live:
            del self.live[change.address]

    def _do_authorize(self, change: base.Authorize) -> None:
        assert change.userid not in self.vswitches[change.vswitch].grants, "granted again"
        self._set_grants(change.vswitch, change.userid, change.vlans)

    def _do_deauthorize(self, change: base.Deauthorize) -> None:
        vswitch = self.vswitches[change.vswitch]
        grants = {u: vlans for u, vlans in vswitch.grants.items() if u != change.userid}
        self.vswitches[change.vswitch] = dataclasses.replace(vswitch, grants=grants)
        if self.revoke_uncouples:
            gone = (change.userid, change.vswitch)
            cut = [a for a, n in self.live.items() if (a.userid, n.vswitch) == gone]
            for address in cut:
                del self.live[address]

    def _do_record(self, change: base.Record) -> None:
        record = model.PortRecord(change.port_id, change.address, change.vswitch, change.vlan)
        self.records[change.port_id] = record

    def _set_grants(self, name: model.VSwitchName, userid: model.Userid, vlans: object) -> None:
        vswitch = self.vswitches[name]
        given = frozenset(model.VlanId(v) for v in vlans)  # type: ignore[attr-defined]
        self.vswitches[name] = dataclasses.replace(vswitch, grants={**vswitch.grants, userid: given})
