"""Nova's live network information reads as the JSON in its cache does."""

import json
from pathlib import Path

import pytest
from nova.network import model

from networking_zvm.compute.guestnet.vifs import guest_networks
from tests.unit.networking_zvm.compute_guestnet.test_vifs import SAMPLES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_live_objects_read_as_their_json_does(path: Path) -> None:
    text = path.read_text()
    assert guest_networks(model.NetworkInfo.hydrate(text)) == guest_networks(json.loads(text))
