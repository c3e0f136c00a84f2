"""What Feilong 1.6.3 itself writes into guests when it is told what we would tell it.

Its own schema and dist.py run under its own Python. Where its environment is missing, these tests are
skipped.
"""

import ipaddress
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from networking_zvm.compute.guestnet import feilong, plan
from networking_zvm.compute.guestnet.feilong import FeilongNetwork
from networking_zvm.compute.guestnet.networks import GuestNetwork
from tests.unit.networking_zvm.compute_guestnet.networks_of import DB, DUAL, SIX, WEB, nic, subnet
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import environment

SCRIPT = Path(__file__).with_name("feilong_writes.py")
LATE = nic(2, subnet("10.2.0.0/24", 9))
GUESTS = {
    "one": [WEB],
    "three": [WEB, DB, LATE],
    "default route last": [DB, LATE],
    "no gateway": [DB],
    "dual stack": [DUAL],
    "IPv6 beside": [SIX, WEB],
    "no MTU": [nic(0, subnet("10.0.0.0/24", 5), mtu=None)],
    "two addresses": [nic(0, subnet("10.0.0.0/24", 5, 6))],
}
WITH_IFCFG = ["rhel7.9", "rhel8.9", "rhel9", "redhat7"]
WITH_WICKED = ["sles12sp5", "sles15.5", "suse15"]
WITH_NETPLAN = ["ubuntu20.04", "ubuntu22.04.3"]


class Feilong:
    """A process of Feilong's Python that answers interface calls."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def answer(self, name: str, items: list[FeilongNetwork], first: bool = True, active: bool = False) -> Any:
        """What it writes, or its error. first: whether it is the guest's first call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        call = {"os_version": name, "guest_networks": items, "first": first, "active": active}
        print(json.dumps(call), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def boot(self, name: str, nets: list[GuestNetwork]) -> tuple[list[FeilongNetwork], list[Any]]:
        """What we tell it of a guest that boots for the first time, and what it writes, call by call."""
        items = list(plan.boot(nets, name, config_drive=True).items)
        calls = feilong.requests("ZVM00001", name, items)
        answers = [self.answer(name, call, first=number == 0) for number, call in enumerate(calls)]
        assert [answer["error"] for answer in answers if "error" in answer] == []
        return items, answers


@pytest.fixture(scope="module")
def dist() -> Iterator[Feilong]:
    try:
        command = [environment.python(), SCRIPT]
    except CloudError as error:
        pytest.skip(str(error))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Feilong(process)


def check_scripts(answer: Any) -> None:
    for script in (answer["script"], answer["files"]["/tmp/znetconfig.sh"]):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=60)
    assert "znetconf -A" in answer["files"]["/tmp/znetconfig.sh"], "it brings the devices online"


def variables(text: str) -> dict[str, str]:
    """An ifcfg file, which is a list of shell assignments."""
    words = shlex.split(text)
    assert all("=" in word for word in words)
    return dict(word.split("=", 1) for word in words)


def interface(files: dict[str, str], vdev: str) -> dict[str, str]:
    """The ifcfg file of the NIC with this device number."""
    (path,) = (path for path in files if "/ifcfg-" in path and path.endswith(vdev))
    return variables(files[path])


def has_its_address(values: dict[str, str], item: FeilongNetwork) -> None:
    network = ipaddress.ip_network(item["cidr"])
    assert values["IPADDR"] == item["ip_addr"]
    assert values["NETMASK"] == str(network.netmask)
    assert values["BROADCAST"] == str(network.broadcast_address)
    assert values["MTU"] == str(item.get("mtu", ""))


@pytest.mark.parametrize("guest", GUESTS)
@pytest.mark.parametrize("name", WITH_IFCFG)
def test_red_hat(dist: Feilong, name: str, guest: str) -> None:
    """GATEWAY is empty where there is none, for Feilong always writes it.

    Guess: that is as good as no GATEWAY, for initscripts' ifup-eth and for NetworkManager's shvar.c.
    """
    items, answers = dist.boot(name, GUESTS[guest])
    for answer in answers:
        check_scripts(answer)
        files = answer["files"]
        for item in items:
            values = interface(files, item["nic_vdev"])
            has_its_address(values, item)
            assert values["GATEWAY"] == item.get("gateway_addr", "")
            assert values["DEVICE"].endswith(item["nic_vdev"])
            servers = [values[key] for key in sorted(values) if re.fullmatch(r"DNS\d", key)]
            assert servers == item.get("dns_addr", [])
            assert values["SUBCHANNELS"].split(",")[0] == f"0.0.{item['nic_vdev']}"
        assert len([path for path in files if "ifcfg-" in path]) == len(items)
    assert sum("gateway_addr" in item for item in items) == any(map(has_gateway, GUESTS[guest]))


def has_gateway(net: GuestNetwork) -> bool:
    return any(each.gateway for each in net.of_version(4))


