import pathlib
from collections.abc import Callable

import pytest

from networking_zvm import conf, errors
from networking_zvm.conf import Reading
from networking_zvm.settings import Settings

MINIMUM = """
[zvm]
xcat_server = mn.example.com
xcat_username = admin
xcat_password = s3cret
[ml2_type_vlan]
network_vlan_ranges = net1:100:199
"""


class Site:
    """A folder of configuration files. Text is added to a configuration that is complete."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder

    def write(self, *texts: str) -> list[str]:
        """Write one file per text; the command line that reads them in this order."""
        argv = []
        for number, text in enumerate(texts):
            path = self._folder / f"{number}.ini"
            path.write_text(text)
            argv += ["--config-file", str(path)]
        return argv

    def load(self, *texts: str) -> Settings:
        return conf.load(self.write(MINIMUM, *texts))

    def examine(self, *texts: str) -> Reading:
        return conf.examine(conf.parse(self.write(MINIMUM, *texts)))

    def errors(self, *texts: str) -> list[str]:
        """What is wrong, without the folder's name."""
        with pytest.raises(errors.ConfigurationError) as caught:
            self.load(*texts)
        return [error.replace(f"{self._folder}/", "") for error in caught.value.errors]


@pytest.fixture
def site(tmp_path: pathlib.Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def errors_of(site: Site) -> Callable[..., list[str]]:
    return site.errors
