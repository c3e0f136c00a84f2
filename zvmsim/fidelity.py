"""How far the simulated z/VM can be trusted: each rule with its source, or marked a guess, and the test
that holds it.

The documentation renders this table. A rule whose sources contradict each other or are silent names the
switch of `zvmsim.world.behaviour.Behaviour` that turns it.
"""

from dataclasses import dataclass

from zvmsim.dataplane.fidelity import ROWS as FRAME_ROWS
from zvmsim.dialects.commands.fidelity import ROWS as COMMAND_ROWS
from zvmsim.dialects.smapi.fidelity import ROWS as SMAPI_ROWS

GUESS = "guess"

_TESTS = "tests/unit/zvmsim/world/"
_SMCLI = "tests/unit/zvmsim/dialects/test_smcli.py::"


@dataclass(frozen=True, slots=True)
class Fidelity:
    """One rule.

    source: where it comes from, or GUESS. test: pytest node id. switch: the Behaviour switch, "" if the
        rule is fixed.
    """

    rule: str
    source: str
    test: str
    switch: str = ""


def _rule(rule: str, source: str, test: str, switch: str = "") -> Fidelity:
    return Fidelity(rule, source, f"{_TESTS}{test}", switch)


_COUPLE = "test_guests.py::TestCoupleAnswersInOrder::"
_DNA = "test_authorization.py::TestDirectoryAuthorization::"
_AGAIN = "test_authorization.py::TestGrantingAgain::"
_LOCK = "test_directory.py::TestLock::"
_EDITS = "test_directory.py::TestNicdefEdits::"
_PORTS = "test_authorization.py::TestPorts::"
_UPLINK = "test_vswitches.py::TestUplink::"

