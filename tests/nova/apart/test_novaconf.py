"""nova.conf: Nova's own options for the way to Feilong, ours for NICs, old names, and what cannot be."""

from pathlib import Path

import pytest
from nova.conf import zvm
from oslo_config import cfg

from networking_zvm import errors, model
from networking_zvm.compute import novaconf
from networking_zvm.settings import FeilongSettings, Tls


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def conf(folder: Path, text: str) -> cfg.ConfigOpts:
    file = folder / "nova.conf"
    file.write_text(text)
    options = cfg.ConfigOpts()
    zvm.register_opts(options)
    novaconf.register(options)
    options(["--config-file", str(file)])
    return options


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://zcc.example.com", "https://zcc.example.com:8080"),
        ("https://zcc.example.com:443/", "https://zcc.example.com:443"),
        ("http://[2001:db8::1]:8888", "http://[2001:db8::1]:8888"),
    ],
)
def test_feilong_is_where_novas_own_client_looks_and_its_certificate_is_checked(
    folder: Path, url: str, reached: str
) -> None:
    options = conf(folder, f"[zvm]\ncloud_connector_url = {url}\nca_file = /etc/zcc.pem\n")
    assert novaconf.feilong_settings(options) == FeilongSettings(reached, tls=Tls("/etc/zcc.pem"))
    without = conf(folder, f"[zvm]\ncloud_connector_url = {url}\n")
    assert novaconf.feilong_settings(without).tls == Tls(None, verify=True)


@pytest.mark.parametrize(
    "text",
    [
        "[zvm]\ndefault_nic_vdev = a00\n",
        "[zvm]\nzvm_default_nic_vdev = 0A00\n",
        "[DEFAULT]\nzvm_default_nic_vdev = A00\n",
    ],
)
def test_the_first_device_by_its_name_and_by_its_old_ones(folder: Path, text: str) -> None:
    assert novaconf.first_vdev(conf(folder, text)) == model.Vdev("0A00")


def test_what_nobody_sets(folder: Path) -> None:
    options = conf(folder, "")
    assert (novaconf.first_vdev(options), novaconf.user_prefix(options)) == ("1000", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cloud_connector_url = http://zcc\ndefault_nic_vdev = 12345", "[zvm] default_nic_vdev: "),
        ("cloud_connector_url = http://zcc\nuser_prefix = 0200", "[zvm] user_prefix: "),
        ("cloud_connector_url = ftp://zcc", "[zvm] cloud_connector_url: "),
        ("", "[zvm] cloud_connector_url: "),
    ],
)
def test_what_cannot_be_names_the_option(folder: Path, text: str, told: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        novaconf.guest_nics(conf(folder, f"[zvm]\n{text}\n"))
    assert str(caught.value).startswith(told)
