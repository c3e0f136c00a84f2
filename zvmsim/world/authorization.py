"""Who may couple to a vswitch, and with which port type and VLANs.

Source: CP SET VSWITCH 7.2 (GRANT, REVOKE, PORTNUMBER, VLANID); APAR VM65925 (Directory Network
Authorization: NICDEF itself authorizes, both kinds of blocks work on every switch); Feilong PR 810 (an
active COUPLE uses the NICDEF that is in the directory now and shows up in the list of users).
"""

from collections.abc import Callable
from dataclasses import replace

from zvmsim.world.behaviour import Behaviour
from zvmsim.world.guest import Nic
from zvmsim.world.nicdef import Nicdef
from zvmsim.world.smapi import SmapiError
from zvmsim.world.vlans import NO_VLANS
from zvmsim.world.vswitch import Block, Vswitch

PortsInUse = Callable[[], set[int]]
"""Numbers of a switch's ports that NICs occupy now; asked only where a number matters."""


def admit(
    vswitch: Vswitch,
    nic: Nic,
    nicdef: Nicdef | None,
    port: int | None,
    behaviour: Behaviour,
    ports_in_use: PortsInUse,
) -> Block:
    """The block by which a NIC couples to the switch.

    nicdef: the NIC's definition if Directory Network Authorization is on. port: asked for, None = CP
        chooses. Raises 212/8 without any authorization, 396/3034 if the port is another's or in use,
        396/2848 for attributes that the switch cannot have.
    Guess: a NICDEF with VLAN, port type or port number is preferred to a GRANT, whose attributes fill what
    it leaves open.
    """
    own_nicdef = nicdef is not None and nicdef.vswitch == vswitch.name
    if nicdef and own_nicdef and (nicdef.authorizes or not vswitch.lasting_blocks(nic.userid)):
        return _by_directory(vswitch, nic, nicdef, behaviour, ports_in_use)
    if port is not None:
        return _by_port(vswitch, nic, port, ports_in_use)
    grant = vswitch.grant_of(nic.userid)
    own_ports = vswitch.ports_of(nic.userid)
    used = ports_in_use() if own_ports else set()
    free = [block for block in own_ports if block.port not in used]
    candidates = [*free[:1], *([grant] if grant else [])]
    if not candidates:
        raise SmapiError(212, 8, f"{nic.userid} is not authorized to couple to SYSTEM {vswitch.name}")
    return candidates[0 if vswitch.port_based else -1]


def current_block(vswitch: Vswitch, nic: Nic) -> Block | None:
    """The block that governs a coupled NIC after the switch's blocks have changed.

    SET VSWITCH acts on coupled NICs at once (Feilong PR 810). A NIC whose authorization is gone keeps its
    connection as it is (help of Vswitch_Set_Extended, revoke_userid).
    """
    if nic.block is None:
        return None
    own = [b for b in vswitch.blocks.get(nic.userid, ()) if b.temporary_for == nic.vdev]
    if own:
        return own[0]
    if nic.block.port and not nic.block.temporary_for:
        port = vswitch.port(nic.block.port)
        return port if port and port.userid == nic.userid else nic.block
    return vswitch.grant_of(nic.userid) or nic.block


def check_attributes(vswitch: Vswitch, block: Block, behaviour: Behaviour) -> None:
    """Whether SET VSWITCH takes the block's attributes.

    396/2846: VLANs on a VLAN-unaware switch (Feilong). Guess: 396/2846 for a port type there, 396/2853 for
    an access port with several VLANs.
    """
    if not vswitch.vlan_aware and (block.vlans or block.port_type):
        raise SmapiError(396, 2846, f"{vswitch.name} is VLAN unaware")
    if _several_on_access(vswitch, block) and behaviour.access_vlan_set == "refuse":
        raise SmapiError(396, 2853, "an access port cannot have several VLANs")


def grant(vswitch: Vswitch, block: Block, behaviour: Behaviour) -> None:
    """Authorize a user, in place of an earlier GRANT; temporary blocks of its NICs give way unless NICDEF
    wins.
    """
    if not behaviour.directory_wins:
        vswitch.remove_user(block.userid, keep=lambda b: not b.temporary_for)
    vswitch.add(block)


def _by_directory(
    vswitch: Vswitch, nic: Nic, nicdef: Nicdef, behaviour: Behaviour, ports_in_use: PortsInUse
) -> Block:
    granted = vswitch.grant_of(nic.userid) or Block(nic.userid)
    block = replace(
        granted,
        port=nicdef.port or 0,
        port_type=nicdef.port_type or granted.port_type,
        promiscuous=granted.promiscuous if nicdef.promiscuous is None else nicdef.promiscuous,
        vlans=nicdef.vlans or granted.vlans,
        temporary_for=nic.vdev,
    )
    if not vswitch.vlan_aware and (block.vlans or block.port_type):
        if behaviour.porttype_on_unaware == "refuse":
            raise SmapiError(396, 2848, f"{vswitch.name} is VLAN unaware")
        block = replace(block, vlans=NO_VLANS, port_type=None)
    if _several_on_access(vswitch, block) and behaviour.access_vlan_set == "refuse":
        raise SmapiError(396, 2848, "an access port cannot have several VLANs")
    if block.port:
        _require_free(vswitch, nic.userid, block.port, ports_in_use)
    return block


def _by_port(vswitch: Vswitch, nic: Nic, number: int, ports_in_use: PortsInUse) -> Block:
    _require_free(vswitch, nic.userid, number, ports_in_use)
    block = vswitch.port(number)
    if block is None:
        raise SmapiError(212, 8, f"{nic.userid} has no port {number} on SYSTEM {vswitch.name}")
    return block


def _require_free(vswitch: Vswitch, userid: str, number: int, ports_in_use: PortsInUse) -> None:
    """APAR VM66907: HCP3034E, port number in use by another guest."""
    owner = vswitch.port(number)
    if (owner and owner.userid != userid) or number in ports_in_use():
        raise SmapiError(396, 3034, f"port {number} of {vswitch.name} is in use")


def _several_on_access(vswitch: Vswitch, block: Block) -> bool:
    return vswitch.vlan_aware and vswitch.port_type_of(block) == "ACCESS" and len(block.vlans) > 1
