"""Takes the picture of the documentation anew: python -m tests.web.screenshot docs/_static"""

import sys
from pathlib import Path

from tests.web.browser import chromium, emulate
from tests.web.page import Page
from tests.web.worlds import furnish, smapi
from zvmsim.server import Simulator

NAME, SIZE = "live-page.png", (1366, 860)


def main(folder: Path) -> None:
    with Simulator.from_inventory("two-systems") as simulator, chromium() as browser:
        furnish(simulator)
        happen(simulator)
        page = Page(browser, simulator.control_url)
        emulate(browser, *SIZE)
        page.choose("ZVMA:WEB1:1000", "ZVMB:WEB2:1000")
        page.until(lambda: len(page.answers()), 2, "a verdict")
        page.run("scrollTo(0, 0); document.activeElement.blur()")
        browser.save_screenshot(str(folder / NAME))


def happen(simulator: Simulator) -> None:
    """A few calls to show, one of them struck by a fault."""
    simulator.control.add_fault(
        {"function": "*_DM", "system": "ZVMB", "count": 3, "reply": {"rc": 400, "rs": 12}}
    )
    simulator.world.cp("ZVMA", "ZHCPA", "query vswitch datanet1")
    nic = {"image_device_number": "1003"}
    smapi(simulator, "ZVMA", "Virtual_Network_Adapter_Disconnect", "WEB3", **nic)
    smapi(simulator, "ZVMA", "Virtual_Network_Vswitch_Query", "SYSTEM", switch_name="*")
    grant = {"switch_name": "DATANET1", "grant_userid": "DBSRV2", "user_vlan_id": "901"}
    smapi(simulator, "ZVMB", "Virtual_Network_Vswitch_Set_Extended", "SYSTEM", **grant)
    simulator.control.add_fault({"delay": 0.5})
    smapi(simulator, "ZVMB", "Virtual_Network_Adapter_Query", "DBSRV2", **nic | {"image_device_number": "*"})
    simulator.control.remove_fault(2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
