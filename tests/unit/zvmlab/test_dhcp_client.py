"""What the event script says is what the lease says."""

import ipaddress
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zvmlab.dhcp_client import EVENT_SCRIPT, Event, Lease, read_event

addresses = st.ip_addresses(v=4).map(str)
leases = st.builds(
    Lease,
    address=st.builds(lambda ip, mask: ipaddress.IPv4Interface((ip, mask)), addresses, st.integers(0, 32)),
    server=addresses,
    seconds=st.integers(1, 2**32 - 1),
    routers=st.lists(addresses, max_size=3).map(tuple),
    dns=st.lists(addresses, max_size=3).map(tuple),
    mtu=st.none() | st.integers(68, 65535),
    routes=st.lists(st.tuples(st.ip_addresses(v=4).map("{}/32".format), addresses), max_size=3).map(tuple),
)


def variables(lease: Lease) -> dict[str, str]:
    """As udhcpc sets them for its script."""
    address, mask = str(lease.address).split("/")
    found = {
        "interface": "enc1000",
        "ip": address,
        "mask": mask,
        "serverid": lease.server,
        "lease": str(lease.seconds),
        "router": " ".join(lease.routers),
        "dns": " ".join(lease.dns),
        "mtu": "" if lease.mtu is None else str(lease.mtu),
        "staticroutes": " ".join(word for route in lease.routes for word in route),
    }
    return {name: value for name, value in found.items() if value}


def said(kind: str, **environment: str) -> str:
    """The script's words about an event that changes nothing on the NIC."""
    done = subprocess.run(
        [str(EVENT_SCRIPT), kind],
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@given(lease=leases)
def test_a_lease_is_read_as_it_was_granted(lease: Lease) -> None:
    words = variables(lease)
    fields = ("serverid", "lease", "router", "dns", "mtu", "staticroutes")
    line = "|".join(["bound", str(lease.address), *(words.get(field, "") for field in fields)])
    assert read_event(f"{line}\n") == Event("bound", lease)


@pytest.mark.parametrize("mtu", [None, 1400])
def test_the_script_says_what_udhcpc_tells_it(mtu: int | None) -> None:
    address = ipaddress.IPv4Interface("10.0.0.5/24")
    lease = Lease(
        address, "10.0.0.2", 600, ("10.0.0.1",), ("10.0.0.3", "10.0.0.4"), mtu, (("10.9.0.0/16", "10.0.0.9"),)
    )
    assert read_event(said("renew", **variables(lease))) == Event("renew", lease)


@pytest.mark.parametrize("kind", ["nak", "leasefail"])
def test_other_events_have_no_lease(kind: str) -> None:
    assert read_event(said(kind, interface="enc1000")) == Event(kind)
