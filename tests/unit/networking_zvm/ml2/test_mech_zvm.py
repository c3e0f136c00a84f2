"""Neutron's own tests for mechanism drivers with agents, for the retired agent's report and for today's."""

from neutron.tests.unit.plugins.ml2 import _test_mech_agent as base

from networking_zvm.ml2 import mech_zvm

RETIRED = {"vswitch_mappings": {"fake_physical_network": "VSW1"}}
TODAY = RETIRED | {
    "mac_prefix": None,
    "vswitches": {"VSW1": {"layer": 2, "vlan_aware": True, "authorization": "grant", "uplink": "ready"}},
}
ALWAYS = {"port_filter": False, "connectivity": "l2"}
VSWITCH = ALWAYS | {"vswitch": "VSW1"}
AUTHORIZED = VSWITCH | {"zvm_authorization": "grant"}


def agent(configurations, host="host", alive=True):
    return {"agent_type": "z/VM agent", "host": host, "alive": alive, "configurations": configurations}


class ZvmBase(base.AgentMechanismBaseTestCase):
    VIF_TYPE = "zvm"
    AGENT_TYPE = "z/VM agent"
    VIF_DETAILS = ALWAYS
    CONFIGS = RETIRED

    def setUp(self):
        super().setUp()
        wrong = {"vswitch_mappings": {"wrong_physical_network": "VSW1"}}
        self.AGENTS = [agent(self.CONFIGS)]
        self.AGENTS_DEAD = [agent(self.CONFIGS, alive=False)]
        self.AGENTS_BAD = [agent(self.CONFIGS, "bad1", alive=False), agent(wrong, "bad2")]
        self.driver = mech_zvm.ZvmMechanismDriver()
        self.driver.initialize()
        self.addCleanup(self._check_shared_details_untouched)

    def _check_shared_details_untouched(self):
        assert self.driver.vif_details == ALWAYS


class TestGeneric(ZvmBase, base.AgentMechanismGenericTestCase):
    pass


class TestLocal(ZvmBase, base.AgentMechanismLocalTestCase):
    pass


class TestFlat(ZvmBase, base.AgentMechanismFlatTestCase):
    VIF_DETAILS = VSWITCH


class TestVlan(ZvmBase, base.AgentMechanismVlanTestCase):
    VIF_DETAILS = VSWITCH | {"vlan": "1234"}


class TestLocalToday(TestLocal):
    CONFIGS = TODAY


class TestFlatToday(ZvmBase, base.AgentMechanismFlatTestCase):
    CONFIGS = TODAY
    VIF_DETAILS = AUTHORIZED


class TestVlanToday(ZvmBase, base.AgentMechanismVlanTestCase):
    CONFIGS = TODAY
    VIF_DETAILS = AUTHORIZED | {"vlan": "1234"}


class TestTunnel(ZvmBase, base.AgentMechanismGreTestCase):
    """A tunnelled network is nothing for a vswitch."""

    def test_type_gre(self):
        context = base.FakePortContext(self.AGENT_TYPE, self.AGENTS, self.GRE_SEGMENTS)
        self.driver.bind_port(context)
        self._check_unbound(context)
