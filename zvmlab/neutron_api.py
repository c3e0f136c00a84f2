"""A small typed client of the Neutron API, for a cloud without Keystone (`auth_strategy = noauth`).

It knows what a story needs: networks, subnets, ports and agents; and `wait_for`, because most of what Neutron
promises comes true a little later. Everybody is admin on such a cloud.
Source of paths and fields: the Networking API reference (docs.openstack.org/api-ref/network/v2).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import requests

T = TypeVar("T")
Json = Mapping[str, Any]
REQUEST_TIMEOUT_S = 120.0
POLL_INTERVAL_S = 0.1
PAUSE_PER_LOOK = 2.0
LONGEST_PAUSE_S = 0.5


class NeutronError(Exception):
    """Neutron answered with an error: `status` is the HTTP status, the text is Neutron's own message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status


class NotYet(AssertionError):
    """What was waited for did not come true in time; the text says what was seen last."""


@dataclass(frozen=True, slots=True)
class Network:
    """network_type is flat, vlan or local; segmentation_id the VLAN id, None for the others."""

    id: str
    name: str
    network_type: str
    physical_network: str | None
    segmentation_id: int | None
    mtu: int

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            id=body["id"],
            name=body["name"],
            network_type=body["provider:network_type"],
            physical_network=body["provider:physical_network"],
            segmentation_id=body["provider:segmentation_id"],
            mtu=body["mtu"],
        )


@dataclass(frozen=True, slots=True)
class Subnet:
    id: str
    name: str
    network_id: str
    cidr: str

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(id=body["id"], name=body["name"], network_id=body["network_id"], cidr=body["cidr"])


@dataclass(frozen=True, slots=True)
class Port:
    """host, vif_type and vif_details are the binding; addresses the fixed IP addresses."""

    id: str
    name: str
    network_id: str
    mac_address: str
    addresses: tuple[str, ...]
    status: str
    admin_state_up: bool
    device_id: str
    device_owner: str
    host: str
    vif_type: str
    vif_details: Json

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            id=body["id"],
            name=body["name"],
            network_id=body["network_id"],
            mac_address=body["mac_address"],
            addresses=tuple(fixed["ip_address"] for fixed in body["fixed_ips"]),
            status=body["status"],
            admin_state_up=body["admin_state_up"],
            device_id=body["device_id"],
            device_owner=body["device_owner"],
            host=body["binding:host_id"],
            vif_type=body["binding:vif_type"],
            vif_details=body["binding:vif_details"],
        )


@dataclass(frozen=True, slots=True)
class Agent:
    """configurations is what the agent last said of itself; started_at, in UTC, when it first did so."""

    id: str
    agent_type: str
    binary: str
    host: str
    alive: bool
    admin_state_up: bool
    started_at: str
    configurations: Json

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            id=body["id"],
            agent_type=body["agent_type"],
            binary=body["binary"],
            host=body["host"],
            alive=body["alive"],
            admin_state_up=body["admin_state_up"],
            started_at=body["started_at"],
            configurations=body["configurations"],
        )


