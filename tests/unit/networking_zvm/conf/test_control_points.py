"""Three ways to z/VM, of which one is taken."""

import pytest

from networking_zvm import conf, model
from networking_zvm.conf import Reading
from networking_zvm.settings import ControlPoint, FeilongSettings, Settings, SmapiSettings, Tls

NETWORK = "[ml2_type_vlan]\nnetwork_vlan_ranges = net1:100:199\n[zvm]\n"
XCAT = "xcat_server = mn\nxcat_username = admin\nxcat_password = s3cret\n"
FEILONG = "feilong_server = zcc.example.com\n"
SMAPI = "smapi_server = zvm.example.com\nsmapi_username = neutron\nsmapi_password = s3cret\n"


@pytest.fixture
def examine(site):
    def look(*lines: str) -> Reading:
        return conf.examine(conf.parse(site.write(NETWORK + "\n".join(lines))))

    return look


@pytest.fixture
def load(examine):
    def settings(*lines: str) -> Settings:
        reading = examine(*lines)
        assert reading.errors == ()
        return reading.settings

    return settings


def parts(settings: Settings) -> list[bool]:
    return [settings.xcat is not None, settings.feilong is not None, settings.smapi is not None]


class TestWhich:
    @pytest.mark.parametrize(
        ("lines", "point"),
        [(XCAT, ControlPoint.XCAT), (FEILONG, ControlPoint.FEILONG), (SMAPI, ControlPoint.SMAPI)],
    )
    def test_the_one_whose_server_is_named(self, load, lines, point):
        settings = load(lines)
        assert settings.control_point is point
        assert parts(settings) == [point is each for each in ControlPoint]

    def test_the_one_that_is_named_though_others_could_be(self, examine):
        reading = examine(XCAT, FEILONG, "control_point = feilong")
        assert reading.settings.control_point is ControlPoint.FEILONG
        assert parts(reading.settings) == [False, True, False]
        assert [note.partition("] ")[2] for note in reading.notes] == [
            "xcat_server has no effect while control_point = feilong",
            "xcat_username has no effect while control_point = feilong",
            "xcat_password has no effect while control_point = feilong",
        ]

    def test_several_servers_need_a_word(self, examine):
        reading = examine(XCAT, SMAPI)
        assert reading.settings is None
        assert len(reading.errors) == 1
        assert "xcat_server and " in reading.errors[0]
        assert "control_point = xcat or smapi" in reading.errors[0]

    def test_none_at_all(self, examine):
        assert examine().errors == (
            "no way to z/VM is configured: set xcat_server or feilong_server or smapi_server in [zvm]",
        )

    def test_one_that_has_been_begun_without_its_server(self, examine):
        (error,) = examine("smapi_username = neutron", "smapi_password = s3cret").errors
        assert error == "[zvm] smapi_server is not set: name the TCP/IP address of the z/VM system"

    def test_what_is_of_no_use_is_not_judged(self, examine):
        reading = examine(SMAPI, "xcat_timeout = soon", "feilong_token_file = /nowhere")
        assert reading.errors == ()
        assert len(reading.notes) == 2


class TestFeilong:
    @pytest.mark.parametrize(
        ("written", "url"),
        [
            ("zcc", "https://zcc:443"),
            ("zcc:8443", "https://zcc:8443"),
            ("https://zcc.example.com/", "https://zcc.example.com:443"),
            ("HTTP://10.0.0.3:8080/", "http://10.0.0.3:8080"),
            ("http://zcc", "http://zcc:80"),
            ("[fd00::3]:8443", "https://[fd00::3]:8443"),
        ],
    )
    def test_its_server_may_be_written_in_several_ways(self, load, written, url):
        assert load(f"feilong_server = {written}").feilong.url == url

    def test_the_least_there_must_be(self, load):
        assert load(FEILONG).feilong == FeilongSettings("https://zcc.example.com:443", None, Tls(), 300)

    def test_everything(self, load, tmp_path):
        token, ca = tmp_path / "token.dat", tmp_path / "ca.pem"
        token.write_text("abc\n")
        ca.touch()
        feilong = load(
            FEILONG, f"feilong_token_file = {token}", f"feilong_ca_file = {ca}", "feilong_timeout = 9"
        ).feilong
        assert feilong == FeilongSettings("https://zcc.example.com:443", str(token), Tls(str(ca)), 9)

    def test_http_is_taken_and_noted(self, examine):
        reading = examine("feilong_server = http://zcc:8080", "feilong_verify = no")
        assert reading.settings.feilong.tls == Tls()
        assert "travel readable" in reading.notes[0]
        assert "feilong_verify has no effect" in reading.notes[1]

    def test_another_scheme_is_not(self, examine):
        (error,) = examine("feilong_server = ftp://zcc").errors
        assert "over https or http only" in error

    def test_a_token_file_that_is_not_there(self, examine):
        (error,) = examine(FEILONG, "feilong_token_file = /nowhere/token.dat").errors
        assert "feilong_token_file: /nowhere/token.dat cannot be read (No such file" in error
        assert "zvmsdk-gentoken" in error

    def test_a_token_file_with_nothing_in_it(self, examine, tmp_path):
        (tmp_path / "token.dat").write_text("\n")
        (error,) = examine(FEILONG, f"feilong_token_file = {tmp_path}/token.dat").errors
        assert "token.dat is empty" in error

    def test_grants_are_persistent_whatever_is_said(self, examine):
        (note,) = examine(FEILONG, "persistent_authorization = false").notes
        assert "Feilong makes every grant persistent" in note


