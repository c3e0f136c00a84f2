"""Texts as z/VM's tools print them, each with its source."""

import re

# feilong zthin smcliVirtual.c, run over a pysmapi capture: today's smcli
VSWITCHES = """\
 switch_name: VSW1
 transport_type: ETHERNET
 port_type: TRUNK
 queue_memory_limit: 8
 routing_value: NA
 vlan_awareness: AWARE
 vlan_id: 100
 native_vlan_id: 1
 mac_address: 02-00-01-00-00-2A
 gvrp_request_attribute: NOGVRP
 gvrp_enabled_attribute: NOGVRP
 switch_status: 8
 link_ag: LAG:
 lag_interval: 0
 lag_group: (NOGRP)
 IP_timeout: 5
 switch_type: QDIO
 isolation_status: NOISOLATION
 MAC_protect: UNSPECIFIED
 user_port_based: USERBASED
 VLAN_counters: NOCOUNTERS
 spg_scope: (NONE)
real_device_address: 0500
virtual_device_address: 0600
controller_name: DTCVSW1
port_name: (NONE)
device_status: 1
device_error_status 0
port_num: 0000
grant_userid: LINUX01
promiscuous_mode: NOPROM
osd_sim: NOOSDSIM
vlan_count: 1
user_vlan_id: 10
port_num: 0000
grant_userid: LINUX02
promiscuous_mode: PROM
osd_sim: NOOSDSIM
vlan_count: 2
user_vlan_id: 20
user_vlan_id: 30
port_num: 0000
grant_userid: TCPIP
promiscuous_mode: NOPROM
osd_sim: NOOSDSIM
vlan_count: 0
adapter_owner: LINUX01
adapter_vdev: 1000
adapter_macaddr: 02-00-00-AB-CD-EF
adapter_type: QDIO
 switch_name: GT@VSW1
 transport_type: IP
 port_type: NONE
 queue_memory_limit: 8
 routing_value: NONROUTER
 vlan_awareness: UNAWARE
 vlan_id: 0
 native_vlan_id: 0
 mac_address: 02-00-01-00-00-02
 gvrp_request_attribute: NOGVRP
 gvrp_enabled_attribute: NOGVRP
 switch_status: 1
 link_ag: LAG:
 lag_interval: 0
 lag_group: (NOGRP)
 IP_timeout: 5
 switch_type: QDIO
 isolation_status: NOISOLATION
 MAC_protect: NOMACPROTECT
 user_port_based: USERBASED
 VLAN_counters: NOCOUNTERS
"""

# zVMopenstack/zhcp smcliVirtual.c: xCAT's smcli prints the numbers as SMAPI sends them
VSWITCHES_OF_ZHCP = """\
 switch_name: XCATVSW3
 transport_type: ETHERNET
 port_type: ACCESS
 queue_memory_limit: 8
 routing_value: NA
 vlan_awareness: AWARE
 vlan_id: 32768
 native_vlan_id: 00001
 mac_address: 02-00-01-00-00-2A
 gvrp_request_attribute: NOGVRP
 gvrp_enabled_attribute: NOGVRP
 switch_status: 3
 link_ag: LAG:
 lag_interval: 0
 lag_group: (NOGRP)
 IP_timeout: 5
 switch_type: QDIO
 isolation_status: NOISOLATION
 MAC_protect: UNSPECIFIED
 user_port_based: PORTBASED
 VLAN_counters: NOCOUNTERS
real_device_address: 0640
virtual_device_address: 0000
controller_name: (NONE)
port_name: (NONE)
device_status: 0
device_error_status 0
real_device_address: 0640
virtual_device_address: 0000
controller_name: (NONE)
port_name: (NONE)
device_status: 0
device_error_status 0
port_num: 0000
grant_userid: OS000001
promiscuous_mode: NOPROM
osd_sim: NOOSDSIM
vlan_count: 2
user_vlan_id: 0010
user_vlan_id: 0030-0040
"""

# zVMopenstack/zhcp smcliVirtual.c, where z/VM 7.1 shows users without VLAN: GT@VSW1 lacks all its users
VSWITCHES_WITHOUT_USERS = VSWITCHES.replace(
    """\
port_num: 0000
grant_userid: TCPIP
promiscuous_mode: NOPROM
osd_sim: NOOSDSIM
vlan_count: 0
""",
    "",
) + """\
Error vlan_info is NULL!!
adapter_owner: M1
adapter_vdev: F000
adapter_macaddr: 02-00-01-00-00-04
adapter_type: QDIO
"""

