"""The sample file that operators start from."""

import pathlib

import pytest
from oslo_config import cfg, generator

from networking_zvm import conf
from networking_zvm.conf import options
from networking_zvm.conf.files import read_file


@pytest.fixture
def sample(tmp_path) -> pathlib.Path:
    path = tmp_path / "neutron_zvm_plugin.ini"
    arguments = ["--namespace", "networking_zvm.agent", "--namespace", "networking_zvm.ml2"]
    maker = cfg.ConfigOpts()
    generator.register_cli_opts(maker)
    maker([*arguments, "--output-file", str(path)])
    generator.generate(maker)
    return path


def test_it_explains_every_option(sample):
    lines = sample.read_text().splitlines()
    assert "[zvm]" in lines
    for option in [*options.OPTIONS, options.RDEV_LIST]:
        assert any(line.startswith(f"#{option.dest} =") for line in lines)
        assert option.help


def test_it_names_the_old_names(sample):
    text = sample.read_text()
    for option in options.OPTIONS:
        for old in option.deprecated_opts:
            assert f"[{old.group}]/{old.name}" in text


def test_it_sets_nothing_until_edited(sample, tmp_path):
    assert read_file(str(sample)) == []
    uncommented = tmp_path / "edited.ini"
    edited = sample.read_text().replace("#xcat_server = <None>", "xcat_server =")
    uncommented.write_text(edited.replace("#vswitch_mappings =", "vswitch_mappings = net1:VSW1"))
    parsed = conf.parse(["--config-file", str(uncommented)])
    assert [error.partition(" is ")[0] for error in conf.examine(parsed).errors] == [
        f"{uncommented} [zvm] xcat_server",
        "[zvm] xcat_username",
        "[zvm] xcat_password",
    ]
