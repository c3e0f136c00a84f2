"""The ways to z/VM that the lab knows, a module each: what runs there, how an agent finds it, where to look.

`base` is the seam. What Nova does through each of them is in `zvmlab.compute`, what the product's agent does
in `networking_zvm.hypervisor`.
"""
