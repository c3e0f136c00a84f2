"""A whole OpenStack on loopback: Keystone, Placement, Glance, Neutron and Nova as processes.

    with OpenStack(settings, told) as cloud:
        cloud.connect().compute.servers()

`cloud` puts together what the other modules bring: `site` is what they all must know, `service` the seam, and
each service has a module of its own. `environment` says where their programs are and what is missing here.
"""
