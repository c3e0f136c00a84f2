"""A real Neutron 29 to tell the story on: two ways to run it behind one seam.

`base` is the seam. `embedded` needs no servers: Neutron and the agents share one child process, on SQLite and
an in-process message bus. `full` is how sites run: MariaDB, RabbitMQ, Neutron's API and RPC server and every
agent as processes of their own. Nothing of z/VM is here: a cloud knows agents only by their module.
It may import Neutron and the lab's `neutron_api`, neither the simulator nor the product.
"""
