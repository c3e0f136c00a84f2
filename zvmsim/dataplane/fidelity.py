"""The data plane's part of the fidelity table (`zvmsim.fidelity`): rule, source, test."""

_FABRIC = "tests/unit/zvmsim/dataplane/test_fabric.py::"
_WIRING = "tests/unit/zvmsim/dataplane/test_wiring.py::"
_GUESS = "guess"

ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "What a switch does not know goes out of the uplink and to promiscuous NICs, not to all guests",
        "Connectivity 7.3 (guests' MACs decide); vm.ibm.com MUSSEL vswitch for IP; for Ethernet a guess",
        _FABRIC + "TestAddresses::test_a_frame_for_a_stranger_goes_out_and_to_no_guest",
    ),
    (
        "What comes in by the uplink for a MAC that no guest has is discarded",
        "Connectivity 7.3; vm.ibm.com MUSSEL vswitch for IP; for Ethernet a guess",
        _FABRIC + "TestAddresses::test_a_frame_for_a_stranger_does_not_come_in",
    ),
    (
        "A MAC that a guest sends with is the guest's, as if registered, unless it is another NIC's",
        _GUESS,
        _FABRIC + "TestAddresses::test_a_guest_is_known_by_any_address_it_sends_with",
    ),
    (
        "With MACPROTECT, frames with another MAC than the NIC's are dropped",
        "CP SET NIC 7.2; that it is frames that are dropped is a guess",
        _FABRIC + "TestAddresses::test_mac_protection_stops_foreign_addresses",
    ),
    (
        "MACPROTECT UNSPECIFIED leaves it to the system; layer 3 switches have none",
        "pysmapi captures (IP: NOMACPROTECT); the first half is a guess",
        _WIRING + "test_mac_protection_left_open_is_the_systems",
    ),
    (
        "A NIC that may be promiscuous is, and sees all frames of its VLANs that isolation and VEPA let pass",
        "NICDEF 7.1; in CP SET NIC 7.2 the guest turns it on; the bounds of VLANs and isolation are guesses",
        _FABRIC + "TestAddresses::test_a_promiscuous_port_sees_all_of_its_vlans",
    ),
    (
        "An isolated switch does not send frames between its guests out of the uplink either",
        "APAR VM64463 (all communication between the guest ports is disabled)",
        _FABRIC + "TestIsolation::test_guests_see_the_outside_and_not_each_other",
    ),
    (
        "VEPA does not undo isolation",
        _GUESS,
        _FABRIC + "TestVepa::test_isolation_prevails",
    ),
    (
        "A trunk port may also tag frames of the native VLAN; it receives them untagged",
        "Altmark, IBMVM list, 2008-06-24; that the tag is accepted is a guess",
        _FABRIC + "TestTags::test_a_trunk_port_sees_them_but_for_the_native_vlan",
    ),
    (
        "A VLAN-aware switch refuses frames with two tags",
        _GUESS,
        _FABRIC + "TestTags::test_two_of_them_could_change_vlan_and_are_refused",
    ),
)
