"""The words for changes, and what is concluded from the answers."""

import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, smcli
from tests.unit.networking_zvm.hypervisor import texts

USER, VSW = model.Userid("LINUX01"), model.VSwitchName("VSW1")
NIC = model.NicAddress(USER, model.Vdev("1000"))
MAC = model.Mac("02:00:00:ab:cd:ef")
VLANS = frozenset({model.VlanId(20), model.VlanId(10)})


def lines(change: smcli.ZvmChange, persistent: bool = False) -> list[str]:
    joined = [shlex.join(command.words) for command in smcli.commands(change, persistent)]
    return [line.removeprefix("/opt/zhcp/bin/smcli ") for line in joined]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            base.DefineNic(NIC, MAC, VSW),
            [
                "Image_Definition_Update_DM -T LINUX01 -k "
                "'NICDEF=VDEV=1000 TYPE=QDIO MACID=ABCDEF LAN=SYSTEM SWITCHNAME=VSW1'"
            ],
        ),
        (
            base.DefineNic(NIC, MAC, None),
            ["Image_Definition_Update_DM -T LINUX01 -k 'NICDEF=VDEV=1000 TYPE=QDIO MACID=ABCDEF'"],
        ),
        (
            base.DefineNic(NIC, MAC, None, "port", live=True),
            [
                "Image_Definition_Update_DM -T LINUX01 -k 'NICDEF=VDEV=1000 TYPE=QDIO MACID=ABCDEF'",
                "vmcp set nic userid LINUX01 1000 macid user ABCDEF",
                "Virtual_Network_Adapter_Create -T LINUX01 -v 1000 -t 2 -d 3",
            ],
        ),
        (base.RemoveNic(NIC, live=False), ["Virtual_Network_Adapter_Delete_DM -T LINUX01 -v 1000"]),
        (
            base.RemoveNic(NIC, live=True),
            [
                "Virtual_Network_Adapter_Delete_DM -T LINUX01 -v 1000",
                "Virtual_Network_Adapter_Delete -T LINUX01 -v 1000",
                "vmcp set nic userid LINUX01 1000 macid system",
            ],
        ),
        (
            base.Couple(NIC, MAC, VSW, directory=True, live=True),
            [
                "Virtual_Network_Adapter_Connect_Vswitch_DM -T LINUX01 -v 1000 -n VSW1",
                "Virtual_Network_Adapter_Connect_Vswitch -T LINUX01 -v 1000 -n VSW1",
            ],
        ),
        (
            base.Uncouple(NIC, directory=True, live=True),
            [
                "Virtual_Network_Adapter_Disconnect_DM -T LINUX01 -v 1000",
                "Virtual_Network_Adapter_Disconnect -T LINUX01 -v 1000",
            ],
        ),
        (
            base.Authorize(USER, VSW, VLANS, vlan_aware=True),
            [
                "Virtual_Network_Vswitch_Set_Extended -T LINUX01 -k switch_name=VSW1 "
                "-k grant_userid=LINUX01 -k port_type=ACCESS -k 'user_vlan_id=10 20'"
            ],
        ),
        (
            base.Deauthorize(USER, VSW),
            ["Virtual_Network_Vswitch_Set_Extended -T LINUX01 -k switch_name=VSW1 -k revoke_userid=LINUX01"],
        ),
    ],
)
def test_the_words_of_a_change(change: smcli.ZvmChange, expected: list[str]) -> None:
    assert lines(change) == expected


@pytest.mark.parametrize(
    "change", [base.Authorize(USER, VSW, frozenset(), vlan_aware=False), base.Deauthorize(USER, VSW)]
)
def test_grants_that_shall_survive_an_ipl_say_so(change: smcli.ZvmChange) -> None:
    assert lines(change, persistent=True)[0].endswith(" -k persist=YES")


def test_a_vswitch_with_two_devices_and_vlans() -> None:
    spec = model.VSwitchSpec(VSW, vlan_aware=True, rdevs=("A100", "B200"))
    words = shlex.join(smcli.create_vswitch(model.Userid("ZHCP"), spec, persistent=False).words)
    assert "-k 'real_device_address=A100 B200'" in words
    assert "-k vlan_id=AWARE" in words


def test_what_vlan_aware_vswitches_have_is_not_given_to_others() -> None:
    spec = model.VSwitchSpec(VSW, vlan_aware=False)
    words = smcli.create_vswitch(model.Userid("ZHCP"), spec, persistent=False).words
    assert "vlan_id=UNAWARE" in words
    assert not [word for word in words if word.startswith(("port_type", "gvrp", "native", "real_device"))]


NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$_+:-", min_size=1, max_size=8)
NAMES = NAME.filter(lambda name: name[0] not in "+:-")
CHANGES = st.builds(
    lambda user, vdev, name, mac, vlans, kind: {
        "define": base.DefineNic(model.NicAddress(user, vdev), mac, name),
        "couple": base.Couple(model.NicAddress(user, vdev), MAC, name, directory=True, live=True),
        "grant": base.Authorize(user, name, vlans, vlan_aware=True),
    }[kind],
    NAMES.map(model.Userid),
    st.integers(0, 0xFFFF).map("{:x}".format).map(model.Vdev),
    NAMES.map(model.VSwitchName),
    st.integers(0, 0xFFFFFF).map("020000{:06x}".format).map(model.Mac),
    st.frozensets(st.integers(1, 4094).map(model.VlanId), max_size=4),
    st.sampled_from(["define", "couple", "grant"]),
)


@settings(max_examples=25, deadline=None)
@given(CHANGES)
def test_a_real_shell_passes_every_word_on_unchanged(change: smcli.ZvmChange) -> None:
    for command in smcli.commands(change, persistent=True):
        script = "printf '%s\\0' " + shlex.join(command.words)
        output = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
        assert tuple(output.split("\0")[:-1]) == command.words


@pytest.mark.parametrize(
    "text",
    [
        "Done\n",
        "Done",
        "Changing virtual switch configuration... Done\n",
        "Changing virtual switch configuration... \nDone\n",
        texts.failed(0, 8, "Request successful; object directory offline"),
    ],
)
def test_done(text: str) -> None:
    assert smcli.failure("x", text) is None


@pytest.mark.parametrize("style", ["xcat", "today"])
@pytest.mark.parametrize(
    ("rc", "rs", "kind"),
    [
        (400, 12, errors.Busy),
        (404, 12, errors.Busy),
        (408, 12, errors.Busy),
        (204, 12, errors.Busy),
        (200, 16, errors.Busy),
        (596, 1185, errors.Busy),
        (596, 3543, errors.Busy),
        (500, 8, errors.Busy),
        (400, 4, errors.Gone),
        (404, 8, errors.Gone),
        (204, 8, errors.Gone),
        (200, 4, errors.Gone),
        (200, 12, errors.Gone),
        (212, 40, errors.Gone),
        (212, 8, errors.Refused),
        (212, 44, errors.Refused),
        (396, 2846, errors.Refused),
        (8, 3002, errors.Refused),
        (120, 0, errors.Refused),
        (592, 7, errors.Unknown),
    ],
)
def test_codes_decide_the_kind_of_failure(
    style: str, rc: int, rs: int, kind: type[errors.HypervisorError]
) -> None:
    status = "Changing virtual switch configuration... "
    error = smcli.failure("couple", texts.failed(rc, rs, "Virtual switch does not exist", style, status))
    assert type(error) is kind
    assert (error.rc, error.rs) == (rc, rs)
    assert str(error) == f"couple: Virtual switch does not exist (SMAPI {rc}/{rs})"


def test_details_of_the_server_are_told() -> None:
    text = texts.failed(8, 3002, "Invalid parameter name", "today") + "Details: SWITCH_NAM\n"
    assert "Invalid parameter name; SWITCH_NAM" in str(smcli.failure("x", text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Started\n  Return Code: 592\n  Reason Code: 12\n", errors.Unknown),
        ("Failed\n  Return Code: -101\n  Description: Socket connect refused error\n", errors.Busy),
        ("Failed\n  Return Code: -103\n  Description: Socket timeout error\n", errors.Unknown),
        ("Failed\n  Return Code: 400\n", errors.Unknown),
        ("Failed\n", errors.Unknown),
        ("", errors.Unknown),
        ("Changing virtual switch configuration... ", errors.Unknown),
        ("It is not Done yet\n", errors.Unknown),
        ("Done\nFailed\n  Return Code: 8\n  Reason Code: 8\n", errors.Refused),
        ("ERROR: Missing required options\n", errors.Refused),
        ("ERROR: Unsupported API function name\n", errors.Refused),
        ("Unknown option -q\n", errors.Refused),
    ],
)
def test_texts_without_a_clear_end(text: str, kind: type[errors.HypervisorError]) -> None:
    assert type(smcli.failure("x", text)) is kind


PIECES = st.sampled_from(["Done\n", "Failed\n", " Return Code: 8\n", " Reason Code: 4\n", "Return Code: x\n"])


@given(st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join))
def test_no_text_breaks_the_judgement(text: str) -> None:
    error = smcli.failure("x", text)
    assert error is None or isinstance(error, errors.HypervisorError)
    if error is None and "Return Code: 8" not in text:
        assert "Done" in text or "Return Code: 0" in text


@pytest.mark.parametrize(
    ("owner", "name", "coupled"),
    [("SYSTEM", "VSW1", True), ("SYSTEM  ", "VSW1    ", True), ("SYSTEM", "VSW2", False), ("", "", False)],
)
def test_what_a_nic_is_coupled_to(owner: str, name: str, coupled: bool) -> None:
    text = (
        "Adapter:\n  Address: 1000\n  Device count: 3\n  Adapter type: QDIO\n"
        f"  Adapter status: Coupled and active\n  LAN owner: {owner}\n  LAN name: {name}\n"
    )
    assert smcli.is_coupled_to(text, VSW) is coupled
