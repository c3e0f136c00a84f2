"""z/VM commands for programs that run beside the simulator as if in a Linux guest: smcli, vmcp, vmur and
iucvclnt.

`zvm-command` is the executable under all these names; it sends its words to a `CommandService`, which answers
for one guest of one system. Feilong's server, unmodified, is the client this is for.
May import `zvmsim.world` and the dialects smcli, cp and shell; nothing of HTTP.
"""
