"""The whole way, with real Neutron: from the first request for a port until Neutron holds all of them ACTIVE.

Neutron and the agent share a process, as in the lab, so each slows the other down; z/VM has its own.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.agent import SMAPI_PASSWORD, SMAPI_USER, USER_PREFIX, XCAT_PASSWORD, XCAT_USER
from bench.figures import Figures, Value
from bench.ports import PHYSICAL_NETWORK_OF, VSWITCH_OF, Port, make_ports
from bench.scope import Scope
from bench.simulation import simulation
from bench.sites import ZHCP_NODE, Place
from networking_zvm.settings import ControlPoint
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.neutron_conf import NeutronSettings, write_conf
from zvmlab.neutron_api import NeutronApi

HOST = "zvma"
PHYSICAL_NETWORK = PHYSICAL_NETWORK_OF["vlan"]
SETTINGS = NeutronSettings(vlan_ranges=(f"{PHYSICAL_NETWORK}:100:999",))
LOOK_EVERY, PATIENCE = 0.1, 600.0  # seconds


def whole_cloud(scope: Scope) -> Iterator[Figures]:
    """Ports are asked for one after another, each announced as soon as Neutron has made it."""
    for delay in (0,) if scope.quick else (0, 100):
        for point in scope.control_points:
            yield _whole_cloud(point, 20 if scope.quick else 100, delay)


def _whole_cloud(control_point: ControlPoint, count: int, delay: int) -> Figures:
    guests = make_ports(count, "vlan")
    with simulation(control_point) as system, EmbeddedCloud(SETTINGS) as cloud:
        system.register(guests)
        system.set_delay(delay / 1000)
        cloud.start_agent(HOST, _agent_conf(cloud.state_dir, system.place()))
        neutron = NeutronApi(cloud.endpoint)
        neutron.wait_for_agent(HOST)
        network = neutron.create_network("bench", "vlan", PHYSICAL_NETWORK)
        neutron.create_subnet(network.id, "10.64.0.0/16")
        started = time.time()
        for guest in guests:
            made = neutron.create_port(network.id, host=HOST, device_id=guest.node)
            system.announce([Port(guest.number, guest.kind, made.id, made.mac_address)])
        requested = time.time() - started
        _wait_until_active(cloud.state_dir / "neutron.sqlite", count)
        active = time.time() - started
        connected = system.last_change() + delay / 1000 - started
        neutron.close()
    values: dict[str, Value] = {
        "requests_s": requested,
        "zvm_done_s": connected,
        "all_active_s": active,
        "ports/s": count / active,
        "neutron_share": 1 - max(0.0, connected - requested) / active,
    }
    case: dict[str, Value] = {"through": control_point, "ports": count, "delay_ms": delay}
    return Figures("cloud", case, values)


def _agent_conf(folder: Path, place: Place) -> Path:
    mapping = f"{PHYSICAL_NETWORK}:{VSWITCH_OF[PHYSICAL_NETWORK]}"
    options = {"host": HOST, "vswitch_mappings": mapping, **_way(place)}
    return write_conf(folder / f"{HOST}.ini", {"zvm": options})


def _way(place: Place) -> dict[str, str]:
    """The options that name the control point."""
    match place.control_point:
        case ControlPoint.XCAT:
            return {
                "xcat_server": place.address,
                "xcat_username": XCAT_USER,
                "xcat_password": XCAT_PASSWORD,
                "xcat_zhcp_nodename": ZHCP_NODE,
                "xcat_ca_file": place.ca_file,
            }
        case ControlPoint.FEILONG:
            return {
                "feilong_server": place.address,
                "feilong_token_file": place.token_file,
                "feilong_ca_file": place.ca_file,
                "user_prefix": USER_PREFIX,
            }
        case ControlPoint.SMAPI:
            return {
                "smapi_server": place.address,
                "smapi_username": SMAPI_USER,
                "smapi_password": SMAPI_PASSWORD,
                "smapi_tls": "false",
                "user_prefix": USER_PREFIX,
            }


def _wait_until_active(database: Path, count: int) -> None:
    """Looks into the database: to list ports would cost Neutron more than to make them. TimeoutError."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while (active := _count_active(connection)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{active} of {count} ports are ACTIVE after {PATIENCE:g} s")
            pause.wait(LOOK_EVERY)


def _count_active(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM ports WHERE status = 'ACTIVE'").fetchone()[0])
