"""Names that the agent, the server and Nova must write alike.

Those of the retired driver are kept, so that ports it bound and agents it knew stay valid.
Source: networking-zvm mech_zvm.py and zvm_neutron_agent.py; VIF detail keys without a prefix are Neutron's.
"""

AGENT_TYPE = "z/VM agent"
AGENT_BINARY = "neutron-zvm-agent"
VIF_TYPE = "zvm"
VNIC_TYPE = "normal"

OVS_AGENT_TYPE = "Open vSwitch agent"
OVS_VIF_TYPE = "ovs"
OVS_BRIDGE = "zvm"
"""What ports show as their integration bridge where Neutron's Open vSwitch driver binds them to a vswitch."""

DETAIL_BRIDGE = "bridge_name"
DETAIL_VSWITCH = "vswitch"
DETAIL_AUTHORIZATION = "zvm_authorization"
