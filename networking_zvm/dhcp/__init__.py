"""The DHCP node: Neutron's own DHCP agent in a guest whose NIC is a trunk port of a layer 2 vswitch.

Here live the interface driver that the agent loads (`interface`), what it asks Neutron (`placement`), and two
ways to give each network a device of its own: by the kernel (`kernel`), and by a helper process where the
kernel knows no VLANs (`trunk_client`; the process itself is `trunk` with `trunk_control`, `packets` and
`attachment`, which import neither Neutron nor anything heavy). What z/VM must allow the node's NIC is the
z/VM agent's business (`networking_zvm.agent`), not ours.
"""
