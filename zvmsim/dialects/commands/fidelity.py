"""The commands' part of the fidelity table (`zvmsim.fidelity`): rule, source, test, switch."""

_COMMANDS = "tests/unit/zvmsim/test_commands.py::"
_FEILONG = "tests/feilong/test_guests.py::"
_GUESS = "guess"

ROWS: tuple[tuple[str, str, str, str], ...] = (
    (
        "vmcp prints CP's message to stdout, its own complaint to stderr, and ends with 1",
        "s390-tools vmcp.c; Feilong vmUtils.py (the message comes first)",
        _COMMANDS + "TestPrograms::test_vmcp_refused_prints_the_message_first", "",
    ),
    (
        "smcli that loses SMAPI: header 25 -104 104, exit status 152",
        "zthin wrapperutils.c; that errno is 104 is a guess",
        _COMMANDS + "TestFaults::test_a_lost_connection_to_smapi", "",
    ),
    (
        "vmur punch -r: Reader file with spoolid nnnn created.",
        "s390-tools vmur.c", _COMMANDS + "TestBytes::test_any_word_arrives_as_it_is", "",
    ),
    (
        "CHANGE, TRANSFER, PURGE of a reader file that is not there: 042; to a user that is not there: 053",
        _GUESS, _COMMANDS + "TestReaderFiles::test_refusals", "",
    ),
    (
        "A transferred reader file keeps name, class and origin and gets a number of its new owner's",
        _GUESS, _COMMANDS + "TestReaderFiles::test_from_one_guest_to_another", "",
    ),
    (
        "System_RDR_File_Manage with spoolids=all empties the reader, also an empty one: 0/0",
        "Feilong vmUtils.py, purgeReader; that an empty one is no error is a guess",
        _COMMANDS + "TestReaderFiles::test_from_one_guest_to_another", "",
    ),
    (
        "iucvclnt: 4 with errno 101 for a guest that is off, 8 for a command that fails",
        "zthin iucvclient.c; errno, and that every guest that is on answers, are guesses",
        _COMMANDS + "TestPrograms::test_iucvclnt", "",
    ),
    (
        "zvmguestconfigure.service takes every NIC of its guest into use",
        _GUESS, _FEILONG + "test_an_interface_of_a_running_guest_is_configured_at_once", "",
    ),
    (
        "QUERY CPLEVEL: the third line has the IPL time",
        "Feilong getHost.py", _FEILONG + "test_the_host", "",
    ),
    (
        "System_Processor_Query, _Performance_Information_Query, Image_Volume_Space_Query_DM as printed",
        "Feilong getHost.py and test_getHost.py; all figures are guesses", _FEILONG + "test_the_host", "",
    ),
    (
        "A system that is in no SSI cluster: SSI_Query 4/3008",
        "Feilong smtclient.py", _FEILONG + "test_the_host", "",
    ),
    (
        "Image_Performance_Query as printed, of guests that are on",
        "zthin smcliUnDocumented.c; Feilong test_smtclient.py; the figures are guesses",
        _FEILONG + "test_information_of_a_running_guest", "",
    ),
    (
        "Name_List_Add makes the list; a name that is there, or not there to be removed, is no error",
        _GUESS, _FEILONG + "test_a_guest_is_created_and_deleted", "",
    ),
    (
        "Creating a vswitch that runs: 212/36, also with persist=YES; 620/54 if only SYSTEM CONFIG has it",
        "Feilong smtclient.py and function tests",
        "tests/unit/zvmsim/world/test_vswitches.py::test_a_name_is_taken_once", "",
    ),
    (
        "Image_Disk_Create_DM adds an MDISK statement; where DirMaint puts the disk is not simulated",
        "zthin smcliImage.c; Feilong changeVM.py",
        "tests/unit/zvmsim/world/test_beyond_networks.py::test_a_disk_is_added_once", "",
    ),
    (
        "unpackdiskimage: 0, or 3 with ERROR: for a guest that is on, or without that disk",
        "zthin unpackdiskimage; the words about a missing disk are a guess",
        _COMMANDS + "TestPrograms::test_unpackdiskimage_wants_a_disk_and_nobody_on_it", "",
    ),
)
