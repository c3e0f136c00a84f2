"""What the files say is what the agent gets."""

import socket

import pytest
from oslo_config import cfg

from networking_zvm import conf
from networking_zvm.settings import Credentials, ServerPlugin, Tls


def test_the_least_there_must_be(site):
    settings = site.load()
    assert settings.xcat.url == "https://mn.example.com:443"
    assert settings.xcat.tls == Tls(None, verify=True)
    assert settings.xcat.credentials is Credentials.HEADERS
    assert settings.xcat.timeout == 300
    assert settings.host == socket.gethostname()
    assert (settings.polling_interval, settings.audit_interval, settings.report_interval) == (2, 60, 30)
    assert (settings.parallelism, settings.persistent_authorization) == (6, False)
    assert settings.base_mac is None


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("mn", "https://mn:443"),
        ("mn.example.com:8443", "https://mn.example.com:8443"),
        ("https://mn.example.com", "https://mn.example.com:443"),
        ("https://mn.example.com:8443/", "https://mn.example.com:8443"),
        ("10.1.2.3", "https://10.1.2.3:443"),
        ("[fd00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_the_server_may_be_written_in_several_ways(site, written, url):
    assert site.load(f"[zvm]\nxcat_server = {written}\n").xcat.url == url


def test_service_guests(site):
    told = site.load("[zvm]\nservice_guests = dhcp1:700:net1, A:B:0800:net1\n").service_guests
    assert [(guest.address.userid, guest.address.vdev, guest.physical_network) for guest in told] == [
        ("DHCP1", "0700", "net1"),
        ("A:B", "0800", "net1"),
    ]


def test_the_host_is_neutrons_unless_told_otherwise(site):
    assert site.load("[DEFAULT]\nhost = zvm1\n").host == "zvm1"
    assert site.load("[DEFAULT]\nhost = zvm1\n[zvm]\nhost = zvm2\n").host == "zvm2"


def test_a_network_is_carried_by_the_vswitch_it_is_mapped_to(site):
    settings = site.load(
        "[zvm]\nvswitch_mappings = net1:vsw1, storage:VSW2\n[ml2_type_flat]\nflat_networks = public\n"
    )
    assert settings.vswitch_of == {"net1": "VSW1", "storage": "VSW2", "public": "PUBLIC"}


def test_a_vswitch_is_created_only_if_it_is_known_to_be_vlan_aware_or_not(site):
    settings = site.load("[zvm]\nvswitch_mappings = storage:VSW2\n")
    assert "VSW2" not in settings.specs
    assert settings.specs["NET1"].vlan_aware


def test_a_network_that_is_flat_and_vlan_needs_an_aware_vswitch(site):
    settings = site.load("[ml2_type_flat]\nflat_networks = net1\n")
    assert settings.specs["NET1"].vlan_aware
    assert (settings.flat_networks, settings.vlan_networks) == (("net1",), ("net1",))


@pytest.mark.parametrize("section", ["net1", "NET1", "VSW1", "vsw1"])
def test_real_devices_stand_under_the_name_of_the_network_or_of_the_vswitch(site, section):
    settings = site.load(f"[zvm]\nvswitch_mappings = net1:VSW1\n[{section}]\nrdev_list = a3, 1000\n")
    assert settings.specs["VSW1"].rdevs == ("00A3", "1000")


def test_a_star_is_no_vswitch(site):
    reading = site.examine("[ml2_type_flat]\nflat_networks = *\n")
    assert reading.settings.vswitch_of == {"net1": "NET1"}
    assert "* names no network" in reading.notes[0]


def test_neutrons_default_star_is_no_vswitch_either(site):
    parsed = conf.parse(site.write("[zvm]\nvswitch_mappings = net1:VSW1\n"))
    parsed.register_opt(cfg.ListOpt("flat_networks", default="*"), "ml2_type_flat")
    parsed.set_override("xcat_server", "mn", "zvm")
    parsed.set_override("xcat_username", "u", "zvm")
    parsed.set_override("xcat_password", "p", "zvm")
    reading = conf.examine(parsed)
    assert reading.settings.vswitch_of == {"net1": "VSW1"}
    assert reading.notes == ()


def test_a_vlan_network_needs_no_range(site):
    assert site.load("[ml2_type_vlan]\nnetwork_vlan_ranges = net2,net2:5:9\n").vlan_networks == ("net2",)


def test_the_last_file_wins_whatever_the_names(site):
    settings = site.load("[zvm]\nxcat_timeout = 10\n", "[AGENT]\nzvm_xcat_timeout = 10\n")
    assert settings.xcat.timeout == 10


def test_a_dollar_sign_in_the_password_is_written_twice(site):
    assert site.load("[zvm]\nxcat_password = pa$$word\n").xcat.password == "pa$word"


def test_the_password_may_come_from_the_environment(site, monkeypatch):
    monkeypatch.setenv("OS_ZVM__XCAT_PASSWORD", "from-env")
    assert site.load().xcat.password == "from-env"


def test_a_folder_of_files(site, tmp_path):
    folder = tmp_path / "conf.d"
    folder.mkdir()
    (folder / "a.conf").write_text("[zvm]\nparallelism = 9\nspeling = x\n")
    reading = conf.examine(conf.parse([*site.write(MINIMUM), "--config-dir", str(folder)]))
    assert reading.errors == (f"{folder}/a.conf [zvm] speling: no such option: remove it",)


def test_several_agents_have_each_their_own(site, tmp_path):
    one = site.load("[DEFAULT]\nhost = zvm1\n")
    other = site.load("[DEFAULT]\nhost = zvm2\n")
    assert (one.host, other.host) == ("zvm1", "zvm2")
    assert "zvm" not in cfg.CONF


MINIMUM = """
[zvm]
xcat_server = mn
xcat_username = admin
xcat_password = s3cret
vswitch_mappings = net1:VSW1
"""


def test_ports_are_bound_by_our_driver_unless_told_otherwise(site):
    assert site.load().server_plugin is ServerPlugin.ZVM
    compatible = site.load("[zvm]\nserver_plugin = openvswitch\n")
    assert compatible.server_plugin is ServerPlugin.OPENVSWITCH
