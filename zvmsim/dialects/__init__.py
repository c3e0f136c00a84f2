"""How clients talk to the simulated z/VM: text and wire formats over one world.

Here live smcli and CP (`smcli`, `cp`), the little shell that carries them (`shell`) and the xCAT management
node's REST API (`xcat`). Not here: rules of z/VM (`zvmsim.world`).
May import: `zvmsim.world`, `zvmsim.journal`, `zvmsim.faults`, the standard library, Flask.
"""
