"""The pure parts of the DHCP node's interface driver; the rest is told with frames in tests/dhcp_node."""
