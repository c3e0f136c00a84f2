"""SMAPI itself: the Systems Management API as it travels over TCP, one server per z/VM system.

Here live the bytes: `layouts` holds every function's request and reply as data, `server` the connections,
`config` the `smapi:` section of an inventory. What a function does stands in `zvmsim.world.functions`; texts
that clients make of its answers, in `zvmsim.dialects.smcli`.

Source of the protocol: captures of z/VM 7.1 in pysmapi (tests/*.test); zthin smSocket.c and vmapi*.c; SMAPI
manual.

May import: zvmsim.world, zvmsim.inventory.
"""