TABLE: tuple[Fidelity, ...] = (
    # Guests, NICs, MACs
    _rule(
        "LOGON builds the NICs of the directory: the user's own, then those of the included profile",
        "NICDEF 7.1", "test_guests.py::test_a_profile_adds_its_nics",
    ),
    _rule(
        "A NIC that may not couple comes up uncoupled, the LOGON succeeds",
        GUESS, "test_guests.py::test_a_nic_without_authorization_comes_up_uncoupled",
    ),
    _rule(
        "LOGOFF destroys all NICs; grants stay",
        "CP SET VSWITCH 7.2; vm.ibm.com hintdet",
        "test_guests.py::test_logoff_takes_the_nics_and_leaves_the_grants",
    ),
    _rule(
        "vswitches and NICs draw their MACs from one counter behind the system prefix",
        "pysmapi captures", "test_guests.py::test_macs_of_cp_come_from_one_counter_for_nics_and_vswitches",
    ),
    _rule(
        "A NIC has a new MAC after LOGOFF and LOGON unless NICDEF has a MACID (user prefix + MACID)",
        "vm.ibm.com hintdet; pysmapi captures",
        "test_guests.py::test_a_nic_changes_its_mac_over_logoff_unless_it_has_a_macid",
    ),
    _rule(
        "A second live NIC with one MACID is refused with 396/2797",
        GUESS, "test_guests.py::test_two_nics_with_one_macid",
        "duplicate_macid",
    ),
    _rule(
        "SET NIC USERid userid vdev MACID USER mmmmmm gives the NIC that is defined there next its MAC",
        "CP SET NIC 7.2 (what is or will be the data device); openSUSE mkcloud sends it for the base device; "
        "that it holds until LOGOFF or MACID SYSTEM, and at once for a live NIC, is a guess",
        "test_guests.py::test_set_nic_macid_of_a_nic_to_be_defined",
    ),
    _rule(
        "The device numbers of a guest's NICs may not overlap: 204/4; beyond FFFF: 204/2",
        "SMAPI 7.1 message tables (pysmapi)", "test_guests.py::test_live_nics_may_not_overlap",
    ),
    _rule(
        "adapter_type of Create_Extended is HIPERSOCKETS unless given",
        "zthin smcliVirtual.c", "test_guests.py::test_a_nic_is_hipersockets_unless_it_says_otherwise",
    ),
    _rule(
        "Deleting a coupled NIC uncouples it",
        GUESS, "test_guests.py::test_detaching_a_coupled_nic_uncouples_it",
    ),
    _rule(
        "Querying the adapters of a guest without any: 212/8",
        "SMAPI 7.1 message tables (pysmapi)", "test_guests.py::test_query_of_adapters",
    ),
    _rule(
        "COMMAND statements of the directory run at LOGON",
        "xCAT lsvm sample", "test_guests.py::test_command_statements_run_at_logon_with_their_own_authority",
    ),
    _rule(
        "Image_Status_Query of a guest that is off: return code 0, reason 12",
        "pysmapi captures", "test_guests.py::test_image_status",
    ),
    # IPL
    _rule(
        "An IPL keeps SYSTEM CONFIG and the directory and loses what was only set on the running system",
        "SYSTEM CONFIG DEFINE/MODIFY VSWITCH; networking-zvm re-grants after IPL",
        "test_guests.py::TestIpl::test_keeps_system_config_and_directory_and_nothing_else",
    ),
    _rule(
        "An IPL starts counting MACs anew",
        GUESS, "test_guests.py::TestIpl::test_moves_the_ipl_time_and_starts_counting_macs_anew",
    ),
    _rule(
        "A vswitch deleted without persist comes back with the IPL",
        "SMAPI Vswitch_Delete_Extended",
        "test_guests.py::TestIpl::test_a_switch_deleted_without_persist_comes_back",
    ),
    # COUPLE
    _rule(
        "Connect_Vswitch to a vswitch that does not exist: 212/40 (396/2788)",
        "Feilong maps both codes", _COUPLE + "test_no_such_switch",
        "couple_missing_vswitch",
    ),
    _rule(
        "Connect_Vswitch of a NIC that is coupled there already: 204/20; elsewhere: 212/28 (396/6011)",
        "Feilong's function tests expect a conflict", _COUPLE + "test_coupled_already",
        "couple_other_vswitch",
    ),
    _rule(
        "Connect_Vswitch without authorization: 212/8, before the check of the NIC's type: 212/28",
        "SMAPI 7.1 message tables (pysmapi); the order is a guess",
        _COUPLE + "test_not_authorized_comes_before_wrong_type",
    ),
    _rule(
        "Connect_Vswitch also reaches a SYSTEM guest LAN of the name",
        "pysmapi captures", "test_vswitches.py::TestGuestLan::test_a_nic_couples_to_it_as_to_a_vswitch",
    ),
    _rule(
        "Deleting a vswitch uncouples its NICs",
        GUESS, "test_vswitches.py::test_deleting_a_switch_uncouples_its_nics",
    ),
    # GRANT and REVOKE
    _rule(
        "GRANT takes users that the directory does not know",
        GUESS, "test_authorization.py::test_a_grant_may_name_a_user_that_does_not_exist",
    ),
    _rule(
        "GRANT of an authorized user replaces its attributes and acts on coupled NICs at once",
        "Feilong PR 810 and commit af368e633; SMAPI has 212/44",
        _AGAIN + "test_replaces_and_reaches_coupled_nics_at_once",
        "regrant",
    ),
    _rule(
        "GRANT without VLAN on a switch without default VLAN leaves the NIC coupled, in no VLAN",
        "Feilong PR 810 (switch shown with Default VLAN: NONE)",
        _AGAIN + "test_without_vlan_takes_the_nic_out_of_its_vlan",
    ),
    _rule(
        "REVOKE leaves existing connections (or uncouples)",
        "zthin help of Vswitch_Set_Extended; networking-zvm agent says the opposite",
        "test_authorization.py::TestRevoke::test_takes_the_leave_and_perhaps_the_connection",
        "revoke_uncouples",
    ),
    _rule(
        "REVOKE of a user that is not authorized: 0/0",
        "pysmapi captures", "test_authorization.py::TestRevoke::test_of_a_user_without_grant",
    ),
    _rule(
        "REVOKE takes the user's numbered ports too",
        "pysmapi captures (gt@vsw2)", "test_authorization.py::TestRevoke::test_takes_ports_too",
    ),
    _rule(
        "A VLAN for a user of a VLAN-unaware switch: 396/2846",
        "Feilong smtclient.py and function tests", "test_authorization.py::test_vlans_on_an_unaware_switch",
    ),
    _rule(
        "user_vlan_id: at most 19 characters, 4 ids or 2 ranges, blanks or commas between",
        "zthin help of Vswitch_Set_Extended",
        "test_authorization.py::test_vlan_lists_that_smapi_does_not_take",
    ),
    _rule(
        "ACCESS with several VLANs is refused with 396/2853 (or the lowest counts)",
        GUESS, "test_authorization.py::test_an_access_port_with_several_vlans",
        "access_vlan_set",
    ),
    _rule(
        "persist=YES for a switch that SYSTEM CONFIG does not define: 620/60, nothing changes",
        "SMAPI 7.1 message tables (pysmapi); that nothing changes is a guess",
        "test_authorization.py::TestPersistence::test_a_lasting_grant_needs_the_switch_in_system_config",
    ),
    _rule(
        "VLANs of a user are listed one by one (or as ranges)",
        GUESS, "test_authorization.py::test_vlans_in_the_list_of_users",
        "range_listing",
    ),
    _rule(
        "A user without VLAN is listed with vlan_count 0 and no id (or 1 and the default VLAN's or 0)",
        "pysmapi captures (7.1); Feilong smtclient.py; of aware vswitches and which id, a guess",
        "test_authorization.py::test_a_user_without_vlan_in_the_list",
        "no_vlan_count",
    ),
    _rule(
        "Set_Extended takes one of grant, revoke, portnum..., and options only where they belong: 8/24",
        GUESS, "test_authorization.py::test_conflicting_keywords",
    ),
    # Numbered ports
    _rule(
        "AUTO couples to the lowest free port of the user, on a PORTBASED switch before its GRANT",
        GUESS, _PORTS + "test_cp_takes_the_lowest_free_port",
    ),
    _rule(
        "A port that another NIC or guest has: 396/3034",
        "APAR VM66907", _PORTS + "test_a_port_can_be_chosen_once",
    ),
    _rule(
        "GRANT and numbered ports live side by side on every switch",
        "APAR VM65925; pysmapi captures", _PORTS + "test_a_grant_works_beside_ports",
    ),
    _rule(
        "vlan_port_remove of a VLAN that was never added: 396/3040",
        "pysmapi captures", _PORTS + "test_vlans_come_and_go_by_port",
    ),
    _rule(
        "VLANs that a port got by VLANID are listed with it (or are not)",
        GUESS, _PORTS + "test_vlans_by_vlanid_in_the_list_of_users",
        "vlanid_listed",
    ),
    _rule(
        "vlan_delete is an unknown keyword up to z/VM 7.1: 8/3002",
        "pysmapi captures; that later levels know it is a guess",
        _PORTS + "test_vlan_delete_is_unknown_to_7_1",
    ),
    # Directory Network Authorization
    _rule(
        "With it a NICDEF is authorization enough, and is listed as a user while coupled",
        "APAR VM65925; Feilong PR 810", _DNA + "test_nicdef_alone_lets_the_nic_couple_with_its_vlan",
    ),
    _rule(
        "An active COUPLE uses the NICDEF that is in the directory now",
        "Feilong PR 810; COUPLE 7.3", _DNA + "test_an_active_couple_uses_the_directory_of_now",
    ),
    _rule(
        "Attributes that NICDEF leaves open come from the GRANT",
        GUESS, _DNA + "test_what_nicdef_leaves_open_comes_from_the_grant",
    ),
    _rule(
        "A later GRANT overrides NICDEF for live NICs (or NICDEF stays)",
        "Feilong PR 810, indirect", _DNA + "test_a_later_grant_against_the_directory",
        "directory_wins",
    ),
    _rule(
        "PORTTYPE or VLAN on NICDEF for a VLAN-unaware switch: 396/2848 at COUPLE (or ignored)",
        "Feilong commit cdda3e207, symptom not stated", _DNA + "test_port_type_on_an_unaware_switch",
        "porttype_on_unaware",
    ),
    # The directory
    _rule(
        "Image_Replace_DM needs the lock (400/24) and releases it",
        "SMAPI 7.1 message tables (pysmapi); the release is a guess",
        _LOCK + "test_replace_needs_it_and_releases_it",
    ),
    _rule(
        "While another holds the lock, changes answer 400/12",
        "SMAPI 7.1 message tables (pysmapi); Feilong retries on it", _LOCK + "test_keeps_others_out",
    ),
    _rule(
        "Create_DM and Connect_Vswitch_DM write one record: TYPE, LAN, DEVICES, MACID",
        "Feilong's function tests", _EDITS + "test_create_connect_disconnect_delete",
    ),
    _rule(
        "Disconnect_DM takes VLAN and PORTTYPE away with the LAN",
        GUESS, _EDITS + "test_statements_over_several_records",
    ),
    _rule(
        "Disconnect_DM of a NIC without LAN: 212/32 (412/16)",
        "Feilong knows 212/32; SMAPI 7.1's table has 412/16",
        _EDITS + "test_disconnecting_what_is_not_connected",
        "disconnect_dm_uncoupled",
    ),
    _rule(
        "Image_Definition_Update_DM writes the NICDEF it is given and nothing else",
        "xCAT: directory after the agent; that left-out operands go is a guess",
        "test_directory.py::TestDefinition::test_update_writes_exactly_what_it_is_given",
    ),
    _rule(
        "An unknown keyword of Image_Definition_*_DM: 8/3002 with an error text that names it",
        "pysmapi captures", "test_directory.py::TestDefinition::test_an_unknown_keyword_is_named",
    ),
    _rule(
        "Records that make no entry: 596/3543",
        GUESS, "test_directory.py::TestEntries::test_records_that_make_no_entry",
    ),
    _rule(
        "While the object directory is offline, changes answer 0/8 and CP does not see them",
        "SMAPI Static_Image_Changes_*",
        "test_directory.py::test_while_the_object_directory_is_offline_changes_wait",
    ),
    # Vswitches, uplinks, guest LANs
    _rule(
        "A new vswitch has the defaults of DEFINE VSWITCH",
        "DEFINE VSWITCH 7.4", "test_vswitches.py::test_defaults_are_those_of_define_vswitch",
    ),
    _rule(
        "Keywords in any case, values cut down to their capitals",
        "pysmapi capture (DISCON); xCAT sends VEPA_STATUS",
        "test_vswitches.py::test_keywords_in_any_case_and_values_cut_short",
    ),
    _rule(
        "Bad keyword 8/3002, bad value 8/3003, missing 8/3004, conflict 8/24",
        "SMAPI 7.1 message tables (pysmapi)", "test_vswitches.py::test_what_create_does_not_take",
    ),
    _rule(
        "Positional functions: 24/ppnn, pp the parameter, nn 10 for its length and 11 for its value",
        "zthin rcdescriptions.c; the counting from the first parameter is a guess",
        "test_vswitches.py::test_the_plain_functions",
    ),
    _rule(
        "Connected NICs are listed newest first",
        "pysmapi captures", "test_vswitches.py::test_adapters_are_listed_newest_coupling_first",
    ),
    _rule(
        "The first usable RDEV is active, the next is its backup, both attached to a controller from 0600 on",
        "pysmapi captures; DEFINE VSWITCH 7.4", _UPLINK + "test_a_working_one",
    ),
    _rule(
        "Switch status 8 with a working OSA, 1 without uplink, 4 disconnected, 3 when no RDEV works",
        "pysmapi captures; 4 and the last are guesses", _UPLINK + "test_disconnect_and_connect",
    ),
    _rule(
        "LAN_Create answers 0/0 (0/20)",
        "pysmapi captures; the SMAPI manual has 0/20", "test_vswitches.py::TestGuestLan::test_create",
        "lan_created",
    ),
    _rule(
        "LAN_Query shows vswitches too",
        "pysmapi captures", "test_vswitches.py::TestGuestLan::test_query_shows_vswitches_too",
    ),
    # Frames
    _rule(
        "An access port neither sends nor receives tagged frames",
        "Altmark, IBMVM list, 2008-06-24", "test_oracle.py::TestTags::test_an_access_port_may_not_send_them",
    ),
    _rule(
        "A trunk port's untagged frames pass only if it is authorized for the native VLAN",
        "Altmark, IBMVM list, 2008-06-24",
        "test_oracle.py::TestTags::test_untagged_frames_of_a_trunk_port_need_the_native_vlan",
    ),
    _rule(
        "Isolation stops guest-to-guest frames in the switch and between systems on one OSA port",
        "APAR VM64463", "test_oracle.py::TestIsolation::test_of_systems_that_share_an_osa_port",
    ),
    _rule(
        "VEPA needs a working uplink even between guests of one switch",
        GUESS, "test_oracle.py::TestIsolation::test_vepa_needs_the_uplink",
    ),
    _rule(
        "Layer 2 and layer 3 switches exchange no frames (OSAs do turn IP packets into frames and back)",
        GUESS, "test_oracle.py::TestBetweenSystems::test_layers_do_not_mix",
    ),
    *(Fidelity(*row) for row in FRAME_ROWS),
    # smcli
    Fidelity(
        "smcli of the zHCP tells on one line what it does and that it is Done or Failed (xcat.smcli chooses)",
        "zVMopenstack/zhcp (2013 to 2016) wrapperutils.c; xcat-core chvm(1), zvm.pm",
        _SMCLI + "TestOutcomes::test_success",
    ),
    Fidelity(
        "It prints no user of a vswitch from the first on that has vlan_count 0, but all that comes after",
        "zVMopenstack/zhcp (2013 to 2016) smcliVirtual.c",
        _SMCLI + "TestLayouts::test_the_zhcp_forgets_the_users_from_the_first_without_vlan_on",
    ),
    Fidelity(
        "It does not know the functions of SMAPI levels above the system's",
        "zVMopenstack/zhcp smcli.c", _SMCLI + "TestLayouts::test_functions_of_later_levels_are_hidden",
    ),
    # Commands of Linux guests
    *(Fidelity(*row) for row in COMMAND_ROWS),
    # SMAPI over TCP
    *(Fidelity(*row) for row in SMAPI_ROWS),
    # The interface itself
    _rule("An unknown function: 900/12", "zthin rcdescriptions.c", "test_gate.py::test_an_unknown_function"),
    _rule(
        "Directory changes of one system wait for each other, other calls run side by side",
        "vm.ibm.com dirmperf; the times are guesses",
        "test_gate.py::TestDelays::test_directory_changes_wait_for_each_other",
    ),
)
