"""`make lab-full`: the story of servers, on a whole OpenStack that boots them on two simulated z/VM systems.

`lab` puts together the cloud (`zvmlab.openstack`), the systems, and the real Feilong of each; `story` is told
on it; `main` is the command. The story of networks, on a Neutron alone, is `zvmlab.story`.
"""
