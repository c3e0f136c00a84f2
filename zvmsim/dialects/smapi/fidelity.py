"""SMAPI's part of the fidelity table (`zvmsim.fidelity`): rule, source, test, switch."""

_TESTS = "tests/unit/zvmsim/"
_SERVER = f"{_TESTS}smapi/test_server.py::"
_CAPTURES = f"{_TESTS}smapi/test_captures.py::"
_OPERATIONS = f"{_TESTS}world/test_operations.py::"
_DEFINITIONS = f"{_TESTS}world/test_definition_switches.py::"
_BEYOND = f"{_TESTS}world/test_beyond_networks.py::"
_PYSMAPI = "pysmapi captures (7.1)"
_GUESS = "guess"

ROWS: tuple[tuple[str, str, str, str], ...] = (
    # The protocol
    (
        "68 captured requests are read and answered as by z/VM, byte for byte where zvmsim has the state",
        _PYSMAPI, _CAPTURES + "test_the_answer_is_that_of_z_vm", "",
    ),
    (
        "The request's id comes at once, the outcome when the function is done",
        "pysmapi; zthin smSocket.c", _SERVER + "TestFrames::test_the_id_comes_before_the_outcome", "",
    ),
    (
        "900/20 for too few or too many bytes, 900/36 for a length that leaves the request or 1 MiB",
        "zthin rcdescriptions.c; which of the two is a guess",
        _SERVER + "TestFrames::test_what_is_no_request", "",
    ),
    (
        "Userid and password are checked first (120/0), then the function's name, then the target (100/20)",
        "SMAPI 7.1 message tables (pysmapi); the order is a guess",
        _SERVER + "TestWhoMayCall::test_others_are_turned_away", "",
    ),
    (
        "A user may be held to some targets; functions are not held back from anybody",
        "SMAPI manual, VSMWORK1 AUTHLIST; that z/VM answers 100/20 is a guess",
        _SERVER + "TestWhoMayCall::test_some_may_name_only_their_targets", "",
    ),
    (
        "System_Info_Query is also answered without userid, in its older frame",
        "zthin vmapiSystemInfoQuery.c; over TCP a guess",
        _SERVER + "TestFrames::test_the_legacy_frame_needs_no_userid", "",
    ),
    (
        "Any number of functions run at once, unless `workers` says how many; z/VM has VSMWORK1 to VSMWORK3",
        _GUESS, _SERVER + "TestWorkers::test_so_many_functions_run_at_once", "",
    ),
    (
        "A request that comes twice runs twice; Response_Recovery finds no answer: 4/4",
        "zthin smapiUtilities.c sends lost requests again; pysmapi captures",
        _SERVER + "TestFrames::test_a_request_that_comes_twice_runs_twice", "",
    ),
    (
        "Subscriptions to events and directory changes are taken, nothing is ever delivered",
        "pysmapi captures of the answers; the silence is zvmsim's",
        _BEYOND + "test_subscriptions_are_taken", "",
    ),
    (
        "Vswitch_Query_Extended names the first real device in place of every further one (or each its own)",
        "pysmapi captures (7.1); Feilong's function tests", _BEYOND + "test_real_devices_of_a_switch",
        "repeated_rdev",
    ),
    # Asynchronous operations
    (
        "Directory changes are done when they are answered (or 592/operation, done a second later)",
        "pysmapi captures; SMAPI manual for 592; vm.ibm.com dirmperf for the pause of a second",
        _OPERATIONS + "test_a_change_is_started_and_done_later", "directory_changes",
    ),
    (
        "Query_Asynchronous_Operation_DM: 0/100 succeeded, 0/104 in progress, 0/108 failed",
        "SMAPI manual; pysmapi conn.py", _OPERATIONS + "test_a_change_may_fail_when_its_time_comes", "",
    ),
    (
        "An operation that nobody knows: 0/0",
        _PYSMAPI, _OPERATIONS + "test_an_operation_that_nobody_knows_is_no_error", "",
    ),
    (
        "What can be refused is refused at once, also when changes are asynchronous",
        _GUESS, _OPERATIONS + "test_what_is_refused_is_refused_at_once", "",
    ),
    # Directory
    (
        "VLAN, PORTTYPE and PORTNUMBER in Image_Definition_Update_DM are written (refused, or left out)",
        _GUESS, _DEFINITIONS + "TestNetworkKeywords::test_accepted", "definition_network_keywords",
    ),
    (
        "Several VLANs stand behind one VLAN=, with blanks or commas between them",
        _GUESS, _DEFINITIONS + "test_several_vlans", "",
    ),
    (
        "Disconnect_DM leaves no VLAN, PORTTYPE or PORTNUMBER behind (or all of them)",
        _GUESS, _DEFINITIONS + "test_disconnecting_a_nic_of_several_records", "disconnect_dm_keeps_vlan",
    ),
    (
        "Statements other than NICDEF are accepted by Image_Definition_*_DM and not written",
        "pysmapi captures of the answers; the rest is zvmsim's",
        _DEFINITIONS + "test_other_statements_are_taken_and_not_written", "",
    ),
    (
        "Directory_Manager_Search_DM finds words one after the other, * for any characters, in any case",
        "pysmapi captures; that the words may begin anywhere is a guess",
        _DEFINITIONS + "TestSearch::test_words_in_their_order", "",
    ),
    (
        "Image_Name_Query_DM lists in the directory's order, the newest last",
        _PYSMAPI, _DEFINITIONS + "test_names_come_in_the_directorys_order", "",
    ),
    # Around networks
    (
        "Interfaces of TCP/IP stacks have names and nothing else; an unknown one: 8/12 and the stack's text",
        "pysmapi captures; Query's text is a guess", _BEYOND + "test_an_unknown_interface_is_named", "",
    ),
    (
        "No frame is counted: every statistic is zero",
        "zvmsim's", _BEYOND + "test_statistics_know_switches_and_nics", "",
    ),
)  # fmt: skip
