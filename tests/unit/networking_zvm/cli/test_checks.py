"""What is judged how. Each case is one look at one system."""

import dataclasses
import datetime

import pytest

from networking_zvm import model
from networking_zvm.cli import checks
from networking_zvm.cli.connection import Connection, of_connection
from networking_zvm.cli.findings import Finding, Level
from networking_zvm.conf import Reading
from networking_zvm.hypervisor.connect import CAPABILITIES
from networking_zvm.settings import ControlPoint, Credentials, ServerPlugin, ServiceGuest, Tls
from tests.unit.networking_zvm.cli.samples import (
    DB1,
    WEB1,
    feilong_settings,
    info,
    settings,
    smapi_settings,
    system,
    vswitch,
    xcat_settings,
)

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
YEAR = NOW + datetime.timedelta(days=365)


def the_only(found) -> Finding:
    (finding,) = found
    return finding


def of_topic(found, topic: str) -> Finding:
    return the_only(finding for finding in found if finding.topic == topic)


class TestConfiguration:
    def test_errors_fail(self):
        found = list(checks.of_configuration(Reading(None, errors=("a", "b")), ()))
        assert [(f.level, f.text) for f in found] == [(Level.FAIL, "a"), (Level.FAIL, "b")]

    def test_notes_and_old_names_warn(self):
        found = list(checks.of_configuration(Reading(settings(), notes=("n",), old_names=("o",)), ()))
        assert [(f.level, f.text) for f in found[:2]] == [(Level.WARN, "n"), (Level.WARN, "o")]
        assert found[2] == Finding(Level.OK, "configuration", "host zvm1, 1 physical network")

    def test_who_binds_the_ports_is_told_where_it_is_not_our_driver(self):
        compatible = settings(server_plugin=ServerPlugin.OPENVSWITCH)
        found = the_only(checks.of_configuration(Reading(compatible), ()))
        assert found.level is Level.OK
        assert found.text.endswith("ports bound by Neutron's own driver openvswitch")

    def test_a_password_for_everybody_warns(self):
        found = list(checks.of_configuration(Reading(settings()), ["/etc/x.ini"]))
        assert found[0].level is Level.WARN
        assert found[0].remedy == "chmod o-r /etc/x.ini"


class TestConnection:
    def judge(self, changed, expires=None) -> list[Finding]:
        return list(of_connection(changed, Connection.of(changed), expires, NOW))

    @pytest.mark.parametrize("of_point", [settings, feilong_settings, smapi_settings])
    def test_a_verified_certificate_is_fine(self, of_point):
        finding = the_only(self.judge(of_point(), YEAR))
        assert finding.level is Level.OK
        assert "2027-11-22" in finding.text

    @pytest.mark.parametrize("of_point", [settings, feilong_settings, smapi_settings])
    def test_one_that_expires_soon_warns(self, of_point):
        soon = NOW + datetime.timedelta(days=3)
        assert the_only(self.judge(of_point(), soon)).level is Level.WARN

    @pytest.mark.parametrize(
        ("of_point", "secret", "option"),
        [
            (xcat_settings, "password", "xcat_ca_file"),
            (feilong_settings, "token", "feilong_ca_file"),
            (smapi_settings, "password", "smapi_ca_file"),
        ],
    )
    def test_no_verification_warns(self, of_point, secret, option):
        finding = the_only(self.judge(of_point(tls=Tls(verify=False))))
        assert finding.level is Level.WARN
        assert secret in finding.text
        assert option in finding.remedy

    def test_credentials_in_the_url_warn(self):
        xcat = dataclasses.replace(settings().xcat, credentials=Credentials.QUERY)
        levels = [finding.level for finding in self.judge(settings(xcat=xcat), YEAR)]
        assert levels == [Level.WARN, Level.OK]

    def test_feilong_over_http_warns(self):
        finding = the_only(self.judge(feilong_settings(url="http://zcc:8080")))
        assert finding.level is Level.WARN
        assert "http://zcc:8080: without TLS the token" in finding.text
        assert "https://" in finding.remedy

    def test_feilong_without_token_warns(self):
        warned, fine = self.judge(feilong_settings(token_file=None), YEAR)
        assert (warned.level, fine.level) == (Level.WARN, Level.OK)
        assert "can change every guest" in warned.text
        assert "Nova's own driver cannot send one" in warned.text

    def test_smapi_without_tls_warns(self):
        finding = the_only(self.judge(smapi_settings(tls=None)))
        assert finding.level is Level.WARN
        assert "zvm.example.com:44444: without TLS the password" in finding.text
        assert "smapi_tls" in finding.remedy


