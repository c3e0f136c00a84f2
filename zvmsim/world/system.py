"""One z/VM system: its state, and what CP does with guests, NICs and vswitches.

Methods change the state or raise SmapiError and change nothing. Names and device numbers come in normal form
(`zvmsim.world.names`). The caller holds the world's lock.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timezone
from typing import Literal

from zvmsim.clock import Clock
from zvmsim.world import authorization
from zvmsim.world.answers import AdapterType
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.directory import Directory
from zvmsim.world.guest import Guest, Nic
from zvmsim.world.lan import Lan
from zvmsim.world.macs import MacPool
from zvmsim.world.names import device_range
from zvmsim.world.nicdef import DEFAULT_DEVICES, Nicdef
from zvmsim.world.smapi import SmapiError
from zvmsim.world.spool import Spool
from zvmsim.world.uplinks import Osa
from zvmsim.world.vswitch import Vswitch

DEFAULT_LEVEL = 710
FIRST_LEVEL_WITH_DNA, FIRST_LEVEL_THAT_CAN_DNA = 710, 640
"""Base function of 7.1; APARs VM65925 and VM65926 on 6.4."""


Progress = Literal["in progress", "succeeded", "failed"]


@dataclass(slots=True)
class System:
    """State of one z/VM system.

    level: SMAPI functional level (710 = z/VM 7.1). dna: Directory Network Authorization is on.
    vswitches: running ones by name. config, lan_config: what SYSTEM CONFIG defines and an IPL brings back.
    lans: by (owner, name). osas: by base device number. controllers: virtual machines that run vswitch
        uplinks.
    guests: logged on, by userid. autolog: userids that an IPL logs on, in order.
    mac_protect: system-wide MACPROTECT. zone: time zone of the system. last_order: of the newest coupling.
    spool: reader files. name_lists: SMAPI's, by name; neither is part of an inventory.
    on_command: carries out (userid, CP command) for COMMAND statements of the directory at LOGON.
    operations: asynchronous directory changes by id. later: carries something out after so many seconds.
    ip_interfaces: (stack's userid, name) of interfaces that Network_IP_Interface_Create made.
    """

    name: str
    clock: Clock
    macs: MacPool
    level: int = DEFAULT_LEVEL
    dna: bool = True
    service_level: int = 2001
    storage: str = "64G"
    zone: timezone = field(default_factory=lambda: timezone(UTC.utcoffset(None), "UTC"))
    mac_protect: bool = False
    behaviour: Behaviour = field(default_factory=Behaviour)
    directory: Directory = field(default_factory=Directory)
    vswitches: dict[str, Vswitch] = field(default_factory=dict)
    config: dict[str, Vswitch] = field(default_factory=dict)
    lans: dict[tuple[str, str], Lan] = field(default_factory=dict)
    lan_config: dict[tuple[str, str], Lan] = field(default_factory=dict)
    osas: dict[str, Osa] = field(default_factory=dict)
    controllers: tuple[str, ...] = ("DTCVSW1", "DTCVSW2")
    guests: dict[str, Guest] = field(default_factory=dict)
    autolog: tuple[str, ...] = ()
    spool: Spool = field(default_factory=Spool)
    name_lists: dict[str, list[str]] = field(default_factory=dict)
    ipl_time: datetime = field(init=False)
    on_command: Callable[[str, str], None] | None = None
    last_order: int = 0
    operations: dict[int, Progress] = field(default_factory=dict)
    ip_interfaces: set[tuple[str, str]] = field(default_factory=set)
    later: Callable[[float, Callable[[], None]], None] | None = None

    def __post_init__(self) -> None:
        self.ipl_time = self.clock.now()

    # Guests

    def logon(self, userid: str) -> list[tuple[str, SmapiError]]:
        """LOGON: build the NICs of the directory, couple them as far as they are authorized, run COMMAND
        statements.

        Returns the NICs (vdev, reason) that could not be built or stay uncoupled; the guest is on all the
        same. 200/4 unknown user, 200/8 logged on already.
        """
        if userid not in self.directory.active:
            raise SmapiError(200, 4, f"{userid} is not in the directory")
        if userid in self.guests:
            raise SmapiError(200, 8, f"{userid} is logged on already")
        self.guests[userid] = Guest(userid, self.clock.now())
        nicdefs = self.directory.nicdefs_at_logon(userid).values()
        failures = [self._build(userid, nicdef) for nicdef in nicdefs]
        if self.on_command:
            for command in self.directory.commands_at_logon(userid):
                self.on_command(userid, command)
        return [failure for failure in failures if failure]

    def logoff(self, userid: str) -> None:
        """LOGOFF: all NICs go, grants stay; 200/4, 200/12 not logged on."""
        guest = self.guest(userid)
        for vdev in list(guest.nics):
            self.detach_nic(userid, vdev)
        del self.guests[userid]

    def ipl(self) -> None:
        """Start anew with what SYSTEM CONFIG and the directory hold, and log on the `autolog` guests.

        A definition or guest that cannot start is left out, as CP goes on with a message.
        """
        self.guests.clear()
        self.macs.restart()
        self.ipl_time = self.clock.now()
        self.vswitches = {}
        self.lans = dict(self.lan_config)
        for saved in self.config.values():
            with contextlib.suppress(SmapiError):
                self.start_vswitch(saved.copy())
        for userid in self.autolog:
            with contextlib.suppress(SmapiError):
                self.logon(userid)

    def guest(self, userid: str) -> Guest:
        """A logged-on guest; 200/4 unknown, 200/12 not logged on."""
        if userid in self.guests:
            return self.guests[userid]
        if userid in self.directory.source:
            raise SmapiError(200, 12, f"{userid} is not logged on")
        raise SmapiError(200, 4, f"{userid} is not in the directory")

    # NICs

    def nic(self, userid: str, vdev: str) -> Nic:
        """A live NIC; 200/4, 200/12, 204/8 no such NIC."""
        nics = self.guest(userid).nics
        if vdev not in nics:
            raise SmapiError(204, 8, f"{userid} {vdev} does not exist")
        return nics[vdev]

    def nics(self) -> Iterator[Nic]:
        """Every live NIC of the system."""
        for guest in self.guests.values():
            yield from guest.nics.values()

    def nics_on(self, name: str, owner: str = "SYSTEM") -> list[Nic]:
        """NICs coupled to a vswitch or LAN, newest coupling first, as SMAPI lists them (pysmapi captures)."""
        coupled = [nic for nic in self.nics() if (nic.lan_owner, nic.lan_name) == (owner, name)]
        return sorted(coupled, key=lambda nic: -nic.order)

    def define_nic(
        self,
        userid: str,
        vdev: str,
        type: AdapterType = "QDIO",
        devices: int = DEFAULT_DEVICES,
        mac_id: str = "",
    ) -> Nic:
        """DEFINE NIC for a logged-on guest.

        200/4, 200/12; 204/2 numbers beyond FFFF, 204/4 numbers taken, 396/2797 the MACID's address is in
        use (Behaviour).
        """
        guest = self.guest(userid)
        try:
            wanted = set(device_range(vdev, devices))
        except ValueError as error:
            raise SmapiError(204, 2, str(error)) from error
        if any(wanted & set(nic.range) for nic in guest.nics.values()):
            raise SmapiError(204, 4, f"{userid} {vdev} exists already")
        mac_id = mac_id or guest.mac_ids.get(vdev, "")
        nic = Nic(userid, vdev, type, devices, self._take_mac(mac_id), mac_id)
        guest.nics[vdev] = nic
        return nic

    def add_nic(self, nic: Nic) -> None:
        """Put a NIC in place as it is, for worlds that are loaded in the middle of their life."""
        self.macs.take(nic.mac)
        self.guests[nic.userid].nics[nic.vdev] = nic
        self.last_order = max(self.last_order, nic.order)

    def detach_nic(self, userid: str, vdev: str) -> None:
        """DETACH NIC, uncoupling it first; 200/4, 200/12, 204/8."""
        nic = self.nic(userid, vdev)
        self._disconnect(nic)
        self.macs.release(nic.mac)
        del self.guests[userid].nics[vdev]

    def couple(
        self, userid: str, vdev: str, name: str, owner: str = "SYSTEM", port: int | None = None
    ) -> None:
        """COUPLE a live NIC to a vswitch or guest LAN.

        In this order: 200/4, 200/12, 204/8, no such LAN (212/40 or 396/2788, see Behaviour; 212/12 for
        another owner's), 204/20 coupled there already, 212/28 or 396/6011 coupled elsewhere (Behaviour),
        212/8 not authorized (also 396/3034, 396/2848), 212/28 wrong type.
        """
        nic = self.nic(userid, vdev)
        target = self._target(owner, name)
        if nic.coupled:
            self._refuse_coupled(nic, owner, name)
        if isinstance(target, Vswitch):
            nicdef = self.directory.nicdefs_at_logon(userid).get(vdev) if self.dna else None
            block = authorization.admit(
                target, nic, nicdef, port, self.behaviour, lambda: self._ports_in_use(name)
            )
        elif not target.admits(userid):
            raise SmapiError(212, 8, f"{userid} is not authorized to couple to {owner} {name}")
        else:
            block = None
        if nic.type != ("QDIO" if isinstance(target, Vswitch) else target.type):
            raise SmapiError(212, 28, f"{userid} {vdev} is a {nic.type} NIC")
        if block and block.temporary_for and isinstance(target, Vswitch):
            target.add(block)
        self.last_order += 1
        self._put(replace(nic, lan_owner=owner, lan_name=name, block=block, order=self.last_order))

    def uncouple(self, userid: str, vdev: str) -> None:
        """UNCOUPLE a live NIC; 200/4, 200/12, 204/8, 204/48 not coupled."""
        nic = self.nic(userid, vdev)
        if not nic.coupled:
            raise SmapiError(204, 48, f"{userid} {vdev} is not coupled")
        self._disconnect(nic)

    def set_nic_mac(self, userid: str, vdev: str, mac_id: str) -> None:
        """SET NIC MACID USER: give a NIC, live or yet to be defined, an address of the user range.

        200/4, 200/12, 396/2797 a live one cannot have it, for it is in use.
        """
        guest = self.guest(userid)
        nic = guest.nics.get(vdev)
        if nic and self.macs.user_mac(mac_id) != nic.mac:
            mac = self._take_mac(mac_id)
            self.macs.release(nic.mac)
            self._put(replace(nic, mac=mac, mac_id=mac_id))
        guest.mac_ids[vdev] = mac_id

    def unset_nic_mac(self, userid: str, vdev: str) -> None:
        """SET NIC MACID SYSTEM: CP chooses for the NIC that is defined next; 200/4, 200/12.

        A live one keeps its address (Guess).
        """
        self.guest(userid).mac_ids.pop(vdev, None)

    def set_driver(self, userid: str, vdev: str, running: bool, port_name: str = "") -> None:
        """A driver in the guest takes the NIC into use or lets go of it; 200/4, 200/12, 204/8."""
        self._put(replace(self.nic(userid, vdev), driver=running, port_name=port_name))

    # Vswitches

    def vswitch(self, name: str) -> Vswitch:
        """A running vswitch; 212/40."""
        if name not in self.vswitches:
            raise SmapiError(212, 40, f"vswitch {name} does not exist")
        return self.vswitches[name]

    def start_vswitch(self, vswitch: Vswitch) -> None:
        """DEFINE VSWITCH: give it its address and run it; 212/36 if the name is a vswitch's or SYSTEM LAN's
        already.
        """
        if vswitch.name in self.vswitches or ("SYSTEM", vswitch.name) in self.lans:
            raise SmapiError(212, 36, f"{vswitch.name} exists already")
        vswitch.mac = self.macs.take(vswitch.mac) if vswitch.mac else self._take_mac(vswitch.mac_id)
        self.vswitches[vswitch.name] = vswitch

    def stop_vswitch(self, name: str) -> None:
        """DETACH VSWITCH: its NICs become uncoupled; 212/40."""
        vswitch = self.vswitch(name)
        for nic in self.nics_on(name):
            self._disconnect(nic)
        self.macs.release(vswitch.mac)
        del self.vswitches[name]

    def set_vswitch_mac(self, vswitch: Vswitch, mac_id: str) -> None:
        """SET VSWITCH MACID on the running switch; 396/2797 in use (Behaviour)."""
        if self.macs.user_mac(mac_id) != vswitch.mac:
            mac = self._take_mac(mac_id)
            self.macs.release(vswitch.mac)
            vswitch.mac = mac
        vswitch.mac_id = mac_id

    def apply_blocks(self, vswitch: Vswitch, userid: str, *, uncouple: bool = False) -> None:
        """Let the user's coupled NICs feel changed blocks of the switch, or lose their connection."""
        guest = self.guests.get(userid)
        for nic in list(guest.nics.values()) if guest else []:
            if (nic.lan_owner, nic.lan_name) != ("SYSTEM", vswitch.name):
                continue
            if uncouple:
                self._disconnect(nic)
            else:
                self._put(replace(nic, block=authorization.current_block(vswitch, nic)))

    # Parts

    def _build(self, userid: str, nicdef: Nicdef) -> tuple[str, SmapiError] | None:
        try:
            self.define_nic(userid, nicdef.vdev, nicdef.type, nicdef.size, nicdef.mac_id)
            if nicdef.lan_name:
                owner = userid if nicdef.lan_owner == "*" else nicdef.lan_owner
                self.couple(userid, nicdef.vdev, nicdef.lan_name, owner)
        except SmapiError as error:
            return nicdef.vdev, error
        return None

    def _take_mac(self, mac_id: str) -> str:
        if not mac_id:
            return self.macs.assign()
        mac = self.macs.user_mac(mac_id)
        if self.macs.in_use(mac) and self.behaviour.duplicate_macid == "refuse":
            raise SmapiError(396, 2797, f"MAC address {mac} is in use")
        return self.macs.take(mac)

    def _target(self, owner: str, name: str) -> Vswitch | Lan:
        found = self.vswitches.get(name) if owner == "SYSTEM" else None
        target = found or self.lans.get((owner, name))
        if target is None:
            codes = self.behaviour.couple_missing_vswitch if owner == "SYSTEM" else "212/12"
            raise refusal(codes, f"{owner} {name} does not exist")
        return target

    def _refuse_coupled(self, nic: Nic, owner: str, name: str) -> None:
        where = f"{nic.userid} {nic.vdev} is coupled to {nic.lan_owner} {nic.lan_name}"
        if (nic.lan_owner, nic.lan_name) == (owner, name):
            raise SmapiError(204, 20, where)
        raise refusal(self.behaviour.couple_other_vswitch, where)

    def _ports_in_use(self, name: str) -> set[int]:
        return {nic.block.port for nic in self.nics_on(name) if nic.block and nic.block.port}

    def _disconnect(self, nic: Nic) -> None:
        vswitch = self.vswitches.get(nic.lan_name) if nic.lan_owner == "SYSTEM" else None
        if vswitch and nic.block and nic.block.temporary_for:
            vswitch.remove(nic.block)
        self._put(replace(nic, lan_owner="", lan_name="", block=None))

    def _put(self, nic: Nic) -> None:
        self.guests[nic.userid].nics[nic.vdev] = nic


def refusal(codes: str, why: str) -> SmapiError:
    """The error of a behaviour switch's position, "212/40"."""
    rc, rs = codes.split("/")
    return SmapiError(int(rc), int(rs), why)
