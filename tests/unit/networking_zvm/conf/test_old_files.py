"""Files of the retired agent start this one unchanged."""

import subprocess
import sys

import pytest

from networking_zvm import conf, model
from networking_zvm.settings import ControlPoint, FeilongSettings, ManagementNic, Settings, Tls
from tests.unit.networking_zvm.conf import sample_files


def load(names: tuple[str, ...]) -> Settings:
    return conf.load(sample_files.arguments(names))


def spec(name: str, vlan_aware: bool, *rdevs: str) -> model.VSwitchSpec:
    return model.VSwitchSpec(model.VSwitchName(name), vlan_aware, rdevs)


@pytest.mark.parametrize("names", sample_files.WITH_XCAT)
def test_an_old_file_starts_the_agent(names):
    settings = load(names)
    assert settings.xcat is not None
    assert settings.xcat.url == "https://1.2.3.4:443"
    assert settings.xcat.password == "admin"
    assert "admin" not in repr(settings).replace("mnadmin", "").replace("username='admin'", "")


def test_a_single_flat_network():
    settings = load(sample_files.SINGLE_FLAT)
    assert settings.vswitch_of == {"xcatvsw2": "XCATVSW2"}
    assert settings.specs == {"XCATVSW2": spec("XCATVSW2", False)}
    assert settings.flat_networks == ("xcatvsw2",)
    assert settings.xcat.username == "admin"
    assert settings.xcat.management_nic is None


def test_a_single_vlan_network():
    settings = load(sample_files.SINGLE_VLAN)
    assert settings.specs == {"XCATVSW3": spec("XCATVSW3", True)}
    assert (settings.flat_networks, settings.vlan_networks) == ((), ("xcatvsw3",))


def test_flat_and_vlan_with_every_option_set():
    settings = load(sample_files.ADVANCED)
    assert settings.host == "opnstk1"
    assert settings.specs == {
        "XCATVSW2": spec("XCATVSW2", False),
        "DATANET1": spec("DATANET1", True, "00A3"),
    }
    assert settings.xcat.zhcp_node == "zhcp"
    assert settings.xcat.timeout == 600
    assert settings.xcat.management_nic == ManagementNic("10.1.0.1", "255.255.0.0")
    assert settings.polling_interval == 5
    assert settings.report_interval == 10
    assert settings.log_heartbeats


def test_more_networks():
    assert load(sample_files.MORE_NETWORKS).specs == {
        "XCATVSW2": spec("XCATVSW2", False),
        "DATANET1": spec("DATANET1", True, "00A3"),
        "DATANET2": spec("DATANET2", False, "00A5"),
        "DATANET3": spec("DATANET3", True, "00A4"),
    }


def test_the_second_of_two_hosts():
    settings = load(sample_files.SECOND_HOST)
    assert (settings.host, settings.xcat.zhcp_node) == ("opnstk2", "zhcp2")
    assert settings.specs["DATANET1"].rdevs == ("1000", "2000")
    assert settings.base_mac == "02:00:01:00:00:00"


def test_the_quantum_era():
    settings = load(sample_files.QUANTUM)
    assert settings.flat_networks == ("xcatvsw2",)
    assert settings.vlan_networks == ("xcatvsw3",)
    assert settings.specs == {"XCATVSW2": spec("XCATVSW2", False), "XCATVSW3": spec("XCATVSW3", True)}


LOAD_TWICE = """
import logging, sys
from networking_zvm import conf
logging.basicConfig(format="%(message)s")
parsed = conf.parse(sys.argv[1:])
conf.settings_from(parsed)
print(parsed.zvm.xcat_server, parsed.zvm.xcat_server)
"""


def test_each_old_name_is_warned_of_once_however_often_it_is_read():
    command = [sys.executable, "-c", LOAD_TWICE, *sample_files.arguments(sample_files.ADVANCED)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    warned = sorted(line.split('"')[1] if "Deprecated" in line else "no effect" for line in lines)
    assert warned == [
        "no effect",  # root_helper
        "polling_interval",
        "xcat_mgt_ip",
        "xcat_mgt_mask",
        "xcat_zhcp_nodename",
        "zvm_host",
        "zvm_xcat_password",
        "zvm_xcat_server",
        "zvm_xcat_timeout",
        "zvm_xcat_username",
    ]
    assert "root_helper" in next(line for line in lines if "Deprecated" not in line)


def test_the_old_names_are_listed_with_their_new_ones():
    reading = conf.examine(conf.parse(sample_files.arguments(sample_files.SINGLE_FLAT)))
    assert [name.partition("[")[2] for name in reading.old_names] == [
        "AGENT] zvm_xcat_username is now [zvm] xcat_username",
        "AGENT] zvm_xcat_password is now [zvm] xcat_password",
        "AGENT] zvm_xcat_server is now [zvm] xcat_server",
        "AGENT] xcat_zhcp_nodename is now [zvm] xcat_zhcp_nodename",
    ]


class TestFeilong:
    @pytest.fixture
    def old_files(self, tmp_path) -> list[str]:
        return sample_files.with_feilong(tmp_path, "https://10.0.0.3:8080/")

    def test_its_old_files_start_the_agent(self, old_files, tmp_path):
        settings = conf.load(old_files)
        assert settings.control_point is ControlPoint.FEILONG
        assert settings.feilong == FeilongSettings(
            "https://10.0.0.3:8080", str(tmp_path / "token.dat"), Tls(str(tmp_path / "ca.pem"))
        )
        assert settings.xcat is None
        assert settings.specs == {
            "VSW2": spec("VSW2", False, "00A2"),
            "DATANET1": spec("DATANET1", True, "00A3"),
        }
        assert (settings.polling_interval, settings.report_interval) == (2, 10)

    def test_each_old_name_is_warned_of_once(self, old_files):
        reading = conf.examine(conf.parse(old_files))
        assert [name.partition("[")[2] for name in reading.old_names] == [
            "AGENT] cloud_connector_url is now [zvm] feilong_server",
            "AGENT] zvm_cloud_connector_token_file is now [zvm] feilong_token_file",
            "AGENT] zvm_cloud_connector_ca_file is now [zvm] feilong_ca_file",
            "AGENT] polling_interval is now [zvm] polling_interval",
        ]
        command = [sys.executable, "-c", LOAD_TWICE, *old_files]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
        assert sorted(line.split('"')[1] for line in lines if "Deprecated" in line) == [
            "cloud_connector_url",
            "polling_interval",
            "zvm_cloud_connector_ca_file",
            "zvm_cloud_connector_token_file",
        ]

    def test_plain_http_as_its_samples_had_it(self, tmp_path):
        reading = conf.examine(conf.parse(sample_files.with_feilong(tmp_path, "http://10.0.0.3:8080/")))
        assert reading.settings.feilong.url == "http://10.0.0.3:8080"
        assert any("travel readable" in note for note in reading.notes)


def test_the_old_credentials_are_no_longer_taken_for_granted(tmp_path):
    path = tmp_path / "neutron_zvm_plugin.ini"
    path.write_text("[AGENT]\nzvm_xcat_server = 1.2.3.4\n[ml2_type_flat]\nflat_networks = xcatvsw2\n")
    reading = conf.examine(conf.parse(["--config-file", str(path)]))
    assert len(reading.errors) == 2
    assert all("is not set" in error and "admin" in error for error in reading.errors)
