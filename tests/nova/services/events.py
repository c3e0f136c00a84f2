"""Nova waits for network-vif-plugged as its options say, of which vif_plugging_is_fatal judges a failure."""

import threading
from typing import Any

from tests.nova.services.base import ZvmCase

WEB = {"cidr": "10.1.0.0/24"}


class EventCase(ZvmCase):
    """The ports are down until the agent, played here, has seen their NICs."""

    fatal, timeout = True, 60
    status: str | None = "completed"

    def setUp(self) -> None:
        super().setUp()
        self.flags(vif_plugging_is_fatal=self.fatal, vif_plugging_timeout=self.timeout)
        self.neutron.vif_status = "DOWN"
        network = self.neutron.network(WEB)
        self.ports = [self.neutron.port(network, f"10.1.0.{number}") for number in (8, 9)]
        self.running_when_told: set[str] = set()
        if self.status:
            agent = threading.Thread(target=self.play_the_agent)
            agent.start()
            self.addCleanup(agent.join)

    def play_the_agent(self) -> None:
        """When it is time, tell Nova of each port."""
        self.until(self.is_time)
        self.running_when_told = self.site.running
        (server,) = self.admin_api.get_servers()
        events = [self.event(server, port) for port in self.ports]
        self.admin_api.api_post("/os-server-external-events", {"events": events})

    def is_time(self) -> bool:
        """The NICs are there."""
        return {row["port"] for row in self.site.rows()} == set(self.ports)

    def event(self, server: dict[str, Any], port: str) -> dict[str, Any]:
        what = {"name": "network-vif-plugged", "status": self.status}
        return {**what, "server_uuid": server["id"], "tag": port}

    def comes_up(self) -> None:
        userid = self.userid(self.boot(*self.ports))
        assert self.site.running == {userid}
        assert set(self.site.nics(userid)) == {"1000", "1003"}

    def fails(self) -> None:
        server = self.boot(*self.ports, state="ERROR")
        assert "not rescheduling" in server["fault"]["message"]
        assert (self.site.guests, self.site.rows(), self.drives_left()) == (set(), [], [])


class CompletedTest(EventCase):
    def test_the_guest_is_logged_on_afterwards(self) -> None:
        self.comes_up()
        assert self.running_when_told == set()


class FailedTest(EventCase):
    status = "failed"

    def test_the_server_fails_for_good(self) -> None:
        self.fails()


class FailedButNotFatalTest(EventCase):
    status, fatal = "failed", False

    def test_the_guest_comes_up(self) -> None:
        self.comes_up()


class LateTest(EventCase):
    timeout, fatal = 1, False

    def is_time(self) -> bool:
        return bool(self.site.running)

    def test_the_guest_has_not_waited(self) -> None:
        self.comes_up()
        self.until(lambda: bool(self.running_when_told))


class NeverTest(EventCase):
    status, timeout = None, 1

    def test_the_server_fails_for_good(self) -> None:
        self.fails()


class NeverButNotFatalTest(EventCase):
    status, timeout, fatal = None, 1, False

    def test_the_guest_comes_up(self) -> None:
        self.comes_up()
