"""One vswitch: its attributes and its authorization blocks.

The same type serves for the running switch and for its DEFINE/MODIFY VSWITCH statements in SYSTEM CONFIG.
Whoever may use the switch stands in one list of blocks, as in CP's VNABK control block (z/VM 6.2 and later):
a GRANT is a block with port 0, a numbered port has its number, and a NIC that Directory Network
Authorization lets in brings a temporary one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from zvmsim.world.answers import MacProtect, PortType, Transport
from zvmsim.world.vlans import NO_VLANS, VlanSet

VswitchType = Literal["QDIO", "IEDN", "INMN", "IVL"]


@dataclass(frozen=True, slots=True)
class Block:
    """Leave of one user to use the switch.

    port: 0 for a GRANT. port_type: None = the switch's default. vlans: empty = VLANs of the port, else the
        default VLAN.
    temporary_for: vdev of the NIC that brought it by its NICDEF, "" for a lasting block.
    """

    userid: str
    port: int = 0
    port_type: PortType | None = None
    promiscuous: bool = False
    osd_sim: bool = False
    vlans: VlanSet = NO_VLANS
    temporary_for: str = ""


@dataclass(slots=True)
class Vswitch:
    """A virtual switch; defaults are those of DEFINE VSWITCH (7.4).

    default_vlan: None = NONE, meaningful only when vlan_aware; likewise native_vlan, port_type, gvrp.
    connected: CONNECT or DISCONNECT of the uplink. rdevs, port_names: at most 3. controllers: ("*",) = any,
        at most 8.
    mac_id: set by MACID, 6 hex digits. mac: of the running switch, "" in SYSTEM CONFIG.
    blocks: by userid. vlan_ports: port numbers by VLAN id (SET VSWITCH VLANID).
    """

    name: str
    transport: Transport = "IP"
    type: VswitchType = "QDIO"
    vlan_aware: bool = False
    default_vlan: int | None = None
    native_vlan: int | None = 1
    port_type: PortType = "ACCESS"
    gvrp: bool = True
    queue_memory_limit: int = 8
    routing: Literal["NONROUTER", "PRIROUTER"] = "NONROUTER"
    ip_timeout: int = 5
    isolation: bool = False
    mac_protect: MacProtect = "UNSPECIFIED"
    port_based: bool = False
    vlan_counters: bool = False
    vepa: bool = False
    connected: bool = True
    rdevs: tuple[str, ...] = ()
    port_names: tuple[str, ...] = ()
    controllers: tuple[str, ...] = ("*",)
    mac_id: str = ""
    mac: str = ""
    blocks: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    vlan_ports: dict[int, frozenset[int]] = field(default_factory=dict)

    def copy(self) -> "Vswitch":
        """A switch of its own with equal contents (blocks themselves never change)."""
        return replace(self, blocks=dict(self.blocks), vlan_ports=dict(self.vlan_ports))

    def saved(self) -> "Vswitch":
        """What SYSTEM CONFIG would hold of this switch: no address, no temporary blocks."""
        kept = self.copy()
        kept.mac = ""
        for block in [block for block in self.all_blocks() if block.temporary_for]:
            kept.remove(block)
        return kept

    def all_blocks(self) -> Iterator[Block]:
        """Every block, users in the order in which they were first authorized."""
        for blocks in self.blocks.values():
            yield from blocks

    def lasting_blocks(self, userid: str) -> list[Block]:
        """The user's GRANT and numbered ports, lowest port first."""
        return sorted((b for b in self.blocks.get(userid, ()) if not b.temporary_for), key=_by_port)

    def grant_of(self, userid: str) -> Block | None:
        """The user's GRANT."""
        return next((block for block in self.lasting_blocks(userid) if block.port == 0), None)

    def ports_of(self, userid: str) -> list[Block]:
        """The user's numbered ports, lowest first."""
        return [block for block in self.lasting_blocks(userid) if block.port]

    def port(self, number: int) -> Block | None:
        """The block of a numbered port."""
        return next((b for b in self.all_blocks() if b.port == number and not b.temporary_for), None)

    def add(self, block: Block) -> None:
        """Add a block in place of one for the same user and port (or the same NIC)."""
        others = [b for b in self.blocks.get(block.userid, ()) if _place(b) != _place(block)]
        self.blocks[block.userid] = (*others, block)

    def remove(self, block: Block) -> None:
        """Take a block out; no error if it is not there."""
        self.remove_user(block.userid, keep=lambda b: _place(b) != _place(block))

    def remove_user(self, userid: str, keep: Callable[[Block], bool] | None = None) -> None:
        """Take the user's blocks out, all or those that are not to be kept; no error if there is none."""
        left = tuple(b for b in self.blocks.get(userid, ()) if keep and keep(b))
        if left:
            self.blocks[userid] = left
        else:
            self.blocks.pop(userid, None)

    def port_type_of(self, block: Block) -> PortType:
        """Port type of a NIC that came in by this block."""
        return block.port_type or self.port_type

    def vlans_by_port(self, block: Block) -> VlanSet:
        """Those of SET VSWITCH VLANID for the block's port."""
        if not block.port:
            return NO_VLANS
        return frozenset(vlan for vlan, ports in self.vlan_ports.items() if block.port in ports)

    def vlans_of(self, block: Block) -> VlanSet:
        """VLANs of a NIC that came in by this block; empty: it is coupled, but in no VLAN.

        A port's VLANs are those of its options together with those of SET VSWITCH VLANID; with neither, the
        default VLAN.
        """
        default = set() if self.default_vlan is None else {self.default_vlan}
        vlans = frozenset((block.vlans | self.vlans_by_port(block)) or default)
        if self.port_type_of(block) == "ACCESS" and len(vlans) > 1:
            return frozenset({min(vlans)})
        return vlans


def _place(block: Block) -> tuple[int, str]:
    return (0 if block.temporary_for else block.port, block.temporary_for)


def _by_port(block: Block) -> int:
    return block.port
