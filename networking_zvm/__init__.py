"""OpenStack networking for IBM z/VM: what operators install beside Neutron and Nova.

Here live the value types (`model`), the planner (`plan`), the ways to reach a z/VM (`hypervisor`), the
Neutron agent (`agent`), the ML2 mechanism driver (`ml2`), the interface driver of DHCP nodes (`dhcp`), the
Nova side (`compute`) and the operator's commands (`cli`). The simulator and the lab do not: this package
never imports `zvmsim` or `zvmlab`.
"""
