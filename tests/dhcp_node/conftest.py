"""One DHCP node and one agent for the tests of a module, with nothing plugged when a test begins."""

import pytest

from tests.dhcp_node import node as dhcp_node


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    if why := dhcp_node.missing():
        pytest.skip(why)
    node = dhcp_node.Node(tmp_path_factory.mktemp("node"))
    yield node
    node.end()


@pytest.fixture(scope="module")
def settled_agent(node):
    with dhcp_node.agent(node) as agent:
        yield agent


@pytest.fixture
def agent(node, settled_agent):
    yield settled_agent
    node.clear(settled_agent)
