"""Lets Nova find networking-zvm's driver: it looks for `compute_driver` below nova.virt and nowhere else."""

from networking_zvm.compute.driver import ZVMNetworkDriver

__all__ = ["ZVMNetworkDriver"]
