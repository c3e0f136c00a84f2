"""The same site behind each control point, for the suite that every driver must pass."""

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import yaml

from networking_zvm import model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.feilong import FeilongHypervisor
from networking_zvm.hypervisor.smapi import SmapiHypervisor
from networking_zvm.settings import FeilongSettings, SmapiSettings, Tls
from tests.scenarios.site import Site, XcatSite, inventory
from zvmlab.feilong import Feilong
from zvmsim.dialects.smcli import Style
from zvmsim.server import Simulator
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.smapi import Request

PREFIX = model.MacPrefix("02:00:00")
"""The user prefix of the shipped inventory: neither Feilong nor SMAPI tells it."""


@dataclass(frozen=True)
class Means:
    """A control point and the way of authorization that the operator asks for through it.

    style: of the smcli on xCAT's zHCP.
    """

    control_point: str
    way: model.Way | None
    style: Style = "zhcp"

    def __str__(self) -> str:
        style = f"-{self.style}" if self.style != "zhcp" else ""
        return f"{self.control_point}-{self.way or 'auto'}{style}"

    @property
    def separates_vlans(self) -> bool:
        """Whether two NICs of a guest on one vswitch may have different VLANs."""
        return self.control_point != "xcat" and self.way is not model.Way.GRANT


MEANS = (
    Means("xcat", None),
    Means("feilong", None),
    Means("feilong", model.Way.GRANT),
    Means("smapi", None),
    Means("smapi", model.Way.GRANT),
    Means("smapi", model.Way.PORT),
)


class SmapiSite(Site):
    """Through SMAPI itself. Nova's part is the network operations': they define the NIC, with its MAC."""

    def connect(self, timeout: float = 10.0) -> SmapiHypervisor:
        host, port = self.simulator.smapi_addresses["ZVMA"]
        settings = SmapiSettings(host, port, "NEUTRON", "neutron1", timeout=timeout)
        return SmapiHypervisor(settings, persistent=False, user_prefix=PREFIX)

    def create_guest(self, userid: str, *, on: bool = False) -> None:
        records = (f"USER {userid} LBYONLY 1G 2G G",)
        reply = self.world.smapi("ZVMA", Request("Image_Create_DM", userid, {}, records), caller="MAINT")
        assert (reply.rc, reply.rs) == (0, 0)
        if on:
            self.logon(userid)

    def announce(self, port_id: str, userid: str, vdev: str) -> None:
        address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
        self.hypervisor.change([base.DefineNic(address, self.neutron.wanted[port_id].mac, None)])

    def withdraw(self, port_id: str) -> None:
        macid = f"{int(port_id[1:]):06X}"
        nics = self.hypervisor.observe().directory.values()
        self.hypervisor.change([base.RemoveNic(n.address, live=True) for n in nics if n.macid == macid])

    def delete_guest(self, userid: str) -> None:
        self.simulator.control.logoff("ZVMA", userid)
        reply = self.world.smapi("ZVMA", Request("Image_Delete_DM", userid), caller="MAINT")
        assert (reply.rc, reply.rs) == (0, 0)


class FeilongSite(Site):
    """Through the real Feilong, in which Nova makes guests and NICs."""

    def __init__(self, simulator: Simulator, feilong: Feilong, way: model.Way | None = None) -> None:
        self.feilong = feilong
        super().__init__(simulator, way)

    def connect(self, timeout: float = 60.0) -> FeilongHypervisor:
        tls = Tls(str(self.feilong.ca_file))
        settings = FeilongSettings(self.feilong.url, str(self.feilong.admin_token_file), tls, timeout)
        return FeilongHypervisor(settings, user_prefix=PREFIX, clock=self.clock)

    def create_guest(self, userid: str, *, on: bool = False) -> None:
        guest = {"userid": userid, "vcpus": 1, "memory": 1024, "disk_list": []}
        self.rest("POST", "/guests", {"guest": guest})
        if on:
            self.logon(userid)

    def announce(self, port_id: str, userid: str, vdev: str) -> None:
        nic = {"vdev": vdev, "nic_id": port_id, "mac_addr": self.neutron.wanted[port_id].mac}
        self.rest("POST", f"/guests/{userid}/nic", {"nic": nic})

    def withdraw(self, port_id: str) -> None:
        (row,) = self.rest("GET", f"/guests/nics?nic_id={port_id}")
        path = f"/guests/{row['userid']}/nic/{row['interface']}"
        on = self.rest("GET", f"/guests/{row['userid']}/power_state_real") == "on"
        self.rest("DELETE", path, {"active": on})

    def delete_guest(self, userid: str) -> None:
        self.rest("DELETE", f"/guests/{userid}")

    def forget_all_guests(self) -> None:
        """Empty Feilong's own tables."""
        for userid in self.rest("GET", "/guests"):
            self.delete_guest(userid)

    @functools.cached_property
    def _token(self) -> str:
        assert self.feilong.admin_token_file
        admin = {"X-Admin-Token": self.feilong.admin_token_file.read_text()}
        answer = self._session.post(f"{self.feilong.url}/token", headers=admin, timeout=60)
        return answer.headers["X-Auth-Token"]

    @functools.cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.feilong.ca_file)
        return session

    def rest(self, method: str, path: str, body: object = None) -> Any:
        headers = {"X-Auth-Token": self._token}
        answer = self._session.request(
            method, self.feilong.url + path, json=body, headers=headers, timeout=60
        ).json()
        assert answer["overallRC"] == 0, answer
        return answer["output"]


@contextlib.contextmanager
def site_behind(means: Means, behaviour: Behaviour | None = None) -> Iterator[Site]:
    """A running site behind xCAT or SMAPI; it behaves as given where z/VM's behaviour is unsettled."""
    with Simulator.from_inventory(inventory(smcli=means.style)) as simulator:
        _behave(simulator, behaviour)
        kind = XcatSite if means.control_point == "xcat" else SmapiSite
        here = kind(simulator, means.way)
        yield here
        here.hypervisor.close()


@contextlib.contextmanager
def site_behind_feilong(
    simulator: Simulator, feilong: Feilong, means: Means, behaviour: Behaviour | None = None
) -> Iterator[Site]:
    """As site_behind(); the server goes on from site to site, the simulated z/VM begins anew."""
    simulator.replace_inventory(yaml.safe_dump(inventory()))
    _behave(simulator, behaviour)
    here = FeilongSite(simulator, feilong, means.way)
    yield here
    here.world.faults.clear()
    here.forget_all_guests()
    here.hypervisor.close()


def _behave(simulator: Simulator, behaviour: Behaviour | None) -> None:
    for system in simulator.world.systems.values():
        system.behaviour = behaviour or Behaviour()
