"""`neutron-zvm check` and `show` through Feilong and SMAPI themselves."""

import json
import pathlib
import socket
from collections.abc import Iterator

import pytest
import yaml

from networking_zvm.cli import main
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import Feilong, environment
from zvmsim.server import Simulator, inventory_text

Findings = dict[str, list[tuple[str, str, str | None]]]


def inventory(**smapi: object) -> dict:
    """Both systems; smapi: more about ZVMA's server."""
    data = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)  # 020000 shall stay a text
    data["smapi"]["ZVMA"] |= smapi
    return data


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory(inventory(tls="true")) as running:
        yield running


@pytest.fixture(scope="module")
def feilong(simulator) -> Iterator[Feilong]:
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))
    with Feilong(simulator, "ZVMA") as running:
        yield running


class Site:
    """An agent's configuration, of which each test may change some lines."""

    def __init__(self, folder: pathlib.Path, **lines: str) -> None:
        self._path = folder / "agent.ini"
        mappings = "public:XCATVSW2,tenants:DATANET1"
        self._lines = {"vswitch_mappings": mappings, "user_prefix": "020000", **lines}

    def arguments(self, **changed: str) -> list[str]:
        zvm = "\n".join(f"{name} = {value}" for name, value in {**self._lines, **changed}.items())
        self._path.write_text(
            f"[DEFAULT]\nhost = zvma\nbase_mac = 02:00:00:00:00:00\n[zvm]\n{zvm}\n"
            "[ml2_type_flat]\nflat_networks = public\n[ml2_type_vlan]\nnetwork_vlan_ranges = tenants\n"
        )
        self._path.chmod(0o600)
        return ["--config-file", str(self._path)]

    def check(self, capsys, **changed: str) -> Findings:
        """What is found for each topic: level, text, remedy."""
        main.main([*self.arguments(**changed), "check", "--format", "json"])
        found: Findings = {}
        for each in json.loads(capsys.readouterr().out)["findings"]:
            found.setdefault(each["topic"], []).append((each["level"], each["text"], each["remedy"]))
        return found


def levels(found: Findings) -> set[str]:
    return {level for each in found.values() for level, _, _ in each}


class TestSmapi:
    @pytest.fixture
    def site(self, simulator, tmp_path) -> Site:
        port = simulator.smapi_addresses["ZVMA"][1]
        return Site(
            tmp_path,
            smapi_server=f"localhost:{port}",
            smapi_username="neutron",
            smapi_password="neutron1",
            smapi_ca_file=str(simulator.ca_file),
        )

    def test_all_is_well(self, site, capsys):
        found = site.check(capsys)
        assert levels(found) == {"OK"}
        assert "certificate verified" in found["connection"][0][1]
        assert "SMAPI level" in found["control point"][0][1]
        assert "authorization by directory record" in found["networks"][1][1]
        assert "by their MACs" in found["port records"][0][1]

    def test_the_operators_way_is_told(self, site, capsys):
        found = site.check(capsys, vswitch_authorizations="DATANET1:port")
        assert "authorization by numbered port" in found["networks"][1][1]

    def test_a_wrong_password(self, site, capsys):
        found = site.check(capsys, smapi_password="hunter2")
        ((level, text, _),) = found["control point"]
        assert level == "FAIL"
        assert "smapi_password" in text
        assert "hunter2" not in json.dumps(found)

    def test_a_certificate_that_nobody_vouches_for(self, site, capsys):
        ((level, _, remedy),) = site.check(capsys, smapi_ca_file="")["connection"]
        assert level == "FAIL"
        assert "smapi_ca_file" in remedy

    def test_a_server_with_tls_is_not_reached_without(self, site, capsys):
        ((level, _, remedy),) = site.check(capsys, smapi_tls="false", smapi_timeout="2")["control point"]
        assert level == "FAIL"
        assert "remove smapi_tls" in remedy

    def test_nobody_listens(self, site, capsys):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        ((level, _, remedy),) = site.check(capsys, smapi_server=f"localhost:{port}")["connection"]
        assert level == "FAIL"
        assert "smapi_server" in remedy

    def test_a_user_prefix_that_live_nics_contradict(self, site, capsys):
        found = site.check(capsys, user_prefix="020009")
        assert "FAIL" in [level for level, _, _ in found["MAC prefix"]]

    def test_a_user_prefix_that_nothing_shows(self, site, capsys):
        found = site.check(capsys, user_prefix="")
        ((level, text, remedy),) = found["MAC prefix"]
        assert level == "FAIL"
        assert "user_prefix" in text
        assert "user_prefix" in remedy

    def test_without_tls_there_is_a_warning(self, tmp_path, capsys):
        with Simulator.from_inventory(inventory()) as plain:
            host, port = plain.smapi_addresses["ZVMA"]
            site = Site(
                tmp_path,
                smapi_server=f"{host}:{port}",
                smapi_username="neutron",
                smapi_password="neutron1",
                smapi_tls="false",
            )
            found = site.check(capsys)
        assert levels(found) == {"OK", "WARN"}
        ((level, text, _),) = found["connection"]
        assert level == "WARN"
        assert "the password and all changes travel readable" in text


class TestFeilong:
    @pytest.fixture
    def site(self, feilong, tmp_path) -> Site:
        return Site(
            tmp_path,
            feilong_server=feilong.url,
            feilong_token_file=str(feilong.admin_token_file),
            feilong_ca_file=str(feilong.ca_file),
        )

    def test_all_is_well_but_a_clock_that_feilong_does_not_tell(self, site, capsys):
        found = site.check(capsys)
        assert levels(found) == {"OK", "SKIP"}
        assert found["clock"][0][0] == "SKIP"
        assert "Feilong 1.6.3 answers" in found["control point"][0][1]
        assert "authorization by directory record" in found["networks"][1][1]

    def test_no_token(self, site, capsys):
        found = site.check(capsys, feilong_token_file="")
        assert found["connection"][0][0] == "WARN"
        assert "auth = none" in found["connection"][0][1]
        assert found["control point"][0][0] == "FAIL"
        assert "feilong_token_file" in found["control point"][0][1]

    def test_a_certificate_that_nobody_vouches_for(self, site, capsys):
        ((level, _, remedy),) = site.check(capsys, feilong_ca_file="")["connection"]
        assert level == "FAIL"
        assert "feilong_ca_file" in remedy

    def test_show(self, site, capsys):
        assert main.main(["show", "--format", "json", *site.arguments()]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["system"]["control_point_version"] == "Feilong 1.6.3"