class TestSmapi:
    @pytest.mark.parametrize(
        ("written", "host", "port"),
        [
            ("zvm.example.com", "zvm.example.com", 44444),
            ("10.1.2.3:5555", "10.1.2.3", 5555),
            ("[fd00::3]:5555", "fd00::3", 5555),
        ],
    )
    def test_its_server_may_be_written_in_several_ways(self, load, written, host, port):
        smapi = load(SMAPI, f"smapi_server = {written}").smapi
        assert (smapi.host, smapi.port) == (host, port)

    def test_the_least_there_must_be(self, load):
        assert load(SMAPI).smapi == SmapiSettings(
            "zvm.example.com", 44444, "NEUTRON", "s3cret", tls=Tls(), timeout=240
        )

    def test_without_tls_the_password_travels_readable(self, examine):
        reading = examine(SMAPI, "smapi_tls = no", "smapi_verify = no")
        assert reading.settings.smapi.tls is None
        assert "password and all changes travel readable" in reading.notes[0]
        assert "smapi_verify has no effect" in reading.notes[1]

    def test_its_certificate_is_checked_as_told(self, load):
        assert load(SMAPI, "smapi_verify = no").smapi.tls == Tls(verify=False)

    @pytest.mark.parametrize("server", ["https://zvm", "zvm:0", "zvm/x", "zvm:70000"])
    def test_its_server_is_no_url(self, examine, server):
        (error,) = examine(SMAPI, f"smapi_server = {server}").errors
        assert "smapi_server" in error

    def test_its_user_is_a_userid(self, examine):
        (error,) = examine(SMAPI, "smapi_username = neutronagent").errors
        assert "is no userid of z/VM" in error

    def test_it_needs_user_and_password(self, examine):
        told = examine("smapi_server = zvm").errors
        assert [error.partition(" is ")[0] for error in told] == [
            "[zvm] smapi_username",
            "[zvm] smapi_password",
        ]


class TestAuthorization:
    def test_the_agent_picks_unless_told(self, load):
        settings = load(SMAPI)
        assert (settings.authorization, settings.authorization_of) == (None, {})
        assert load(SMAPI, "authorization = auto").authorization is None

    @pytest.mark.parametrize("way", model.Way)
    def test_one_for_all(self, load, way):
        assert load(SMAPI, f"authorization = {way}").authorization is way

    def test_single_vswitches(self, load):
        settings = load(
            SMAPI,
            "vswitch_mappings = net1:vsw1,net2:A:B",
            "authorization = grant",
            "vswitch_authorizations = vsw1:port, A:B:Directory",
        )
        assert settings.authorization is model.Way.GRANT
        assert settings.authorization_of == {"VSW1": model.Way.PORT, "A:B": model.Way.DIRECTORY}

    def test_one_vswitch_has_one_way(self, examine):
        (error,) = examine(SMAPI, "vswitch_authorizations = NET1:port,net1:grant").errors
        assert "NET1 is to be authorized by port already" in error

    def test_feilong_knows_no_ports(self, examine):
        (error,) = examine(FEILONG, "authorization = port").errors
        assert "cannot be authorized by port, only by directory or grant" in error
        assert "[zvm] authorization" in error


class TestUserPrefix:
    @pytest.mark.parametrize("written", ["020000", "02:00:00", "02-00-00"])
    @pytest.mark.parametrize("point", [FEILONG, SMAPI])
    def test_is_what_the_operator_says(self, load, written, point):
        assert load(point, f"user_prefix = {written}").user_prefix == "02:00:00"

    def test_xcat_does_not_need_it(self, examine):
        (note,) = examine(XCAT, "user_prefix = 020000").notes
        assert "user_prefix has no effect while control_point = xcat" in note
