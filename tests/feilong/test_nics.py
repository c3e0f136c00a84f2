"""NICs, couplings and VLANs through Feilong's REST API, down to the simulated directory and CP."""

from tests.feilong.site import VSWITCH, Site

PORT = "11111111-2222-3333-4444-555555555555"
LAN = "NICDEF 1000 LAN SYSTEM DATANET1"


def test_a_nic_with_its_mac(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid, nic_id=PORT, mac_addr="02:00:00:ab:cd:ef")
    assert site.nicdefs(userid) == ["NICDEF 1000 TYPE QDIO DEVICES 3 MACID ABCDEF"]
    (nic,) = site.rest.get(f"/guests/nics?nic_id={PORT}&userid={userid}")
    expected = {"userid": userid, "interface": "1000", "switch": None, "port": PORT, "comments": None}
    assert nic == expected


def test_device_numbers_are_chosen_three_apart(site: Site) -> None:
    userid = site.create_guest()
    for vdev in ("1000", "1003"):
        assert site.rest.call("POST", f"/guests/{userid}/nic", {"nic": {}}).output == vdev
    assert list(site.system.directory.nicdefs(userid)) == ["1000", "1003"]


def test_couple_and_uncouple_in_the_directory(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid)
    assert site.nicdefs(userid)[1:] == [LAN]
    assert site.system.directory.lock_info(userid).owner == ""
    assert [nic["switch"] for nic in site.rest.get(f"/guests/nics?userid={userid}")] == [VSWITCH]

    assert site.change_nic(userid, couple=False).output == ""
    assert site.nicdefs(userid) == ["NICDEF 1000 TYPE QDIO DEVICES 3"]
    assert [nic["switch"] for nic in site.rest.get(f"/guests/nics?userid={userid}")] == [None]


def test_a_vlan_in_the_directory_takes_effect_at_logon_without_a_grant(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid, vlan_id=100)
    assert site.nicdefs(userid)[1:] == [f"{LAN} VLAN 100 PORTTYPE ACCESS"]
    site.start(userid)
    nic = site.system.nic(userid, "1000")
    assert nic.lan_name == VSWITCH
    assert nic.block
    assert (nic.block.vlans, nic.block.port_type) == (frozenset({100}), "ACCESS")


def test_two_nics_of_one_guest_in_two_vlans(site: Site) -> None:
    userid = site.create_guest()
    for vdev, vlan in (("1000", 100), ("1003", 200)):
        site.create_nic(userid, vdev)
        site.couple(userid, vdev, vlan_id=vlan)
    site.start(userid)
    blocks = [site.system.nic(userid, vdev).block for vdev in ("1000", "1003")]
    assert [block.vlans for block in blocks if block] == [{100}, {200}]


def test_a_second_couple_to_the_same_vswitch_changes_nothing(site: Site) -> None:
    """Feilong's own trap: not even another VLAN gets through."""
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid, vlan_id=100)
    mark = site.world.journal.mark()
    site.couple(userid, vlan_id=200)
    assert site.nicdefs(userid)[1:] == [f"{LAN} VLAN 100 PORTTYPE ACCESS"]
    assert [entry for entry in site.commands(mark) if entry.call.mutating] == []


def test_a_running_guest_is_coupled_at_once(site: Site) -> None:
    userid = site.create_guest()
    site.start(userid)
    site.create_nic(userid, active=True, mac_addr="02:00:00:ab:cd:f0")
    assert not site.system.nic(userid, "1000").mac_id
    assert site.set_vswitch(grant_userid=userid).output == ""
    site.couple(userid, active=True)
    assert site.system.nic(userid, "1000").lan_name == VSWITCH

    site.system.set_driver(userid, "1000", running=True)
    (adapter,) = site.rest.get(f"/guests/{userid}/adapters")["adapters"]
    mac = site.system.nic(userid, "1000").mac.replace("-", ":")
    assert (adapter["adapter_address"], adapter["adapter_status"]) == ("1000", "02")
    assert (adapter["lan_owner"], adapter["lan_name"], adapter["mac_address"]) == ("SYSTEM", VSWITCH, mac)

    assert site.change_nic(userid, couple=False, active=True).output == ""
    assert not site.system.nic(userid, "1000").coupled


def test_deleting_a_nic(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid)
    site.start(userid)
    assert site.rest.call("DELETE", f"/guests/{userid}/nic/1000", {"active": True}).output == ""
    assert site.nicdefs(userid) == []
    assert site.system.guests[userid].nics == {}
    assert site.rest.get(f"/guests/nics?userid={userid}") == []


def test_a_nic_that_feilong_does_not_know_is_looked_up_in_the_guest(site: Site) -> None:
    userid = site.create_guest()
    site.start(userid)
    with site.world.lock:
        site.system.define_nic(userid, "2000")
    assert site.rest.call("DELETE", f"/guests/{userid}/nic/2000", {"active": True}).output == ""
    assert site.system.guests[userid].nics == {}


def test_the_table_of_nics_is_not_the_truth(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    with site.world.lock:
        site.system.directory.remove_nic(userid, "1000", "MAINT")
    assert [nic["interface"] for nic in site.rest.get(f"/guests/nics?userid={userid}")] == ["1000"]


def test_figures_of_interfaces(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.couple(userid, vlan_id=100)
    site.start(userid)
    (figures,) = site.rest.get(f"/guests/interfacestats?userid={userid}")[userid]
    assert (figures["vswitch_name"], figures["nic_vdev"], figures["nic_rx"]) == (VSWITCH, "1000", 0)
