"""Servers boot with their networks, or are refused before anything is created."""

from tests.nova.services.base import ZvmCase

WEB = {"cidr": "10.1.0.0/24", "enable_dhcp": False, "dns_nameservers": ["10.1.0.2"]}


class BootTest(ZvmCase):
    def test_one_nic(self) -> None:
        port = self.neutron.port(self.neutron.network(WEB, mtu=8992), "10.1.0.9")
        server = self.boot(port)
        userid = self.userid(server)
        assert self.site.running == {userid}
        assert self.site.nics(userid) == {"1000": self.neutron.macid(port)}
        ((row,),) = [self.site.rows()]
        assert (row["userid"], row["port"]) == (userid, port)
        (files,) = self.site.scripts(userid)
        assert any("10.1.0.9" in text and "8992" in text for text in files.values())

        self.delete(server)
        assert (self.site.guests, self.site.rows(), self.drives_left()) == (set(), [], [])
