"""Configuration: from an operator's files to one frozen `Settings`, or to all that is wrong with them.

Here live the options (`options`), what the files literally say (`files`), the old and foreign names in them
(`names`), the networks and vswitches they speak of (`networks`), the way to z/VM (`control_points` and a
module for each), the guests' way onto vswitches (`authorization`), and the reading of it all (`reader`).
Nothing is kept: every call makes a fresh `oslo_config.cfg.ConfigOpts` or uses the caller's, and nothing here
imports Neutron, whose own options are read through oslo.config under their own names.
"""

from networking_zvm.conf.options import list_agent_opts, list_ml2_opts, register
from networking_zvm.conf.parsing import USUAL_FILES, default_files, parse
from networking_zvm.conf.reader import Reading, examine, load, settings_from

__all__ = [
    "USUAL_FILES",
    "Reading",
    "default_files",
    "examine",
    "list_agent_opts",
    "list_ml2_opts",
    "load",
    "parse",
    "register",
    "settings_from",
]
