"""What cannot work stops the agent, all of it at once, each fault with its place and its remedy."""

import pytest

from networking_zvm import conf, errors


def test_everything_is_reported_at_once(errors_of):
    found = errors_of("[zvm]\nparallelism = 0\nxcat_verify = maybe\nxcat_sever = x\n[net9]\nrdev_list = 1\n")
    assert found == [
        "1.ini [zvm] xcat_verify: the value is not valid: Unexpected boolean value 'maybe'",
        "1.ini [zvm] parallelism: the value is not valid: Should be greater than or equal to 1",
        "1.ini [zvm] xcat_sever: no such option: did you mean xcat_server?",
        "1.ini [net9] rdev_list: no physical network or vswitch is called net9 (known: net1): "
        "did you mean net1?",
    ]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("[zvm]\nxcat_server = http://mn\n", "over https only"),
        ("[zvm]\nxcat_server = mn:99999\n", "a port up to 65535"),
        ("[zvm]\nxcat_server = https://mn/xcatws\n", "only host and port"),
        ("[zvm]\nxcat_server = m n\n", "write host, host:port"),
        ("[zvm]\nxcat_server =\n", "is not set"),
        ("[zvm]\nxcat_username =\n", "is not set"),
        ("[zvm]\nxcat_zhcp_nodename = zhcp;reboot\n", "is no xCAT node name"),
        ("[zvm]\nxcat_ca_file = /nowhere/ca.pem\n", "cannot be read"),
        ("[zvm]\nxcat_ca_file = /dev/null\nxcat_verify = no\n", "of no use while"),
        ("[zvm]\nxcat_credentials = cookie\n", "found 'cookie'"),
        ("[zvm]\ncontrol_point = vsphere\n", "found 'vsphere'"),
        ("[zvm]\nxcat_server = mn:0\n", "0 is no port"),
        ("[zvm]\nsmapi_server = zvm\n", "are set: say which one"),
        ("[zvm]\nauthorization = directory\n", "cannot be authorized by directory, only by grant"),
        ("[zvm]\nauthorization = trust\n", "found 'trust'"),
        ("[zvm]\nvswitch_authorizations = NET1:port\n", "cannot be authorized by port, only by grant"),
        ("[zvm]\nvswitch_authorizations = NET1\n", "must be 1-8"),
        ("[zvm]\nvswitch_authorizations = NET1:trust\n", "one of grant, directory, port"),
        ("[zvm]\nvswitch_authorizations = VSW9:grant\n", "carried by vswitch VSW9 (known: NET1)"),
        ("[zvm]\nuser_prefix = 02000\n", "write the six hex digits"),
        ("[zvm]\nservice_guests = DHCP1:0700\n", "write userid:vdev:physical_network"),
        ("[zvm]\nservice_guests = DHCPNODE1:0700:net1\n", "must be 1-8"),
        ("[zvm]\nservice_guests = DHCP1:nic:net1\n", "must be 1-4 hex digits"),
        ("[zvm]\nservice_guests = DHCP1:0700:net9\n", "no physical network of this z/VM (known: net1)"),
        ("[zvm]\nservice_guests = DHCP1:700:net1,dhcp1:0700:net1\n", "DHCP1 0700 serves net1 already"),
        ("[zvm]\nservice_guests = DHCP1:700:net1,DHCP1:800:net1\n", "of this guest serves net1 already"),
        ("[zvm]\npolling_interval = soon\n", "'soon'"),
        ("[zvm]\nxcat_mgt_ip = 10.1.0.1\n", "set, but not xcat_mgt_mask"),
        ("[zvm]\nxcat_mgt_mask = 255.255.0.0\n", "set, but not xcat_mgt_ip"),
        ("[zvm]\nxcat_mgt_ip = 10.1.0.1\nxcat_mgt_mask = 255.255.0.0\n", "flat network, and there is none"),
        ("[zvm]\nvswitch_mappings = net1\n", "write physical_network:vswitch"),
        ("[zvm]\nvswitch_mappings = net1:VSW1,net1:VSW2\n", "mapped to VSW1 already"),
        ("[zvm]\nvswitch_mappings = *:VSW1\n", "no physical network is named"),
        ("[zvm]\nvswitch_mappings = net1:VSW1,net2:vsw1\n", "share vswitch VSW1"),
        ("[ml2_type_flat]\nflat_networks = datacentre\n", "map it with [zvm] vswitch_mappings = datacentre:"),
        ("[ml2_type_vlan]\nnetwork_vlan_ranges = net1:9:5\n", "must be network or network:first:last"),
        ("[ml2_type_vlan]\nnetwork_vlan_ranges = net1:1:4095\n", "must be 1-4094"),
        ("[net1]\nrdev_list = OSA1\n", "write 1-4 hex digits"),
        ("[net1]\nrdev_list = 1,2,3,4\n", "3 real devices at most, not 4"),
        ("[net1]\nrdev = 1000\n", "did you mean rdev_list?"),
        ("[zvm]\nvswitch_mappings = net1:V\n[net1]\nrdev_list = 1\n[V]\nrdev_list = 2\n", "keep one"),
        ("[zvm]\nzvm_xcat_server = mn\n", "in [zvm] it is xcat_server"),
        ("[AGENT]\naudit_interval = 5\n", "belongs in [zvm]"),
        ("[DEFAULT]\nzvm_xcat_server = mn\n", "belongs in [zvm] as xcat_server"),
        ("[AGENT]\nzvm_xcat_pasword = x\n", "did you mean zvm_xcat_password?"),
        ("[agent]\nxyzzy = 1\n", "no such option: remove it"),
        ("[AGENT]\ncloud_connector_url = https://x\n", "are set: say which one"),
        ("[zvm]\ncloud_connector_url = https://x\n", "in [zvm] it is feilong_server"),
        ("[AGENT]\nsmapi_server = zvm\n", "belongs in [zvm]"),
        ("[DEFAULT]\nfeilong_server = zvm\n", "belongs in [zvm]"),
        ("[AGENT]\nzvm_xcat_timeout = 5\n[zvm]\nxcat_timeout = 6\n", "says otherwise than its new name"),
        ("[AGENT]\nreport_interval = often\n", "'often'"),
    ],
)
def test_one_fault_has_one_sentence_that_names_its_file(errors_of, text, fragment):
    found = errors_of(text)
    assert len(found) == 1
    assert fragment in found[0]
    assert "1.ini" in found[0] or "share vswitch" in found[0] or "no vswitch of its name" in found[0]


