"""One small system for the tests of the commands, and the settings of its agent."""

import dataclasses

from networking_zvm import model
from networking_zvm.settings import (
    ControlPoint,
    FeilongSettings,
    Settings,
    SmapiSettings,
    Tls,
    XcatSettings,
)

WEB1 = model.NicAddress(model.Userid("WEB1"), model.Vdev("1000"))
DB1 = model.NicAddress(model.Userid("DB1"), model.Vdev("0600"))
PREFIX = model.MacPrefix("02:00:00")


def vswitch(name: str, **properties: object) -> model.VSwitch:
    usual = model.VSwitch(model.VSwitchName(name), uplink=model.Uplink.READY, rdevs=("1000",))
    return dataclasses.replace(usual, **properties)


def system(*vswitches: model.VSwitch) -> model.System:
    """WEB1 is on, with a NIC on VSW1; DB1 is off, with a NIC whose MAC CP will pick."""
    return model.System(
        ipl_time="2026-11-22 08:00:00",
        mac_prefix=PREFIX,
        vswitches={v.name: v for v in vswitches},
        directory={
            WEB1: model.DirectoryNic(WEB1, "000001", model.VSwitchName("VSW1")),
            DB1: model.DirectoryNic(DB1),
        },
        live={WEB1: model.LiveNic(WEB1, model.Mac("02:00:00:00:00:01"), model.VSwitchName("VSW1"))},
        logged_on=frozenset({WEB1.userid}),
    )


def info(**properties: object) -> model.SystemInfo:
    usual = model.SystemInfo("ZVMA", "z/VM 7.1", "2026-11-22 08:00:00", PREFIX, "xCAT 2.8.3.16", 0.2)
    return dataclasses.replace(usual, **properties)


def xcat_settings(**properties: object) -> Settings:
    """properties: of XcatSettings."""
    return settings(xcat=dataclasses.replace(XcatSettings("https://mn:443", "admin", "s3cret"), **properties))


def feilong_settings(**properties: object) -> Settings:
    """properties: of FeilongSettings."""
    usual = FeilongSettings("https://zcc:443", "/etc/zvmsdk/token.dat")
    feilong = dataclasses.replace(usual, **properties)
    return settings(control_point=ControlPoint.FEILONG, xcat=None, feilong=feilong)


def smapi_settings(**properties: object) -> Settings:
    """properties: of SmapiSettings."""
    usual = SmapiSettings("zvm.example.com", 44444, "NEUTRON", "s3cret", Tls())
    smapi = dataclasses.replace(usual, **properties)
    return settings(control_point=ControlPoint.SMAPI, xcat=None, smapi=smapi)


def settings(**properties: object) -> Settings:
    name = model.VSwitchName("VSW1")
    usual = Settings(
        host="zvm1",
        control_point=ControlPoint.XCAT,
        xcat=XcatSettings("https://mn:443", "admin", "s3cret"),
        vswitch_of={"net1": name},
        specs={name: model.VSwitchSpec(name, vlan_aware=True, rdevs=("1000",))},
        vlan_networks=("net1",),
        base_mac="02:00:00:00:00:00",
    )
    return dataclasses.replace(usual, **properties)
