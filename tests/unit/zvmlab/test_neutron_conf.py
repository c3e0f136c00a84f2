"""The configuration files of a cloud, read back the way Neutron reads them."""

from pathlib import Path

import pytest
from oslo_config import cfg, types

from zvmlab.cloud.neutron_conf import NeutronSettings, agent_sections, server_sections, write_conf

SETTINGS = NeutronSettings(flat_networks=("ext", "mgmt"), vlan_ranges=("physnet1:100:199", "physnet2:5:9"))
LIST = types.List()


def read(path: Path, section: str, option: str) -> str:
    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.StrOpt(option), group=None if section == "DEFAULT" else section)
    conf(["--config-file", str(path)])
    return str(conf[option] if section == "DEFAULT" else conf[section][option])


def server_conf(state_dir: Path, settings: NeutronSettings = SETTINGS) -> Path:
    sections = server_sections(settings, state_dir, "rabbit://neutron:secret@h:1/", "sqlite:///x")
    return write_conf(state_dir / "neutron.conf", sections)


def test_the_callers_networks_reach_neutron(tmp_path: Path) -> None:
    conf = server_conf(tmp_path)
    assert LIST(read(conf, "ml2_type_flat", "flat_networks")) == ["ext", "mgmt"]
    assert LIST(read(conf, "ml2_type_vlan", "network_vlan_ranges")) == ["physnet1:100:199", "physnet2:5:9"]
    assert read(conf, "ml2", "project_network_types") == "vlan"


def test_without_vlan_ranges_projects_get_local_networks(tmp_path: Path) -> None:
    conf = server_conf(tmp_path, NeutronSettings(flat_networks=("ext",)))
    assert read(conf, "ml2", "project_network_types") == "local"


@pytest.mark.parametrize("option", ["quota_network", "quota_subnet", "quota_port"])
def test_nothing_is_limited(tmp_path: Path, option: str) -> None:
    assert read(server_conf(tmp_path), "quotas", option) == "-1"


def test_the_paste_file_it_names_exists(tmp_path: Path) -> None:
    assert Path(read(server_conf(tmp_path), "DEFAULT", "api_paste_config")).is_file()


def test_an_agent_gets_the_bus_but_not_the_database(tmp_path: Path) -> None:
    sections = agent_sections(SETTINGS, tmp_path, "rabbit://neutron:secret@h:1/")
    conf = write_conf(tmp_path / "agents.conf", sections)
    assert read(conf, "DEFAULT", "transport_url") == "rabbit://neutron:secret@h:1/"
    assert read(conf, "agent", "report_interval") == str(SETTINGS.report_interval)
    assert "database" not in sections


def test_only_the_owner_may_read_files_with_passwords(tmp_path: Path) -> None:
    assert server_conf(tmp_path).stat().st_mode & 0o777 == 0o600
