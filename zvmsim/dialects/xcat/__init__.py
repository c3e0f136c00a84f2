"""An xCAT management node: its tables, its commands on nodes, and REST version 1 over HTTPS.

Here live the tables (`tables`), the node's commands (`management_node`, `machines`, `power`, `definitions`),
scripts run on other nodes (`dsh`, `linux`), the shape of answers (`messages`) and HTTP (`rest`, `resources`).
What z/VM does is not known here: commands reach it through `zvmsim.dialects.smcli` and `zvmsim.dialects.cp`.
"""
