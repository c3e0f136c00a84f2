"""Worlds as YAML: load a file, dump a running world.

::

    lans: [campus, campus-trunk]        # physical LANs, by name
    latency: typical                    # or instant, bad day, {read: 0.1, write: 0.2, directory: 0.5}
        (seconds)
    faults: [...]                       # rules as in zvmsim.faults
    systems:
      ZVMA:
        level: 710                      # SMAPI functional level
        dna: true                       # Directory Network Authorization
        system_prefix: "020001"         # MACs that z/VM chooses
        user_prefix: "020000"           # MACs of MACIDs; the same as system_prefix unless given
        behaviour: {regrant: bounce}    # zvmsim.world.behaviour
        osas: {A100: {lan: campus, chpid: 1A}}
        vswitches:
          XCATVSW2: {transport: ETHERNET, vlan: UNAWARE, rdevs: A100, grants: {ZHCPA: {}}}
          DATANET1: {transport: ETHERNET, vlan: AWARE, grants: {LNX1: {vlans: 10 20-29, persistent: false}}}
        guest_lans: {SYSTEM GLAN1: {type: QDIO}}
        directory:
          ZHCPA: [USER ZHCPA PW 1G 1G B, NICDEF 0600 TYPE QDIO LAN SYSTEM XCATVSW2]
        guests: {ZHCPA: {}}             # logged on; NICs come from the directory unless given;
                                        # mac_ids: {1000: 00ABCD} are those chosen with SET NIC MACID
        autolog: [ZHCPA]                # logged on after an IPL
    xcat: {...}                         # further sections belong to dialects: zvmsim.dialects.xcat.config,
    smapi: {...}                        # zvmsim.dialects.smapi.config

Scalars are texts, so device numbers need no quotes. A vswitch is in SYSTEM CONFIG unless it says
`persistent: false`;
`system_config` lists vswitches whose definition there differs from the running one.

May import: `zvmsim.world`, `zvmsim.faults`, PyYAML. Knows nothing about dialects: they hand in checks for
    their sections.
"""

from zvmsim.inventory.dumping import dump
from zvmsim.inventory.loading import Inventory, load
from zvmsim.inventory.reader import InventoryError

__all__ = ["Inventory", "InventoryError", "dump", "load"]
