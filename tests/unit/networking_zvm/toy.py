"""A toy z/VM: just enough of the field's rules to carry out a plan and see where it leads.

It answers the way z/VM does where that is known, and either way where it is not (`revoke_uncouples`,
`lists_records`: whether guests that their directory record lets in are on the list of authorized ones).
With `lists_one_each` it lists each guest once, with its last authorization, as Feilong does.
The real rules live in the simulator, against which the scenarios run; this one is for thousands of runs.
"""

import dataclasses

from networking_zvm import model
from networking_zvm.hypervisor import base

PREFIX = model.MacPrefix("02:00:00")


class Toy:
    """A mutable system; `look()` gives the frozen picture of it."""

    def __init__(
        self,
        *vswitches: model.VSwitch,
        revoke_uncouples: bool = False,
        directory_authorizes: bool = False,
        lists_records: bool = False,
        lists_one_each: bool = False,
        regrant_uncouples: bool = False,
    ) -> None:
        self.vswitches = {v.name: v for v in vswitches}
        self.directory: dict[model.NicAddress, model.DirectoryNic] = {}
        self.live: dict[model.NicAddress, model.LiveNic] = {}
        self.logged_on: set[model.Userid] = set()
        self.records: dict[str, model.PortRecord] = {}
        self.revoke_uncouples = revoke_uncouples
        self.directory_authorizes = directory_authorizes
        self.lists_records = lists_records
        self.lists_one_each = lists_one_each
        self.regrant_uncouples = regrant_uncouples
        self.coupled_as: dict[model.NicAddress, model.DirectoryNic] = {}
        self.at_port: dict[model.NicAddress, int | None] = {}
        self.journal: list[base.GuestChange] = []

    def look(self) -> model.System:
        return model.System(
            ipl_time="2026-11-22 08:00:00",
            mac_prefix=PREFIX,
            vswitches={name: self._listed(vswitch) for name, vswitch in self.vswitches.items()},
            directory=dict(self.directory),
            live=dict(self.live),
            logged_on=frozenset(self.logged_on),
            directory_authorizes=self.directory_authorizes,
        )

    def vlans_of(self, address: model.NicAddress, *, grant_wins: bool) -> frozenset[model.VlanId]:
        """The VLANs of a live NIC, for either answer to who decides: the grant or the directory record."""
        vswitch = self.vswitches[self.live[address].vswitch]
        if port := self.at_port.get(address):
            return vswitch.ports[port].vlans
        own, granted = self.coupled_as[address].vlans, vswitch.grants.get(address.userid)
        default = frozenset({vswitch.default_vlan} if vswitch.default_vlan else ())
        if granted is not None and (grant_wins or not own):
            return granted or default
        return own or default

    def _listed(self, vswitch: model.VSwitch) -> model.VSwitch:
        grants = dict(vswitch.grants)
        defaulted = {userid for userid, vlans in grants.items() if not vlans}
        for address, nic in self.live.items():
            record = self.coupled_as[address]
            by_record = self.directory_authorizes and record.vswitch == vswitch.name
            granted = address.userid in vswitch.grants
            listed = by_record and nic.vswitch == vswitch.name and (record.vlans or not granted)
            if self.lists_records and listed:
                before = frozenset() if self.lists_one_each else grants.get(address.userid, frozenset())
                grants[address.userid] = before | record.vlans
                defaulted |= {address.userid} if not record.vlans else set()
        if self.lists_one_each:
            return dataclasses.replace(vswitch, grants=grants, one_each=True)
        defaulted = {userid for userid in defaulted if grants[userid]}
        return dataclasses.replace(vswitch, grants=grants, defaulted=frozenset(defaulted))

    def grant(self, userid: str, vswitch: str, *vlans: int) -> None:
        self._set_grants(model.VSwitchName(vswitch), model.Userid(userid), vlans)

    def define(
        self, userid: str, vdev: str, macid: str, vswitch: str | None, live: bool, *vlans: int
    ) -> model.NicAddress:
        """Put a NIC there by hand. vlans: of its directory record."""
        address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
        name = model.VSwitchName(vswitch) if vswitch else None
        own = frozenset(map(model.VlanId, vlans))
        self.directory[address] = model.DirectoryNic(address, macid, name, own)
        if live:
            self.logged_on.add(address.userid)
            if name:
                self.live[address] = model.LiveNic(address, model.Mac.assemble(PREFIX, macid), name)
                self.coupled_as[address] = self.directory[address]
        return address

    def ipl(self) -> None:
        """Grants are lost; guests log on again and find their NICs uncoupled."""
        self.vswitches = {n: dataclasses.replace(v, grants={}, ports={}) for n, v in self.vswitches.items()}
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
            assert change.vlans == frozenset() or self.directory_authorizes
            nic = dataclasses.replace(nic, vswitch=change.vswitch, vlans=change.vlans, port=change.port)
            self.directory[change.address] = nic
        if change.live:
            assert change.address not in self.live, "coupled already"
            vswitch = self.vswitches[change.vswitch]
            by_record = self.directory_authorizes and nic.vswitch == change.vswitch
            kept = vswitch.ports.get(change.port or 0)
            mine = kept is not None and kept.userid == change.address.userid
            own_port = mine and not (nic.vlans or nic.port)
            granted = change.address.userid in vswitch.grants
            assert by_record or granted or own_port, "not authorized"
            by_record = by_record and not own_port
            if by_record and nic.port:
                assert vswitch.ports[nic.port].userid == change.address.userid, "somebody else's port"
                used = {self.coupled_as[a].port for a, n in self.live.items() if n.vswitch == change.vswitch}
                assert nic.port not in used, "the port is in use"
            mac = model.Mac.assemble(PREFIX, nic.macid or "")
            self.live[change.address] = model.LiveNic(change.address, mac, change.vswitch)
            self.coupled_as[change.address] = nic if by_record else model.DirectoryNic(change.address)
            self.at_port[change.address] = change.port if own_port else None

    def _do_uncouple(self, change: base.Uncouple) -> None:
        if change.directory:
            nic = self.directory[change.address]
            self.directory[change.address] = dataclasses.replace(
                nic, vswitch=None, vlans=frozenset(), port=None
            )
        if change.live:
            del self.live[change.address]

    def _do_authorize(self, change: base.Authorize) -> None:
        again = change.userid in self.vswitches[change.vswitch].grants
        assert change.replaces == again, "granted again"
        self._set_grants(change.vswitch, change.userid, change.vlans)
        if again and self.regrant_uncouples:
            self._cut(change.userid, change.vswitch)

    def _do_deauthorize(self, change: base.Deauthorize) -> None:
        vswitch = self.vswitches[change.vswitch]
        grants = {u: vlans for u, vlans in vswitch.grants.items() if u != change.userid}
        ports = {n: port for n, port in vswitch.ports.items() if port.userid != change.userid}
        self.vswitches[change.vswitch] = dataclasses.replace(vswitch, grants=grants, ports=ports)
        if self.revoke_uncouples:
            self._cut(change.userid, change.vswitch)

    def _cut(self, userid: model.Userid, vswitch: model.VSwitchName) -> None:
        self.live = {a: n for a, n in self.live.items() if (a.userid, n.vswitch) != (userid, vswitch)}

    def _do_assignport(self, change: base.AssignPort) -> None:
        vswitch = self.vswitches[change.vswitch]
        assert change.port not in vswitch.ports, "the port is somebody's already"
        ports = {**vswitch.ports, change.port: model.SwitchPort(change.userid, change.vlans)}
        self.vswitches[change.vswitch] = dataclasses.replace(vswitch, ports=ports)

    def _do_allowvlan(self, change: base.AllowVlan) -> None:
        self._set_port(change, self._port(change).vlans | {change.vlan})

    def _do_denyvlan(self, change: base.DenyVlan) -> None:
        assert change.vlan in self._port(change).vlans
        self._set_port(change, self._port(change).vlans - {change.vlan})

    def _port(self, change: base.AllowVlan | base.DenyVlan) -> model.SwitchPort:
        port = self.vswitches[change.vswitch].ports[change.port]
        assert port.userid == change.userid, "somebody else's port"
        return port

    def _set_port(self, change: base.AllowVlan | base.DenyVlan, vlans: frozenset[model.VlanId]) -> None:
        vswitch = self.vswitches[change.vswitch]
        ports = {**vswitch.ports, change.port: model.SwitchPort(change.userid, vlans)}
        self.vswitches[change.vswitch] = dataclasses.replace(vswitch, ports=ports)

    def _do_releaseport(self, change: base.ReleasePort) -> None:
        vswitch = self.vswitches[change.vswitch]
        ports = dict(vswitch.ports)
        assert ports.pop(change.port).userid == change.userid
        self.vswitches[change.vswitch] = dataclasses.replace(vswitch, ports=ports)

    def _do_record(self, change: base.Record) -> None:
        record = model.PortRecord(change.port_id, change.address, change.vswitch, change.vlan)
        self.records[change.port_id] = record

    def _set_grants(self, name: model.VSwitchName, userid: model.Userid, vlans: object) -> None:
        vswitch = self.vswitches[name]
        given = frozenset(model.VlanId(v) for v in vlans)  # type: ignore[attr-defined]
        self.vswitches[name] = dataclasses.replace(vswitch, grants={**vswitch.grants, userid: given})