@pytest.mark.parametrize(
    ("ip", "mask"),
    [("10.1.0", "255.255.0.0"), ("10.1.0.1", "0.0.255.255"), ("10.1.0.0", "255.255.0.0"), ("x", "y")],
)
def test_the_management_address_must_be_a_hosts(errors_of, ip, mask):
    flat = "[ml2_type_flat]\nflat_networks = m\n"
    found = errors_of(f"{flat}[zvm]\nxcat_mgt_ip = {ip}\nxcat_mgt_mask = {mask}\n")
    assert len(found) == 1
    assert "is no IPv4 address of a host" in found[0]


def test_a_site_without_networks_is_told_where_to_name_them(site):
    text = "[zvm]\nxcat_server = mn\nxcat_username = u\nxcat_password = p\n"
    reading = conf.examine(conf.parse(site.write(text)))
    assert len(reading.errors) == 1
    assert "ml2_conf.ini" in reading.errors[0]


def test_names_that_neutron_knows_in_agent_are_left_alone(site):
    assert site.load("[agent]\ntunnel_types = vxlan\nextensions = qos\nl2_population = true\n")


def test_neutron_itself_knows_them():
    opts = pytest.importorskip("neutron.opts")
    from networking_zvm.conf.names import NEUTRON_AGENT_NAMES

    lists = [
        opts.list_az_agent_opts, opts.list_base_agent_opts, opts.list_macvtap_opts, opts.list_ovs_opts,
        opts.list_l3_agent_opts, opts.list_sriov_agent_opts, opts.list_agent_opts,
    ]  # fmt: skip
    known = {
        option.dest
        for group, options in (pair for each in lists for pair in each())
        if str(group).lower() == "agent"
        for option in options
    }
    assert known <= NEUTRON_AGENT_NAMES


class TestSecrets:
    @pytest.mark.parametrize(
        "text",
        [
            "[zvm]\nxcat_password = hunter2$x\n",
            "[zvm]\nxcat_pasword = hunter2\n",
            "[zvm]\nxcat_password = hunter2\n[AGENT]\nzvm_xcat_password = hunter22\n",
            "[zvm]\nxcat_server = https://admin:hunter2@mn\n",
            "[zvm]\nxcat_server = https://mn/?password=hunter2\n",
            "[zvm]\ncontrol_point = smapi\nsmapi_server = me:hunter2@zvm\nsmapi_password = hunter2\n",
            "[zvm]\ncontrol_point = smapi\nsmapi_password = hunter2$x\n",
            "[zvm]\ncontrol_point = smapi\nsmapi_username = admin/hunter2\n",
            "[zvm]\ncontrol_point = feilong\nfeilong_server = https://hunter2@zcc\n",
        ],
    )
    def test_are_in_no_message(self, errors_of, text):
        assert "hunter2" not in " ".join(errors_of(text))

    def test_are_not_quoted_from_a_broken_line(self, site):
        with pytest.raises(errors.ConfigurationError) as caught:
            conf.load(site.write("[zvm]\nxcat_password hunter2\n"))
        assert "hunter2" not in str(caught.value)
        assert "0.ini line 2" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(errors.ConfigurationError, match="there is no such file"):
        conf.load(["--config-file", str(tmp_path / "nowhere.ini")])


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(errors.ConfigurationError, match="there is no such file"):
        conf.load(["--config-dir", str(tmp_path / "nowhere")])


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "junk.ini"
    path.write_bytes(b"[zvm]\nhost = \xff\xfe\n")
    with pytest.raises(errors.ConfigurationError, match="UTF-8"):
        conf.load(["--config-file", str(path)])