class TestDescription:
    def judge(self, topic, described=None, **changed) -> Finding:
        return of_topic(checks.of_description(settings(**changed), described or info()), topic)

    @pytest.mark.parametrize("version", ["xCAT 2.8.3.16", "xCAT 2.8.3.17", "xCAT 2.13.0", "xCAT 2.10"])
    def test_a_new_enough_xcat(self, version):
        assert self.judge("control point", info(control_point_version=version)).level is Level.OK

    @pytest.mark.parametrize("version", ["xCAT 2.8.3.5", "xCAT 2.8", "xCAT what"])
    def test_an_old_xcat_warns(self, version):
        finding = self.judge("control point", info(control_point_version=version))
        assert finding.level is Level.WARN
        assert "2.8.3.16" in finding.text

    @pytest.mark.parametrize(("version", "level"), [("1.6.3", Level.OK), ("1.5.9", Level.WARN)])
    def test_feilongs_version(self, version, level):
        described = info(control_point_version=f"Feilong {version}")
        finding = of_topic(checks.of_description(feilong_settings(), described), "control point")
        assert finding.level is level
        assert finding.remedy == (None if level is Level.OK else "update Feilong")

    def test_any_smapi_will_do(self):
        described = info(control_point_version="SMAPI level 640")
        finding = of_topic(checks.of_description(smapi_settings(), described), "control point")
        assert finding == Finding(Level.OK, "control point", "SMAPI level 640 answers")

    @pytest.mark.parametrize(
        ("base_mac", "level"),
        [
            ("02:00:00:00:00:00", Level.OK),
            ("02:00:00:4f:00:00", Level.OK),
            ("fa:16:3e:00:00:00", Level.FAIL),
            ("02:00:01:00:00:00", Level.FAIL),
            ("nonsense", Level.FAIL),
            (None, Level.WARN),
        ],
    )
    def test_base_mac_must_have_the_systems_prefix(self, base_mac, level):
        finding = self.judge("MAC prefix", base_mac=base_mac)
        assert finding.level is level
        assert (finding.remedy is None) == (level is Level.OK)
        if finding.remedy:
            assert "base_mac = 02:00:00:00:00:00" in finding.remedy

    @pytest.mark.parametrize(
        ("skew", "level", "word"),
        [
            (0.3, Level.OK, "agree"),
            (-4.0, Level.OK, "4 s behind"),
            (6.0, Level.WARN, "6 s ahead"),
            (-90.0, Level.WARN, "90 s behind"),
            (None, Level.WARN, "cannot"),
        ],
    )
    def test_the_clocks(self, skew, level, word):
        finding = self.judge("clock", info(clock_skew=skew))
        assert finding.level is level
        assert word in finding.text


GRANT_ONLY = CAPABILITIES[ControlPoint.XCAT]
ALL_WAYS = CAPABILITIES[ControlPoint.SMAPI]


def test_feilong_does_not_tell_the_time():
    found = checks.of_description(feilong_settings(), info(clock_skew=None))
    assert of_topic(found, "clock").level is Level.SKIP


class TestUserPrefix:
    def test_nobody_has_named_one(self):
        assert list(checks.of_user_prefix(None, system())) == []

    def test_the_one_that_live_nics_have(self):
        assert list(checks.of_user_prefix(model.MacPrefix("02:00:00"), system())) == []

    def test_nothing_shows_another(self):
        off = dataclasses.replace(system(), live={})
        assert list(checks.of_user_prefix(model.MacPrefix("02:00:09"), off)) == []

    def test_another_than_live_nics_have_fails(self):
        finding = the_only(checks.of_user_prefix(model.MacPrefix("02:00:09"), system()))
        assert finding.level is Level.FAIL
        assert "set user_prefix = 02:00:00" in finding.remedy


