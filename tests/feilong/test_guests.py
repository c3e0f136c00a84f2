"""Guests, interfaces and the host through Feilong's REST API."""

import getpass
import io
import tarfile
from pathlib import Path

from tests.feilong.site import Site

OWN_USERID = "OPNCLOUD"


def interface(**network: object) -> dict[str, object]:
    addresses = {"ip_addr": "10.0.0.2", "dns_addr": [], "gateway_addr": "10.0.0.1", "cidr": "10.0.0.0/24"}
    return {"os_version": "rhel8.4", "guest_networks": [{**addresses, **network}]}


def test_a_guest_is_created_and_deleted(site: Site) -> None:
    userid = site.create_guest()
    records = site.system.directory.source[userid]
    assert records[0] == f"USER {userid} LBYONLY 1024m 64G G"
    assert records[1] == "INCLUDE OSDFLT"
    assert userid in site.rest.get("/guests")
    assert userid in site.rest.get("/host/guests")
    assert site.system.name_lists["NLNCLOUD"] == [*site.system.name_lists["NLNCLOUD"][:-1], userid]

    assert site.rest.call("DELETE", f"/guests/{userid}").output == ""
    assert userid not in site.system.directory.source
    assert userid not in site.rest.get("/guests")
    assert userid not in site.system.name_lists["NLNCLOUD"]


def test_an_image_is_imported_and_deployed_as_nova_asks_for_it(site: Site, tmp_path: Path) -> None:
    """Both files come by scp from the host that Nova runs on, which is this one."""
    there = f"{getpass.getuser()}@127.0.0.1"
    image, drive = tmp_path / "an-image", tmp_path / "cfgdrive.iso"
    image.write_bytes(b"xCAT CKD Disk Image:       10016 CYL HLen: 0055 GZIP: 6")
    drive.write_bytes(b"of the guest alone")
    imported = {
        "image_name": "an-image",
        "url": f"file://{image}",
        "image_meta": {"os_version": "rhel9"},
        "remote_host": there,
    }
    assert site.rest.call("POST", "/images", {"image": imported}).output == ""
    assert site.rest.get("/images?imagename=an-image")[0]["disk_size_units"] == "10016:CYL"

    userid = site.new_userid()
    disk = {"size": "5g", "is_boot_disk": True}
    guest = {"userid": userid, "vcpus": 1, "memory": 1024, "disk_list": [disk]}
    site.rest.call("POST", "/guests", {"guest": guest})
    assert any(record.startswith("MDISK 0100 3390") for record in site.system.directory.source[userid])

    deploy = {"action": "deploy", "image": "an-image", "transportfiles": str(drive), "remotehost": there}
    assert site.rest.call("POST", f"/guests/{userid}/action", deploy).output == ""
    sent = {file.name: file for file in site.system.spool.files(userid)}
    assert (sent["cfgdrive.iso"].content, sent["cfgdrive.iso"].spool_class) == (b"of the guest alone", "X")
    assert site.rest.call("DELETE", f"/guests/{userid}").output == ""
    assert site.rest.call("DELETE", "/images/an-image").output == ""


def test_deleting_a_guest_that_is_on_takes_its_grants_along(site: Site) -> None:
    userid = site.create_guest()
    site.create_nic(userid)
    site.set_vswitch(grant_userid=userid)
    site.couple(userid)
    site.start(userid)
    assert site.system.nic(userid, "1000").coupled
    assert site.rest.call("DELETE", f"/guests/{userid}").output == ""
    assert userid not in site.system.guests
    assert site.system.vswitches["DATANET1"].grant_of(userid) is None


def test_power_state(site: Site) -> None:
    userid = site.create_guest()
    assert site.rest.get(f"/guests/{userid}/power_state") == "off"
    assert site.rest.get(f"/guests/{userid}/power_state_real") == "off"
    site.start(userid)
    assert userid in site.system.guests
    assert site.rest.get(f"/guests/{userid}/power_state") == "on"
    assert site.rest.get(f"/guests/{userid}/power_state_real") == "on"
    assert site.rest.call("POST", f"/guests/{userid}/action", {"action": "stop"}).output == ""
    assert userid not in site.system.guests


def test_power_state_of_a_guest_that_feilong_did_not_make(site: Site) -> None:
    assert site.rest.get("/guests/DBSRV1/power_state_real") == "on"
    assert site.rest.call("GET", "/guests/DBSRV1/power_state").codes == (404, 404, 404, 1)


