"""The SMAPI functions: each a rule on a system, found by name in one registry.

`carry_out` runs a request, `is_mutating` tells whether a function changes anything. The modules group the
functions by idea.
"""

from zvmsim.world.functions import (
    activation,
    adapter,
    adapter_dm,
    definition,
    directory,
    disks,
    ip_interface,
    lan,
    lists,
    notification,
    resources,
    statistics,
    system,
    vswitch,
    vswitch_set,
)
from zvmsim.world.functions.registry import FUNCTIONS, carry_out, is_mutating

__all__ = [
    "FUNCTIONS",
    "activation",
    "adapter",
    "adapter_dm",
    "carry_out",
    "definition",
    "directory",
    "disks",
    "ip_interface",
    "is_mutating",
    "lan",
    "lists",
    "notification",
    "resources",
    "statistics",
    "system",
    "vswitch",
    "vswitch_set",
]