class TestNetworks:
    def judge(self, *vswitches, able=GRANT_ONLY, authorizes=False, **changed) -> Finding:
        seen = dataclasses.replace(system(*vswitches), directory_authorizes=authorizes)
        return the_only(checks.of_system(settings(**changed), seen, able))

    def test_a_fit_vswitch(self):
        finding = self.judge(vswitch("VSW1", vlan_aware=True))
        assert finding.level is Level.OK
        assert finding.text == (
            "net1 -> VSW1: layer 2, VLAN aware, uplink ready 1000; "
            "authorization by grant: all NICs of a guest there share their VLAN"
        )

    @pytest.mark.parametrize(
        ("port_based", "pinned", "told"),
        [
            (False, None, "VLAN aware, uplink ready 1000; authorization by directory record: each NIC"),
            (True, None, "VLAN aware, PORTBASED, uplink ready 1000; authorization by numbered port: each"),
            (True, model.Way.GRANT, "PORTBASED, uplink ready 1000; authorization by grant: all NICs"),
            (True, model.Way.DIRECTORY, "PORTBASED, uplink ready 1000; authorization by directory record"),
            (False, model.Way.PORT, "VLAN aware, uplink ready 1000; authorization by numbered port"),
        ],
    )
    def test_the_way_that_new_nics_are_let_in(self, port_based, pinned, told):
        finding = self.judge(
            vswitch("VSW1", vlan_aware=True, port_based=port_based),
            able=ALL_WAYS,
            authorizes=True,
            authorization=pinned,
        )
        assert finding.level is Level.OK
        assert told in finding.text

    def test_without_vlans_there_is_no_word_of_them(self):
        finding = self.judge(vswitch("VSW1"), vlan_networks=(), flat_networks=("net1",))
        assert finding.text.endswith("authorization by grant")

    @pytest.mark.parametrize("way", [model.Way.DIRECTORY, model.Way.PORT])
    def test_a_way_that_this_release_may_not_have_is_doubted(self, way):
        aware = vswitch("VSW1", vlan_aware=True)
        finding = self.judge(aware, able=ALL_WAYS, authorization_of={aware.name: way})
        assert finding.level is Level.WARN
        assert f"authorization by {way} needs Directory Network Authorization" in finding.text
        assert "grant or auto" in finding.remedy

    def test_a_flat_network_may_use_an_aware_vswitch(self):
        finding = self.judge(vswitch("VSW1", vlan_aware=True), vlan_networks=(), flat_networks=("net1",))
        assert finding.level is Level.OK

    @pytest.mark.parametrize(
        ("faults", "word"),
        [({"vlan_aware": False}, "VLAN unaware"), ({"layer": model.Layer.IP, "vlan_aware": True}, "layer 3")],
    )
    def test_an_unfit_vswitch_fails(self, faults, word):
        finding = self.judge(vswitch("VSW1", **faults))
        assert finding.level is Level.FAIL
        assert word in finding.text
        assert finding.remedy
        assert "map net1 to another vswitch" in finding.remedy
        assert "delete" not in finding.remedy

    @pytest.mark.parametrize(
        "oddity",
        [
            {"uplink": model.Uplink.DOWN},
            {"uplink": model.Uplink.NONE},
            {"rdevs": ("2000",)},
        ],
    )
    def test_oddities_warn(self, oddity):
        assert self.judge(vswitch("VSW1", vlan_aware=True, **oddity)).level is Level.WARN

    def test_one_that_will_be_created_is_fine(self):
        finding = self.judge()
        assert finding.level is Level.OK
        assert "will create it VLAN aware, uplink 1000" in finding.text

    def test_one_that_will_be_created_without_uplink_warns(self):
        name = model.VSwitchName("VSW1")
        assert self.judge(specs={name: model.VSwitchSpec(name, True)}).level is Level.WARN

    def test_one_that_nobody_will_create_fails(self):
        assert self.judge(specs={}).level is Level.FAIL

    def test_a_network_that_is_only_mapped_needs_a_layer_2_vswitch(self):
        mapped = {"specs": {}, "vlan_networks": ()}
        assert self.judge(vswitch("VSW1"), **mapped).level is Level.OK
        assert self.judge(vswitch("VSW1", layer=model.Layer.IP), **mapped).level is Level.FAIL


class TestServiceGuests:
    NODE = ServiceGuest(WEB1, "net1")

    def judge(self, *vswitches, able=ALL_WAYS, guest=NODE) -> Finding:
        seen = dataclasses.replace(system(*vswitches), directory_authorizes=True)
        return the_only(checks.of_service_guests(settings(service_guests=(guest,)), seen, able))

    def test_one_that_serves(self):
        port = model.SwitchPort(WEB1.userid, frozenset({model.VlanId(200), model.VlanId(100)}))
        finding = self.judge(vswitch("VSW1", vlan_aware=True, ports={1024: port}))
        assert finding.level is Level.OK
        told = "WEB1 1000: net1 on VSW1 VLAN 100, 200: coupled; authorization by port"
        assert finding.text == told

    def test_one_that_cannot_be_a_trunk_fails(self):
        finding = self.judge(vswitch("VSW1", vlan_aware=True), able=CAPABILITIES[ControlPoint.FEILONG])
        assert finding.level is Level.FAIL
        assert "cannot make a guest a trunk port" in finding.text

    def test_one_that_is_off_warns(self):
        finding = self.judge(vswitch("VSW1", vlan_aware=True), guest=ServiceGuest(DB1, "net1"))
        assert finding.level is Level.WARN
        assert finding.remedy == "log DB1 on"

    def test_a_native_vlan_of_its_own_warns(self):
        vlans = {"default_vlan": model.VlanId(50), "native_vlan": model.VlanId(1)}
        finding = self.judge(vswitch("VSW1", vlan_aware=True, **vlans))
        assert finding.level is Level.WARN
        assert "append :50" in finding.remedy


def test_records_are_counted():
    records = [
        model.PortRecord("a", WEB1),
        model.PortRecord("b", model.NicAddress(model.Userid("NEW1"), model.Vdev("1000"))),
    ]
    finding = the_only(checks.of_records(records, system(), GRANT_ONLY))
    assert finding.text == "2 Neutron ports are recorded, 1 of their NICs are in the directory"


def test_where_there_are_no_records_nics_are_found_by_mac():
    finding = the_only(checks.of_records([], system(), ALL_WAYS))
    assert finding.level is Level.OK
    assert "finds the NICs of ports by their MACs (2 NICs are in the directory)" in finding.text
