"""Runs Nova's own unit tests of its z/VM driver with ours in its place; for `test_novas_own_tests`.

One test is not run, for what it asks for is what ours is there to replace.
"""

import sys
import types
import unittest

import nova.tests.unit  # noqa: F401  before anything else: it decides between threads and eventlet
from nova.virt import configdrive
from nova.virt.zvm import driver

from networking_zvm.compute import driver as our_driver
from networking_zvm.compute import intree, metadata

MODULES = [f"nova.tests.unit.virt.zvm.test_{name}" for name in ("driver", "guest", "hypervisor", "utils")]
REPLACED = "test_private_setup_network"
"""The first address of each NIC and no more, sent to Feilong as Nova's driver does it."""


def take_its_place() -> None:
    """Nova's __init__ calls super() by the name of its class, ours from now on: it gets its own back.

    For the same reason what `intree` looks up there has to be forgotten.
    """
    theirs = driver.ZVMDriver
    init = theirs.__init__
    names = {**vars(driver), "ZVMDriver": theirs}
    theirs.__init__ = types.FunctionType(init.__code__, names, closure=init.__closure__)
    driver.ZVMDriver = our_driver.ZVMNetworkDriver
    intree.PARAMETERS.clear()


def answer_what_they_have_not() -> None:
    """No database, no image properties, and a subnet whose CIDR has host bits, as none of Neutron's has."""
    metadata.device_metadata = lambda context, instance: None
    configdrive.required_by = lambda instance: True
    our_driver._nets = lambda instance, network_info: []


def tests(suite: unittest.TestSuite) -> list[unittest.TestCase]:
    nested = ([item] if isinstance(item, unittest.TestCase) else tests(item) for item in suite)
    return [test for some in nested for test in some]


if __name__ == "__main__":
    take_its_place()
    answer_what_they_have_not()
    every = tests(unittest.defaultTestLoader.loadTestsFromNames(MODULES))
    ours = unittest.TestSuite(test for test in every if not test.id().endswith(REPLACED))
    sys.exit(not unittest.TextTestRunner().run(ours).wasSuccessful())