def test_the_directory_entry_with_and_without_password(site: Site) -> None:
    userid = site.create_guest()
    records = list(site.system.directory.source[userid])
    assert site.rest.get(f"/guests/{userid}")["user_direct"] == records
    hidden = site.rest.get(f"/guests/{userid}/user_direct")["user_direct"]
    assert hidden == [f"USER {userid} ****** 1024m 64G G ", *records[1:]]


def test_information_of_a_running_guest(site: Site) -> None:
    userid = site.create_guest()
    site.start(userid)
    info = site.rest.get(f"/guests/{userid}/info")
    assert (info["power_state"], info["max_mem_kb"], info["num_cpu"]) == ("on", 1024 * 1024, 1)
    assert (info["online_cpu_num"], info["os_distro"]) == (1, "rhel8.4")


def test_a_foreign_guest_is_registered_with_its_adapters(site: Site) -> None:
    site.system.set_driver("DBSRV1", "0600", running=True)
    mac = site.system.nic("DBSRV1", "0600").mac
    ports = {mac.replace("-", "")[-6:]: "port-of-dbsrv1"}
    registration = {"action": "register_vm", "meta": "rhel8.4", "net_set": "1", "port_macs": ports}
    assert site.rest.call("POST", "/guests/DBSRV1/action", registration).output == ""
    (nic, *_) = site.rest.get("/guests/nics?userid=DBSRV1")
    assert (nic["interface"], nic["switch"], nic["port"]) == ("0600", "XCATVSW2", "port-of-dbsrv1")
    assert site.rest.call("POST", "/guests/DBSRV1/action", {"action": "deregister_vm"}).output == ""
    assert site.rest.get("/guests/nics?userid=DBSRV1") == []


def test_an_interface_is_punched_to_the_guest(site: Site) -> None:
    userid = site.create_guest()
    wanted = interface(mac_addr="02:00:00:12:34:56", nic_id="port-1")
    answer = site.rest.call("POST", f"/guests/{userid}/interface", {"interface": wanted})
    assert answer.output[0]["nic_vdev"] == "1000"
    assert site.nicdefs(userid) == ["NICDEF 1000 TYPE QDIO DEVICES 3 MACID 123456"]

    (file,) = site.system.spool.files(userid)
    assert (file.name, file.spool_class, file.origin) == ("network.doscript", "X", OWN_USERID)
    with tarfile.open(fileobj=io.BytesIO(file.content)) as archive:
        assert "invokeScript.sh" in archive.getnames()
    assert site.system.spool.files(OWN_USERID) == []

    gone = {"os_version": "rhel8.4", "vdev": "1000"}
    assert site.rest.call("DELETE", f"/guests/{userid}/interface", {"interface": gone}).output == ""
    assert site.nicdefs(userid) == []
    assert [file.name for file in site.system.spool.files(userid)] == ["network.doscript", "DEL1000.sh"]


def test_an_interface_of_a_running_guest_is_configured_at_once(site: Site) -> None:
    userid = site.create_guest()
    site.start(userid)
    body = {"interface": {**interface(mac_addr="02:00:00:12:34:57"), "active": True}}
    assert site.rest.call("POST", f"/guests/{userid}/interface", body).output[0]["nic_vdev"] == "1000"
    assert site.system.nic(userid, "1000").driver


def test_nothing_is_left_in_the_folder_for_temporary_files(site: Site) -> None:
    userid = site.create_guest()
    site.rest.call("POST", f"/guests/{userid}/interface", {"interface": interface()})
    leftover = [path.name for path in (site.feilong.state_dir / "tmp").iterdir() if userid in path.name]
    assert leftover == []


def test_the_host(site: Site) -> None:
    host = site.rest.get("/host")
    assert (host["zcc_userid"], host["zvm_host"], host["hypervisor_hostname"]) == ("OPNCLOUD", "ZVMA", "ZVMA")
    assert (host["hypervisor_version"], host["vcpus"], host["memory_mb"]) == (710, 4, 65536)
    assert host["cpu_info"] == {"architecture": "s390x", "cec_model": "8561"}
    assert host["ipl_time"] == f"IPL at {site.system.ipl_time:%m/%d/%y %H:%M:%S} UTC"
    assert host["disk_total"] == host["disk_used"] + host["disk_available"]
    assert site.rest.get("/host/ssi") == []
