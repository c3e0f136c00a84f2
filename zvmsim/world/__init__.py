"""The z/VM systems that zvmsim plays: state and rules, no I/O.

Here live the systems with their vswitches, guests and directory, the SMAPI functions that change them and
the gate through which every call passes. Not here: text or wire formats (`zvmsim.dialects`), files
(`zvmsim.inventory`). May import: the standard library, `zvmsim.clock`, `zvmsim.journal`, `zvmsim.faults`.
"""
