"""The ways to reach a z/VM system: one contract (`base`), one module per control point.

Here all I/O towards z/VM happens, and here alone. Decisions are made elsewhere (`networking_zvm.plan`);
these modules know neither Neutron nor Nova.
"""
