"""Whatever an operator writes, there is a configuration or a list of faults, and never the password in it."""

import hypothesis
import pytest
from hypothesis import strategies as st
from oslo_config import cfg

from networking_zvm import conf, errors
from networking_zvm.conf import feilong, options, smapi, xcat
from networking_zvm.conf.server import parse_address
from networking_zvm.settings import ControlPoint

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" $:,*[]{}%"), max_size=30
)
NAMES = st.sampled_from([option.dest for option in options.OPTIONS])
NETWORKS = st.sampled_from(
    ["ml2_type_flat.flat_networks", "ml2_type_vlan.network_vlan_ranges", "net1.rdev_list"]
)


def examine(folder, lines):
    path = folder / "any.ini"
    path.write_text("\n".join(lines) + "\n")
    return conf.examine(conf.parse(["--config-file", str(path)]))


@hypothesis.given(name=NAMES, text=TEXT, point=st.sampled_from(ControlPoint))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_any_value_of_any_option(tmp_path, name, text, point):
    secrets = ["xcat_password = hunter2", "smapi_password = hunter2"]
    reading = examine(tmp_path, ["[zvm]", *secrets, f"control_point = {point}", f"{name} = {text}"])
    assert (reading.settings is None) == bool(reading.errors)
    assert "hunter2" not in "".join([*reading.errors, *reading.notes, *reading.old_names])


@hypothesis.given(where=NETWORKS, text=TEXT)
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_any_list_of_networks_and_devices(tmp_path, where, text):
    section, name = where.split(".")
    reading = examine(tmp_path, ["[zvm]", "vswitch_mappings = net1:VSW1", f"[{section}]", f"{name} = {text}"])
    assert reading.errors  # the server at least is missing


@hypothesis.given(text=TEXT, ports=st.sampled_from([xcat.PORTS, feilong.PORTS]))
def test_a_server_is_a_plain_address_or_refused(text, ports):
    try:
        address = parse_address(text, ports)
    except errors.InvalidValue:
        return
    assert parse_address(address.url, ports) == address
    assert cfg.types.URI(schemes=list(ports))(address.url) == address.url


@hypothesis.given(TEXT)
def test_a_server_without_scheme_has_a_host_and_a_port(text):
    try:
        address = parse_address(text, smapi.PORTS)
    except errors.InvalidValue:
        return
    assert address.host
    assert 0 < address.port < 65536
    assert "/" not in address.host


@pytest.mark.parametrize(
    "bad", ["", "https://", ":443", "-mn", "mn-", "a b", "mn\nx", "mn:0x1bb", "[mn", "mn:0"]
)
@pytest.mark.parametrize("ports", [xcat.PORTS, feilong.PORTS, smapi.PORTS])
def test_a_server_needs_a_host(bad, ports):
    with pytest.raises(errors.InvalidValue):
        parse_address(bad, ports)
