"""The compute side: how Nova boots, plugs and unplugs guests on z/VM with networks that are right.

`driver` is the class that Nova loads, a subclass of its own z/VM driver; `intree` says what of that one it
relies on, `novaconf` reads nova.conf, `metadata` words the config drive. `guest_nics` makes NICs together
with what the guest is told of them: `networkop` and its helpers do the one, over the hypervisor contract,
`guestnet` the other; none of these knows Nova. Only in this package may Nova be imported.
"""
