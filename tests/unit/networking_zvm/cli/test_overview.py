import dataclasses
import json

from networking_zvm import model, service_guests
from networking_zvm.claims import Policy
from networking_zvm.cli.overview import Overview, overview
from networking_zvm.hypervisor.connect import CAPABILITIES
from networking_zvm.settings import ControlPoint, ServiceGuest
from tests.unit.networking_zvm.cli.samples import DB1, WEB1, info, system, vswitch

GRANTS = {
    model.Userid("WEB1"): frozenset({model.VlanId(100)}),
    model.Userid("GHOST"): frozenset({model.VlanId(7), model.VlanId(5)}),
}
NEW1 = model.NicAddress(model.Userid("NEW1"), model.Vdev("1000"))


def look() -> Overview:
    aware = vswitch("VSW1", vlan_aware=True, default_vlan=model.VlanId(9), grants=GRANTS)
    seen = system(aware, vswitch("VSW2"))
    records = [model.PortRecord("port-1", WEB1), model.PortRecord("port-2", NEW1)]
    return overview(info(), seen, records, {"net1": model.VSwitchName("VSW1")})


def test_every_nic_is_shown_whoever_knows_of_it():
    nics = {(nic.userid, nic.vdev): nic for nic in look().nics}
    web, db, new = nics["WEB1", "1000"], nics["DB1", "0600"], nics["NEW1", "1000"]
    assert (web.mac, web.directory_vswitch, web.live_vswitch, web.port_id) == (
        "02:00:00:00:00:01", "VSW1", "VSW1", "port-1"
    )  # fmt: skip
    assert (db.mac, db.directory_vswitch, db.live_vswitch, db.port_id) == (None, None, None, None)
    assert not db.logged_on
    assert (new.mac, new.port_id) == (None, "port-2")
    assert len(nics) == 3


def test_a_mac_is_assembled_for_a_guest_that_is_off():
    seen = system(vswitch("VSW1"))
    nic = model.DirectoryNic(DB1, "0000AB", model.VSwitchName("VSW1"))
    off = model.System(seen.ipl_time, seen.mac_prefix, seen.vswitches, {DB1: nic}, {}, frozenset())
    (view,) = overview(info(), off, [], {}).nics
    assert view.mac == "02:00:00:00:00:ab"


def test_a_grant_without_a_nic_is_pointed_out():
    (grant,) = look().grants_without_nic
    assert (grant.vswitch, grant.userid, grant.vlans) == ("VSW1", "GHOST", (5, 7))


def test_service_guests_are_shown_with_what_they_serve():
    port = model.SwitchPort(WEB1.userid, frozenset({model.VlanId(100)}))
    seen = system(vswitch("VSW1", vlan_aware=True, port_based=True, ports={1024: port}))
    policy = Policy({"net1": model.VSwitchName("VSW1")}, {}, CAPABILITIES[ControlPoint.SMAPI])
    sights = [service_guests.sight(ServiceGuest(nic, "net1"), seen, policy) for nic in (WEB1, NEW1)]
    shown = overview(info(), seen, [], policy.vswitch_of, sights)
    web, new = shown.service_guests
    assert (web.way, web.vlans, web.coupled, web.problem) == ("port", (100,), True, None)
    assert new.problem
    assert "not in the user directory" in new.problem
    assert "Service guests" in shown.as_text()
    assert json.loads(shown.as_json())["service_guests"][0]["vlans"] == [100]


def test_vswitches_name_their_networks():
    one, two = look().vswitches
    assert (one.name, one.networks, one.grants, one.default_vlan) == ("VSW1", ("net1",), 2, 9)
    assert (two.name, two.networks, two.grants) == ("VSW2", (), 0)


def test_what_a_record_authorizes_is_shown():
    vlans, name = frozenset({model.VlanId(200), model.VlanId(100)}), model.VSwitchName("VSW1")
    seen = system(vswitch("VSW1", ports={1024: model.SwitchPort(DB1.userid, vlans)}))
    nic = model.DirectoryNic(DB1, "0000AB", name, vlans, port=1024)
    shown = overview(info(), dataclasses.replace(seen, directory={DB1: nic}), [], {})
    (view,) = (n for n in shown.nics if n.userid == "DB1")
    assert (view.directory_vlans, view.directory_port) == ((100, 200), 1024)
    assert shown.vswitches[0].ports == 1
    assert "| VSW1 VLAN 100, 200 port 1024 |" in shown.as_text()


def test_json_holds_all_of_it():
    document = json.loads(look().as_json())
    assert document["system"]["name"] == "ZVMA"
    assert [v["rdevs"] for v in document["vswitches"]] == [["1000"], ["1000"]]
    assert {n["userid"] for n in document["nics"]} == {"WEB1", "DB1", "NEW1"}
    assert document["grants_without_nic"] == [{"vswitch": "VSW1", "userid": "GHOST", "vlans": [5, 7]}]


def test_the_tables_are_for_people():
    text = look().as_text()
    web = next(line for line in text.splitlines() if "port-1" in line)
    assert [cell.strip() for cell in web.strip("|").split("|")] == [
        "WEB1", "1000", "02:00:00:00:00:01", "VSW1", "VSW1", "port-1"
    ]  # fmt: skip
    assert "aware, default 9" in text
    assert "(logged off)" in next(line for line in text.splitlines() if "DB1" in line)
    assert "None" not in text


def test_an_empty_table_says_so():
    empty = model.System("", model.MacPrefix("020000"), {}, {}, {}, frozenset())
    assert "Grants without a NIC: none" in overview(info(), empty, [], {}).as_text()
