"""Nova through SMAPI itself.

No such driver exists; this is what one would do: make the guest, define its NICs with the MACs of their
ports, and leave the vswitch to the agent, which knows the NICs by these MACs. The calls are the product's.
"""

from collections.abc import Sequence
from typing import Final

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, smapi_changes, smapi_queries, smapi_wire
from networking_zvm.hypervisor.smapi_client import SmapiClient
from networking_zvm.hypervisor.smapi_wire import Answer, Call
from networking_zvm.settings import SmapiSettings
from zvmlab.compute.base import Compute, ComputeError, PluggedNic

STATEMENTS: Final = ("USER {userid} LBYONLY 1G 1G G", "CPU 00 BASE", "IPL 0100")
NOT_ON: Final = 12
"""Reason code of Image_Status_Query."""


class SmapiCompute(Compute):
    """The SMAPI server of one system."""

    def __init__(self, settings: SmapiSettings) -> None:
        super().__init__()
        self._client = SmapiClient(settings)

    def define(self, guest: str) -> None:
        userid = guest.upper()
        statements = [statement.format(userid=userid).encode() for statement in STATEMENTS]
        no_prototype, no_password, no_account = [smapi_wire.text("")] * 3
        parameters = no_prototype + no_password + no_account + smapi_wire.array(statements)
        self._change(Call("Image_Create_DM", userid, parameters))

    def plug(self, guest: str, nics: Sequence[PluggedNic]) -> None:
        for nic in nics:
            change = base.DefineNic(_address(guest, nic.vdev), model.Mac(nic.mac), vswitch=None)
            self._change(smapi_changes.define(change).call)

    def is_plugged(self, guest: str) -> bool:
        answer = self._query(smapi_queries.nic_statements(self._client.username))
        nics = smapi_queries.read_nic_statements(answer).values()
        vswitches = [nic.vswitch for nic in nics if nic.address.userid == guest.upper()]
        return bool(vswitches) and all(vswitches)

    def unplug(self, guest: str, nic: PluggedNic) -> None:
        change = base.RemoveNic(_address(guest, nic.vdev), live=self.is_on(guest))
        for request in smapi_changes.remove(change):
            self._change(request.call)

    def power_on(self, guest: str) -> None:
        self._change(Call("Image_Activate", guest.upper()))

    def is_on(self, guest: str) -> bool:
        return self._query(Call("Image_Status_Query", guest.upper())).rs != NOT_ON

    def destroy(self, guest: str) -> None:
        if self.is_on(guest):
            self._change(Call("Image_Deactivate", guest.upper(), smapi_wire.text("IMMED")))
        do_not_erase = b"\0"
        self._change(Call("Image_Delete_DM", guest.upper(), do_not_erase))

    def close(self) -> None:
        """Nothing to give back: connections do not outlive their calls."""

    def _query(self, call: Call) -> Answer:
        self.reads += 1
        try:
            return self._client.query(call)
        except errors.HypervisorError as error:
            raise ComputeError(str(error)) from error

    def _change(self, call: Call) -> None:
        self.changes += 1
        try:
            self._client.change(call)
        except errors.HypervisorError as error:
            raise ComputeError(str(error)) from error


def _address(guest: str, vdev: str) -> model.NicAddress:
    return model.NicAddress(model.Userid(guest), model.Vdev(vdev))
