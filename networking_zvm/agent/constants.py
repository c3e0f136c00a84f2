"""Names under which Neutron knows this agent: those of the retired networking-zvm, so its rows stay valid."""

AGENT_TYPE = "z/VM agent"
AGENT_BINARY = "neutron-zvm-agent"
VIF_TYPE = "zvm"
VNIC_TYPE = "normal"