@pytest.mark.parametrize("guest", GUESTS)
@pytest.mark.parametrize("name", WITH_WICKED)
def test_suse(dist: Feilong, name: str, guest: str) -> None:
    """A route without gateway is an error line that wicked skips (client/suse/compat-suse.c)."""
    items, answers = dist.boot(name, GUESTS[guest])
    for answer in answers:
        check_scripts(answer)
        for item in items:
            has_its_address(interface(answer["files"], item["nic_vdev"]), item)
            assert f"qeth_configure -l 0.0.{item['nic_vdev']} " in answer["files"]["/tmp/znetconfig.sh"]
            assert f"/etc/udev/rules.d/51-qeth-0.0.{item['nic_vdev']}.rules" in answer["files"]
        routes = [line.split() for line in answer["files"]["/etc/sysconfig/network/routes"].splitlines()]
        gateways = [item["gateway_addr"] for item in items if "gateway_addr" in item]
        assert [words[1] for words in routes if len(words) == 4] == gateways
        assert all(words[0] == "default" for words in routes)


def test_suse_keeps_the_servers_of_the_last_nic_which_are_the_guests(dist: Feilong) -> None:
    _, (answer,) = dist.boot("sles15.5", GUESTS["three"])
    told = 'NETCONFIG_DNS_STATIC_SERVERS="10.0.0.2 10.0.0.3 10.1.0.2"'
    assert told in answer["files"]["/tmp/znetconfig.sh"]


@pytest.mark.parametrize("guest", GUESTS)
@pytest.mark.parametrize("name", WITH_NETPLAN)
def test_ubuntu(dist: Feilong, name: str, guest: str) -> None:
    items, answers = dist.boot(name, GUESTS[guest])
    assert len(items) == len(answers) == any(map(has_gateway, GUESTS[guest]))
    for item, answer in zip(items, answers, strict=True):
        check_scripts(answer)
        netplan = yaml.safe_load(answer["files"]["/etc/netplan/00-zvmguestconfigure-config.yaml"])
        assert list(netplan["network"]["ethernets"]) == [f"enc{item['nic_vdev']}"]
        told = netplan["network"]["ethernets"][f"enc{item['nic_vdev']}"]
        assert told["addresses"] == [f"{item['ip_addr']}/{ipaddress.ip_network(item['cidr']).prefixlen}"]
        assert told["gateway4"] == item["gateway_addr"]
        assert told["mtu"] == str(item.get("mtu", ""))
        assert told.get("nameservers", {}).get("addresses", []) == item.get("dns_addr", [])


@pytest.mark.parametrize("servers", [[], ["10.0.0.2"], ["10.0.0.2", "10.0.0.3", "10.0.0.4"]])
def test_rhcos(dist: Feilong, servers: list[str]) -> None:
    net = nic(0, subnet("10.0.0.0/24", 5, dns=servers), hostname="web1")
    _, (answer,) = dist.boot("rhcos4.14", [net])
    one, two = [*servers[:2], "", ""][:2]
    assert answer["parameters"] == f"10.0.0.5::10.0.0.1:24:web1:enc1000:none:{one}:{two};1500"


@pytest.mark.parametrize("name", [*WITH_IFCFG, *WITH_WICKED])
def test_one_more_nic_of_a_running_guest(dist: Feilong, name: str) -> None:
    items = list(plan.attach(DB, [WEB], name).items)
    answer = dist.answer(name, items, first=False, active=True)
    check_scripts(answer)
    has_its_address(interface(answer["files"], "1003"), items[0])
    command = r"ip addr add 10\.1\.0\.7/16 broadcast 10\.1\.255\.255 dev \S*1003\n"
    assert re.search(command, answer["files"]["/tmp/znetconfig.sh"])
    assert "rm -f /etc" not in answer["script"], "the files of the guest's other NICs stay"
    assert answer["files"]["/etc/resolv.conf"].split()[1::2] == ["10.0.0.2", "10.0.0.3", "10.1.0.2"]


@pytest.mark.parametrize("name", ["rhel9", "sles15.5"])
def test_a_guest_with_so_many_nics_that_it_takes_several_calls(dist: Feilong, name: str) -> None:
    nets = [nic(number, subnet(f"10.{number}.0.0/24", 5, dns=["10.0.0.2"])) for number in range(20)]
    items, answers = dist.boot(name, nets)
    assert len(answers) > 1
    ifcfgs = [path for answer in answers for path in answer["files"] if "/ifcfg-" in path]
    assert len(ifcfgs) == len(set(ifcfgs)) == len(items)
    cleans = ["rm -f /etc/sysconfig" in answer["script"] for answer in answers]
    assert cleans == [True] + [False] * (len(answers) - 1), "later calls leave the files of the first"


@pytest.mark.parametrize("name", ["rhel10", "sles16", "ubuntu24.04"])
def test_what_feilong_does_not_know_is_not_sent_to_it(dist: Feilong, name: str) -> None:
    assert plan.boot([WEB], name, config_drive=True).items == ()
    known = list(plan.boot([WEB], "rhel9", config_drive=True).items)
    assert "os_version" in dist.answer(name, known)["error"]


def test_why_ubuntu_gets_no_file_without_gateway_and_only_one(dist: Feilong) -> None:
    """Feilong's limits as such: should they fall, the table can be more generous."""
    (bare,) = plan.boot([DB], "rhel9", config_drive=True).items
    path = "/etc/netplan/00-zvmguestconfigure-config.yaml"
    assert "gateway4: ''" in dist.answer("ubuntu22.04", [bare])["files"][path]
    both = list(plan.boot([WEB, DB], "rhel9", config_drive=True).items)
    assert "enc1000" not in dist.answer("ubuntu22.04", both)["files"][path]
    assert "not supported" in dist.answer("ubuntu22.04", [bare], first=False, active=True)["error"]
    assert "KeyError" in dist.answer("rhcos4", [bare])["error"]
