"""Real packets: the guests' NICs as TAP devices of a switch process that follows the world.

`wiring` says, computed from a world, everything that decides where a frame goes; `fabric` follows frames by
it, with `frames` for 802.1Q tags. These are pure. What goes on in the kernel (namespaces, TAP devices, the
switch process) stands in the modules beside them. How z/VM's rules are read here is a second, independent
reading next to `zvmsim.oracle`, so nothing here may import that; a test holds the two against each other.
"""

from zvmsim.dataplane.needs import missing as missing
