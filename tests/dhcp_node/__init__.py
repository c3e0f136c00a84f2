"""A DHCP node for tests: see `node`."""