class NeutronApi:
    """One Neutron server.

    Every method raises NeutronError when Neutron refuses, requests.RequestException when it is out of reach.
    Arguments left at None are left out of the request: Neutron then chooses, or keeps what is.
    """

    def __init__(self, endpoint: str) -> None:
        self._base = f"{endpoint.rstrip('/')}/v2.0"
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy from the environment does not know our loopback

    def close(self) -> None:
        self._session.close()

    def create_network(
        self,
        name: str,
        network_type: str | None = None,
        physical_network: str | None = None,
        segmentation_id: int | None = None,
        mtu: int | None = None,
    ) -> Network:
        wanted = {
            "name": name,
            "provider:network_type": network_type,
            "provider:physical_network": physical_network,
            "provider:segmentation_id": segmentation_id,
            "mtu": mtu,
        }
        return Network.from_json(self._create("network", wanted))

    def networks(self, **filters: str) -> list[Network]:
        return [Network.from_json(body) for body in self._list("network", filters)]

    def delete_network(self, network_id: str) -> None:
        self._call("DELETE", f"/networks/{network_id}")

    def create_subnet(
        self,
        network_id: str,
        cidr: str,
        name: str = "",
        enable_dhcp: bool = False,
        dns_nameservers: Sequence[str] | None = None,
        host_routes: Mapping[str, str] | None = None,
    ) -> Subnet:
        """host_routes: gateway by destination."""
        routes = [{"destination": to, "nexthop": by} for to, by in (host_routes or {}).items()]
        wanted = {
            "network_id": network_id,
            "cidr": cidr,
            "ip_version": 6 if ":" in cidr else 4,
            "name": name,
            "enable_dhcp": enable_dhcp,
            "dns_nameservers": dns_nameservers,
            "host_routes": routes or None,
        }
        return Subnet.from_json(self._create("subnet", wanted))

    def delete_subnet(self, subnet_id: str) -> None:
        self._call("DELETE", f"/subnets/{subnet_id}")

    def create_port(
        self,
        network_id: str,
        name: str = "",
        host: str | None = None,
        device_id: str | None = None,
        device_owner: str | None = "compute:nova",
        mac_address: str | None = None,
        admin_state_up: bool = True,
    ) -> Port:
        wanted = {
            "network_id": network_id,
            "name": name,
            "binding:host_id": host,
            "device_id": device_id,
            "device_owner": device_owner,
            "mac_address": mac_address,
            "admin_state_up": admin_state_up,
        }
        return Port.from_json(self._create("port", wanted))

    def port(self, port_id: str) -> Port:
        return Port.from_json(self._call("GET", f"/ports/{port_id}")["port"])

    def ports(self, **filters: str) -> list[Port]:
        """The ports, by name, network_id, device_id, status, ... if given."""
        return [Port.from_json(body) for body in self._list("port", filters)]

    def update_port(
        self,
        port_id: str,
        admin_state_up: bool | None = None,
        host: str | None = None,
        mac_address: str | None = None,
        device_id: str | None = None,
    ) -> Port:
        """Change the port; host "" unbinds it."""
        wanted = {
            "admin_state_up": admin_state_up,
            "binding:host_id": host,
            "mac_address": mac_address,
            "device_id": device_id,
        }
        answer = self._call("PUT", f"/ports/{port_id}", {"port": _given(wanted)})
        return Port.from_json(answer["port"])

    def delete_port(self, port_id: str) -> None:
        self._call("DELETE", f"/ports/{port_id}")

    def agents(self, **filters: str) -> list[Agent]:
        """The agents, by host, agent_type, binary, ... if given."""
        return [Agent.from_json(body) for body in self._list("agent", filters)]

    def delete_agent(self, agent_id: str) -> None:
        self._call("DELETE", f"/agents/{agent_id}")

    def wait_for_agent(
        self,
        host: str,
        alive: bool = True,
        after: Agent | None = None,
        timeout: float = 60.0,
        **filters: str,
    ) -> Agent:
        """The agent of that host, once Neutron sees it alive (or, with alive=False, dead). Raises NotYet.

        filters: which one, where a host has several, as for `agents`.

        Neutron believes an agent alive for a while after its end. To see a restart, give the agent as it was
        before: `after` asks for a later start. Neutron's clock ticks in seconds here, so a restart within the
        second of the start before is not seen.
        """

        def is_it(agent: Agent) -> bool:
            return agent.alive is alive and (after is None or agent.started_at > after.started_at)

        agents = wait_for(
            lambda: self.agents(host=host, **filters),
            lambda agents: any(map(is_it, agents)),
            what=f"the agent of host {host} to be {'alive' if alive else 'dead'}{' again' if after else ''}",
            timeout=timeout,
        )
        return next(filter(is_it, agents))

    def wait_for_status(self, port_ids: Iterable[str], status: str, timeout: float = 60.0) -> list[Port]:
        """These ports, once all of them have that status (ACTIVE, DOWN, ...). Raises NotYet."""
        wanted = set(port_ids)
        return wait_for(
            lambda: [port for port in self.ports() if port.id in wanted],
            lambda ports: len(ports) == len(wanted) and all(port.status == status for port in ports),
            what=f"{len(wanted)} ports to be {status}",
            timeout=timeout,
            show=lambda ports: ", ".join(f"{p.name or p.id} {p.status} ({p.vif_type})" for p in ports),
        )

    def _create(self, kind: str, wanted: Json) -> Json:
        created: Json = self._call("POST", f"/{kind}s", {kind: _given(wanted)})[kind]
        return created

    def _list(self, kind: str, filters: Mapping[str, str]) -> list[Json]:
        found: list[Json] = self._call("GET", f"/{kind}s", params=filters)[f"{kind}s"]
        return found

    def _call(
        self, method: str, path: str, body: Json | None = None, params: Mapping[str, str] | None = None
    ) -> Json:
        response = self._session.request(
            method, self._base + path, json=body, params=params, timeout=REQUEST_TIMEOUT_S
        )
        if not response.ok:
            raise NeutronError(response.status_code, _message(response))
        answer: Json = response.json() if response.content else {}
        return answer


def wait_for(
    look: Callable[[], T],
    holds: Callable[[T], bool],
    what: str,
    timeout: float = 60.0,
    show: Callable[[T], str] = repr,
) -> T:
    """Look again and again until it holds, and return what was seen then.

    look: what to look at; it may raise to give up at once. What takes longer is looked at less often, so that
    those who are waited for have the processor. timeout: seconds.
    Raises NotYet naming `what` and, through `show`, the last sight.
    """
    begun = time.monotonic()
    deadline = begun + timeout
    while not holds(seen := look()):
        now = time.monotonic()
        if now >= deadline:
            raise NotYet(f"waited {timeout:g} s for {what}; last seen: {show(seen) or 'nothing'}")
        pause = min(max(POLL_INTERVAL_S, PAUSE_PER_LOOK * (now - begun)), LONGEST_PAUSE_S, deadline - now)
        time.sleep(pause)
        begun = time.monotonic()
    return seen


def _given(wanted: Json) -> Json:
    return {key: value for key, value in wanted.items() if value is not None}


def _message(response: requests.Response) -> str:
    """Neutron's own words, from its {"NeutronError": {"message": ...}}; the raw text when it is not that."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return response.text.strip() or response.reason
    error = body.get("NeutronError", body) if isinstance(body, dict) else body
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)
