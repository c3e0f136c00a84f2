"""`trunk_interfaces`, the sample files, and who may hold these options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neutron.agent.common import utils as agent_utils
from oslo_config import cfg

from networking_zvm import conf, errors, model
from networking_zvm.conf import dhcp
from networking_zvm.conf.dhcp import Mode, TrunkNic, trunk_nics
from networking_zvm.dhcp.interface import ZvmInterfaceDriver
from tests.dhcp_node.node import ROOT


def test_nics_by_physical_network():
    assert trunk_nics(["physnet1:enc1000", " net2 : enc2000:10 "]) == {
        "physnet1": TrunkNic("enc1000"),
        "net2": TrunkNic("enc2000", model.VlanId(10)),
    }


@pytest.mark.parametrize(
    "wrong", ["physnet1", ":enc1000", "physnet1:", "physnet1:-x", "physnet1:enc1000:0", "a:b:1:2", ""]
)
def test_what_is_wrong_is_named_with_the_way_out(wrong):
    with pytest.raises(errors.ConfigurationError) as caught:
        trunk_nics([wrong, "physnet9:enc9000"])
    assert repr(wrong) in str(caught.value)
    assert "trunk_interfaces" in str(caught.value)
    assert len(caught.value.errors) == 1


@pytest.mark.parametrize("second", ["physnet1:enc2000", "physnet2:enc1000"])
def test_neither_network_nor_nic_may_be_named_twice(second):
    with pytest.raises(errors.ConfigurationError, match="already"):
        trunk_nics(["physnet1:enc1000", second])


@given(st.lists(st.text()))
def test_any_text_gives_nics_or_a_list_of_faults(entries):
    try:
        good = len(trunk_nics(entries))
    except errors.ConfigurationError as error:
        good = len(entries) - len(error.errors)
    assert 0 <= good <= len(entries)


def test_the_sample_of_a_node_is_right():
    sample = cfg.ConfigOpts()
    dhcp.register(sample)
    sample.register_opts([cfg.StrOpt("interface_driver"), cfg.StrOpt("host")])
    folder = ROOT / "etc/dhcp-node"
    sample([], default_config_files=[str(folder / "neutron.conf"), str(folder / "dhcp_agent.ini")])

    assert trunk_nics(sample.zvm.trunk_interfaces) == {"physnet1": TrunkNic("enc1000")}
    assert Mode(sample.zvm.trunk_mode) is Mode.AUTO
    assert sample.host == "zvm1"


def test_neutron_finds_the_driver_by_its_name(tmp_path):
    found = cfg.ConfigOpts()
    found.register_opts([cfg.StrOpt("interface_driver"), cfg.StrOpt("state_path"), cfg.StrOpt("host")])
    found([], default_config_files=[str(ROOT / "etc/dhcp-node/dhcp_agent.ini")])
    found.set_override("state_path", str(tmp_path))

    assert type(agent_utils.load_interface_driver(found)) is ZvmInterfaceDriver


def test_the_zvm_agent_says_where_these_options_belong(tmp_path):
    file = tmp_path / "shared.conf"
    file.write_text(
        "[zvm]\nfeilong_server = x\ntrunk_interfaces = physnet1:enc1000\n[ml2_type_flat]\nflat_networks = a\n"
    )
    with pytest.raises(errors.ConfigurationError, match=r"trunk_interfaces.*dhcp_agent.ini"):
        conf.load(["--config-file", str(file)])