# zVMopenstack/zhcp and feilong zthin smcliVirtual.c: the older listing, where names are padded
VSWITCHES_AND_USERS = re.sub(
    r"(?<=User: ).+",
    lambda name: f"{name[0]:8}",
    """\
VSWITCH:  Name: VSW1
  Transport type: Ethernet
  Port type: Trunk
  Queue memory limit: 8
  Routing value: The device will not act as a router
  VLAN ID: 100
  Native VLAN ID: 1
  MAC ID: 02000100002A
  GVRP request attributes: GVRP not requested
  GVRP enabled attributes: GVRP not enabled
  Switch status: OSA device ready
  Devices:
    Real device: 0500
    Controller name: DTCVSW1
    Port name:
    Device status: Device is active
    Device error status: No error

  Authorized users:
    User: LINUX01
    User: LINUX02
    User: TCPIP
    User: M2
  Connections:
    Adapter owner: LINUX01   Device number: 1000
VSWITCH:  Name: GT@VSW1
  Transport type: IP
  Port type: Unknown
  Queue memory limit: 8
  Routing value: The device will not act as a router
  VLAN ID: 0
  Native VLAN ID: 0
  MAC ID: 020001000002
  GVRP request attributes: GVRP not requested
  GVRP enabled attributes: GVRP not enabled
  Switch status: Virtual switch defined
  Devices:
  Authorized users:
    User: MAINT
    User: GT@PONG
  Connections:
    Adapter owner: M1        Device number: F000
""",
)

# networking-zvm's tests of System_Info_Query
SYSTEM_INFO = """\
The z/VM timezone: EDT
The z/VM time: 2014-06-11 03:00:00
The z/VM version: z/VM Version 6 Release 3.0
The z/VM CP Gen time: 2014-05-01 10:00:00
The z/VM CP IPL time: 2014-06-11 01:38:37 EDT
The z/VM real storage size: 64G
"""

# feilong zthin smcliDirectory.c; statements as in xCAT's lsvm and feilong's tests
NIC_STATEMENTS = """\
LINUX01: NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 MACID ABCDEF
LINUX02: NICDEF 0800 TYPE QDIO DEVICES 3
LINUX02: NICDEF 0800 LAN SYSTEM VSW1 VLAN 10 20-22 PORTTYPE ACCESS
LINUX02: * NICDEF 0803 TYPE QDIO
LINUX03: COMMAND DEFINE NIC 0600 TYPE QDIO
LINUX03: NICDEF 600 TYPE HIPER DEV 3 LAN * MYLAN
"""

LOGGED_ON = "LINUX01\nZHCPA\n"

QUERY_USERID = "ZHCPA    AT ZVMA\n"

# vm.ibm.com, QUERY VMLAN; the USER prefix as xCAT reads it
QUERY_VMLAN = """\
VMLAN maintenance level:
  Latest Service: Base
VMLAN MAC address assignment:
  MACADDR Prefix: 020001 USER Prefix: 020000
  MACIDRANGE SYSTEM: 000001-FFFFFF
             USER:   000000-000000
"""

LOOK = {
    "boot_id": (0, "3f2c5e1a-0000-4000-8000-0000000000a1\n"),
    "userid": (0, QUERY_USERID),
    "vmlan": (0, QUERY_VMLAN),
    "System_Info_Query": (0, SYSTEM_INFO),
    "Vswitch_Query_Extended": (0, VSWITCHES),
    "Directory_Manager_Search_DM": (0, NIC_STATEMENTS),
    "Image_Status_Query": (0, LOGGED_ON),
}


def failed(rc: int, rs: int, description: str = "something", style: str = "xcat", status: str = "") -> str:
    """A failure as smcli prints it. style: that of xCAT's zHCP or today's."""
    if style == "xcat":
        return f"{status}Failed\n  Return Code: {rc}\n  Reason Code: {rs}\n  Description: {description}\n"
    numbered = f"ULGSMC5{rc:03d}E {description}"
    return (
        f"{status}\nFailed\n  Return Code: {rc}\n  Reason Code: {rs}\n  Description: {numbered}\n"
        "  API issued : Virtual_Network_Vswitch_Set_Extended\n"
    )
