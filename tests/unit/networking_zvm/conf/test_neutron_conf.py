"""Beside Neutron's own registrations, on its global configuration object, in a process of its own."""

import json
import subprocess
import sys

import pytest

from tests.unit.networking_zvm.conf import sample_files

AGENT = """
import dataclasses, json, sys
from oslo_config import cfg
from neutron.common import config as common_config
from neutron.conf.agent import common as agent_config
from neutron.conf.plugins.ml2.drivers import agent as ml2_agent, driver_type
from networking_zvm import conf

conf.register(cfg.CONF)
common_config.register_common_config_options()
agent_config.register_agent_state_opts_helper(cfg.CONF)
agent_config.register_root_helper(cfg.CONF)
ml2_agent.register_agent_opts(cfg.CONF)
driver_type.register_ml2_drivers_flat_opts(cfg.CONF)
driver_type.register_ml2_drivers_vlan_opts(cfg.CONF)
cfg.CONF(sys.argv[1:], project="neutron")
own, neutrons = conf.load(sys.argv[1:]), conf.settings_from(cfg.CONF)
conf.register(cfg.CONF)
print(json.dumps({
    "same": dataclasses.replace(own, base_mac=None) == dataclasses.replace(neutrons, base_mac=None),
    "base_mac": [own.base_mac, neutrons.base_mac],
    "report_interval": cfg.CONF.AGENT.report_interval, "polling_interval": cfg.CONF.zvm.polling_interval,
}))
"""


@pytest.mark.parametrize("names", [sample_files.ADVANCED, sample_files.QUANTUM])
def test_both_ways_lead_to_the_same_settings(names):
    command = [sys.executable, "-W", "ignore", "-c", AGENT, *sample_files.arguments(names)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    own_mac, neutrons_mac = result["base_mac"]
    assert result["same"]
    assert neutrons_mac == (own_mac or "fa:16:3e:00:00:00")
    if names == sample_files.ADVANCED:
        assert (result["report_interval"], result["polling_interval"]) == (10, 5)
