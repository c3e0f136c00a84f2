"""How the story's guests come to the addresses that Neutron gave them: by hand, or by DHCP where it can be.

Both are told at the same places of the story; by hand, most of them are passed over in silence.
"""

from collections.abc import Sequence
from typing import Final

from zvmlab.cast import NetworkRole, NicRole
from zvmlab.dhcp_node import PROGRAM, DhcpNode
from zvmlab.lab import Lab
from zvmlab.leases import Leases
from zvmlab.ledger import Calls, Mark
from zvmlab.population import Population
from zvmlab.stage import Stage
from zvmlab.system_map import vlans
from zvmsim.oracle import NicAddress

_PATIENCE_S: Final = 120.0
"""Neutron's DHCP agent starts processes of its own before it serves its first network."""


class ByHand:
    """Each guest configures its NICs at its first boot.

    node_calls: what the agents needed for the DHCP node when the first networks came.
    """

    dhcp = False

    def __init__(self, lab: Lab, stage: Stage, population: Population) -> None:
        self.node_calls: Calls | None = None
        self._lab = lab
        self._stage = stage
        self._population = population

    def begin(self) -> None:
        """Nothing runs yet."""

    def agents_are_there(self) -> None:
        """Neutron knows all of z/VM's agents."""

    def networks_came(self, mark: Mark) -> None:
        """The first ones; mark: before them."""
        changes = self._lab.ledger.changes(mark)
        self._stage.expect("a network alone changes nothing on z/VM", changes, [])

    def network_came(self, role: NetworkRole) -> None:
        """One more."""

    def guests_booted(self, host: str | None = None) -> None:
        """Those that have come up; host: where all were off."""
        seats = [seat for seat in self._population.seats() if host in (None, seat[1].host)]
        self._population.wire.give_addresses(seats)

    def port_went(self, nic: NicRole) -> None:
        """It was deleted, and its NIC is on no vswitch."""

    def networks_went(self) -> None:
        """All of them."""

    @property
    def why(self) -> str:
        """What keeps guests from having addresses by DHCP."""
        lacks = "; ".join(self._lab.dhcp_missing)
        return f"their addresses are set by hand: for DHCP there would have to be {lacks}"


class ByDhcp(ByHand):
    """Each NIC's own client gets it from Neutron's DHCP agent and dnsmasq, which run in a guest."""

    dhcp = True

    def __init__(
        self, lab: Lab, stage: Stage, population: Population, node: DhcpNode, leases: Leases
    ) -> None:
        super().__init__(lab, stage, population)
        self._node = node
        self._leases = leases

    def begin(self) -> None:
        self._node.start()

    def agents_are_there(self) -> None:
        role = self._node.role
        agent = self._lab.neutron.wait_for_agent(role.host, binary=PROGRAM, timeout=_PATIENCE_S)
        claim = f"guest {role.userid} of {role.system} is the DHCP node: Neutron knows its DHCP agent"
        self._stage.expect(claim, (agent.host, agent.alive), (role.host, True))

    def networks_came(self, mark: Mark) -> None:
        self._expect_servers()
        self._expect_vlans(f"{self._node.role.userid} is a trunk port in exactly their VLANs")
        ledger = self._lab.ledger
        self.node_calls = ledger.calls(mark)
        for host in self._lab.systems.hosts:
            if host != self._node.role.host:
                self._stage.expect(f"{host} saw no mutating call for it", ledger.changes(mark, host), [])

    def network_came(self, role: NetworkRole) -> None:
        self._expect_servers()
        self._expect_vlans(f"{self._node.role.userid} is let into VLAN {role.vlan}, too")

    def guests_booted(self, host: str | None = None) -> None:
        seats = self._population.seats()
        self._leases.forget([address for address, nic, _ in seats if nic.host == host])
        held = self._leases.held()
        new = [seat for seat in seats if seat[0] not in held]
        wrong = self._leases.ask(new)
        claim = f"{len(new)} NICs have got, each by its own DHCP client, the addresses of their ports"
        self._stage.expect(claim, wrong, [], log=f"agent-{self._node.role.name}")
        self._quote_one([address for address, _, _ in new])

    def port_went(self, nic: NicRole) -> None:
        address = self._population.address(nic)
        self._stage.expect("its lease is not renewed any more", self._leases.renews(address), False)
        self._leases.forget([address])

    def networks_went(self) -> None:
        self._leases.close()
        self._expect_vlans(f"{self._node.role.userid} is on no vswitch any more, and in no VLAN")

    def _quote_one(self, addresses: Sequence[NicAddress]) -> None:
        """The last lease of these, if any."""
        leases = [(a, lease) for a, (lease, _) in self._leases.held().items() if a in addresses]
        for address, lease in leases[-1:]:
            words = f"{lease.address} for {lease.seconds} s from {lease.server}"
            self._stage.quote(f"{address.userid} {address.vdev} of {address.system}: {words}")

    def _expect_servers(self) -> None:
        """One to each network."""
        wanted = dict.fromkeys(self._population.networks, ("ACTIVE",))
        claim = "every network has a DHCP server there, whose port is ACTIVE"
        self._stage.eventually(claim, self._servers, wanted, f"agent-{self._node.role.name}", _PATIENCE_S)

    def _servers(self) -> dict[str, tuple[str, ...]]:
        """The states of their ports on the node's host, by network."""
        ports = self._lab.neutron.ports(device_owner="network:dhcp")
        here = [port for port in ports if port.host == self._node.role.host]
        return {
            name: tuple(port.status for port in here if port.network_id == network.id)
            for name, network in self._population.networks.items()
        }

    def _expect_vlans(self, claim: str) -> None:
        wanted: dict[str, set[str]] = {}
        for role in self._population.network_roles():
            wanted.setdefault(role.vswitch, set()).update([str(role.vlan)] if role.vlan else [])
        self._stage.eventually(claim, self._vlans, wanted, f"agent-{self._node.role.host}", _PATIENCE_S)

    def _vlans(self) -> dict[str, set[str]]:
        """The VLANs that the node's NICs are in, by vswitch."""
        snapshot = self._lab.systems.snapshot()
        return {
            nic.lan_name: set(filter(None, vlans(snapshot, address).split(",")))
            for address, nic in snapshot.nics.items()
            if address.userid == self._node.role.userid and nic.coupled
        }


def addresses_of(lab: Lab, stage: Stage, population: Population) -> ByHand:
    """As this lab can."""
    if lab.node and population.leases:
        return ByDhcp(lab, stage, population, lab.node, population.leases)
    return ByHand(lab, stage, population)
