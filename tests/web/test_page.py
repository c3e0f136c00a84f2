"""The live page in a browser: what it shows, what it follows, what it answers."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.web.browser import emulate
from tests.web.page import PHONE, Page
from tests.web.worlds import add_guest, crowd, smapi, two_systems
from zvmlab.cloud.ports import free_ports
from zvmsim import oracle
from zvmsim.server import Simulator
from zvmsim.world.smapi import Request

WEB1, WEB2, WEB3, DB1, DB2 = (
    "ZVMA:WEB1:1000",
    "ZVMB:WEB2:1000",
    "ZVMA:WEB3:1000",
    "ZVMA:DB1:1000",
    "ZVMB:DB2:1000",
)


def address(key: str) -> oracle.NicAddress:
    return oracle.NicAddress(*key.split(":"))


def verdict(simulator: Simulator, source: str, target: str, tag: int | None = None) -> str:
    """What the page should say, by the oracle."""
    ends = address(source), address(target)
    found = oracle.reach(oracle.snapshot(simulator.world), *ends, tag)
    apart = source.split(":")[0] != target.split(":")[0]
    names = [" ".join(key.split(":") if apart else key.split(":")[1:]) for key in (source, target)]
    return f"{' → '.join(names)}: {'yes' if found.ok else 'no'}, {found.because}"


def test_every_guest_and_every_nic_is_there(page: Page, simulator: Simulator) -> None:
    nics = {
        f"{system.name}:{nic.userid}:{nic.vdev}": nic
        for system in simulator.world.systems.values()
        for nic in system.nics()
    }
    shown = page.nics()
    assert shown.keys() == nics.keys()
    for key, nic in nics.items():
        assert {nic.userid, nic.vdev, nic.mac} <= set(shown[key].split())
    network = page.words("network")
    assert network[-3:] == ["Guests without a NIC", "OPNCLOUD", "OPNCLOUD"]


def test_a_vlan_is_a_number_and_a_colour_of_its_own(page: Page) -> None:
    assert "VLAN 100" in page.nics()[WEB1]
    assert "VLAN 100" in page.nics()["ZVMA:LB1:1000"]
    assert "VLAN 200-203 LB1" in page.nics()["ZVMA:LB1:1000"]
    hues = {
        key: page.run("return arguments[0].querySelector('.chip').dataset.hue", page.nic(key))
        for key in (WEB1, WEB2, DB1)
    }
    assert hues[WEB1] == hues[WEB2] != hues[DB1]


def test_vswitches_hang_on_their_lans(page: Page, simulator: Simulator) -> None:
    assert {page.section_of(WEB1), page.section_of(WEB2)} == {"campus-trunk"}
    assert page.section_of("ZVMA:XCAT:0600") == "No physical LAN"
    assert page.section_of("ZVMB:DB2:1009") == "Not coupled"
    cards = '#lans [data-key="lan campus-trunk"] .drop'
    assert [drop.text for drop in page.find(cards)] == ["A200 active", "A200 active"]
    smapi(
        simulator,
        "ZVMB",
        "Virtual_Network_Vswitch_Set_Extended",
        "SYSTEM",
        switch_name="DATANET1",
        connection_value="DISCONNECT",
    )
    down = "✕ A200 not active: the uplink of DATANET1 on ZVMB is disconnected"
    page.until(
        lambda: [drop.text for drop in page.find(cards)], ["A200 active", down], "the uplink to be down"
    )


def test_the_page_follows_the_world_without_a_reload(page: Page, simulator: Simulator) -> None:
    page.run("window.same = true")
    zvma = {"image_device_number": "1000"}
    smapi(simulator, "ZVMA", "Virtual_Network_Adapter_Disconnect", "WEB1", **zvma)
    page.until(lambda: page.section_of(WEB1), "Not coupled", "WEB1 to be uncoupled")
    smapi(
        simulator, "ZVMA", "Virtual_Network_Adapter_Connect_Vswitch", "WEB1", switch_name="DATANET1", **zvma
    )
    page.until(lambda: page.section_of(WEB1), "campus-trunk", "WEB1 to be coupled again")
    add_guest(simulator, "ZVMB", "NEW1", "300")
    page.until(lambda: page.section_of("ZVMB:NEW1:1000"), "campus-trunk", "a new guest")
    simulator.control.logoff("ZVMB", "NEW1")
    page.until(lambda: page.section_of("ZVMB:NEW1:1000"), "", "the new guest to be gone")
    calls = [call.text for call in page.find("#calls .changing .function")]
    assert calls[:2] == ["Virtual_Network_Adapter_Connect_Vswitch", "Virtual_Network_Adapter_Disconnect"]
    assert page.run("return window.same")


@pytest.mark.parametrize(
    ("source", "target"), [(WEB1, WEB3), (WEB1, WEB2), (WEB1, DB2), (DB1, "ZVMB:DB2:1009")]
)
def test_a_click_on_two_nics_asks_the_oracle_both_ways(
    page: Page, simulator: Simulator, source: str, target: str
) -> None:
    page.choose(source, target)
    expected = [verdict(simulator, source, target), verdict(simulator, target, source)]
    page.until(page.answers, expected, "the oracle's verdict")


def test_a_tag_changes_the_question_and_swap_its_direction(page: Page, simulator: Simulator) -> None:
    router, server = "ZVMA:ROUTER1:0700", "ZVMB:DBSRV2:0700"
    page.choose(router, server)
    page.browser.find_element(By.ID, "tag").send_keys("900")
    there, back = verdict(simulator, router, server, 900), verdict(simulator, server, router, 900)
    assert ": yes, " in there
    page.until(page.answers, [there, back], "the verdict on tagged frames")
    page.browser.find_element(By.ID, "swap").click()
    page.until(page.answers, [back, there], "the verdict the other way round")


def test_a_verdict_follows_the_world(page: Page, simulator: Simulator) -> None:
    page.choose(WEB1, WEB3)
    page.until(
        page.answers, [verdict(simulator, *pair) for pair in ((WEB1, WEB3), (WEB3, WEB1))], "a verdict"
    )
    simulator.control.logoff("ZVMA", "WEB3")
    gone = "WEB1 1000 → WEB3 1000: no, ZVMA:WEB3 1000 does not exist (is the guest logged on?)"
    page.until(lambda: page.answers()[:1], [gone], "the verdict to change")


def test_the_keyboard_alone_is_enough(page: Page, simulator: Simulator) -> None:
    first, second = list(page.nics())[:2]
    page.browser.find_element(By.ID, "filter").click()
    for key in (first, second):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        assert page.focused() == key
        page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    page.until(
        page.answers, [verdict(simulator, first, second), verdict(simulator, second, first)], "a verdict"
    )
    pressed = [row.get_attribute("data-key") for row in page.find('.nic[aria-pressed="true"]')]
    assert pressed == [first, second]
    page.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert page.find('.nic[aria-pressed="true"]') == []
    assert page.answers() == []


def test_focus_and_scrolling_stay_where_they_are(page: Page, simulator: Simulator) -> None:
    server = "ZVMA:DBSRV1:0700"
    page.run("scrollTo(0, 150); arguments[0].focus({preventScroll: true})", page.nic(server))
    assert list(page.nics()).index(server) > list(page.nics()).index(DB1)
    grant = {"switch_name": "DATANET1", "grant_userid": "DBSRV1", "user_vlan_id": "50"}
    smapi(simulator, "ZVMA", "Virtual_Network_Vswitch_Set_Extended", "SYSTEM", **grant)
    page.until(
        lambda: list(page.nics()).index(server) < list(page.nics()).index(DB1), True, "its row to move up"
    )
    add_guest(simulator, "ZVMA", "AAA1", "100")
    page.until(lambda: page.section_of("ZVMA:AAA1:1000"), "campus-trunk", "a new row in its list")
    assert page.focused() == server
    assert page.run("return scrollY") > 100


def test_calls_and_fault_rules_are_told(page: Page, simulator: Simulator) -> None:
    assert page.words("rules") == []
    simulator.control.add_fault({"function": "Image_Query_DM", "count": 1, "reply": {"rc": 400, "rs": 12}})
    simulator.world.smapi("ZVMA", Request("Image_Query_DM", "DB1", {}, ()), caller="OPNCLOUD")
    page.until(
        lambda: page.words("rules"), ["1. Image_Query_DM: 400/12 instead, once (acted 1 time)"], "the rule"
    )
    newest = page.find("#calls li")[0].text.split("\n")
    assert newest[1:] == ["reads", "Image_Query_DM", "400/12", "smapi ZVMA · DB1", "a fault rule acted"]
    page.browser.find_element(By.ID, "changes").click()
    page.until(lambda: {kind.text for kind in page.find("#calls .kind")}, {"changes"}, "changes alone")


EVIL = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>"


def test_hostile_words_stay_words(browser: Chrome) -> None:
    system = {
        "osas": {"A100": {"lan": EVIL}},
        "vswitches": {"VSW1": {"transport": "ETHERNET", "rdevs": "A100"}},
        "directory": {"LNX1": ["USER LNX1 LBYONLY 1G 2G G", "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1"]},
        "guests": {"LNX1": {}},
    }
    with Simulator.from_inventory({"lans": [EVIL], "systems": {"ZVMA": system}}) as simulator:
        simulator.control.add_fault({"function": EVIL, "object": EVIL, "delay": 1})
        request = Request(EVIL, EVIL, {"comment": EVIL}, ())
        simulator.world.smapi("ZVMA", request, caller=EVIL)
        page = Page(browser, simulator.control_url)
        page.filter(EVIL)
        assert page.section_of("ZVMA:LNX1:1000") == ""
        assert page.find("#lans h2 span")[0].text == EVIL
        assert EVIL in page.words("rules")[0]
        assert page.find("#calls .function")[0].text == EVIL
        assert page.find("main img, aside img, main script, aside script") == []
        assert page.run("return window.hit") is None
        page.is_clean()


def test_no_markup_is_made_of_a_string_even_by_mistake(page: Page) -> None:
    script = "try { document.body.innerHTML = '<b>x</b>'; return 'made' } catch (error) { return error.name }"
    assert page.run(script) == "TypeError"
    page.browser.get_log("browser")


@pytest.fixture(scope="module")
def crowded() -> Iterator[Simulator]:
    with Simulator.from_inventory(crowd(guests=1000, vlans=50)) as running:
        yield running


def test_a_thousand_guests_are_few_rows_until_asked_for(browser: Chrome, crowded: Simulator) -> None:
    page = Page(browser, crowded.control_url)
    assert page.words("sum") == ["2 systems · 1,000 guests · 2,000 NICs"]
    assert len(page.nics()) == 4 * 12
    more = page.find(".more")[0]
    assert more.text == "Show 488 more NICs"
    more.click()
    assert len(page.nics()) == 500 + 3 * 12
    assert more.text == "Show fewer"
    more.click()
    assert len(page.nics()) == 4 * 12
    page.is_clean()


def test_a_thousand_guests_are_searched(browser: Chrome, crowded: Simulator) -> None:
    page = Page(browser, crowded.control_url)
    page.filter("b00499")
    assert list(page.nics()) == ["ZVMB:B00499:1003", "ZVMB:B00499:1000"]
    mac = crowded.world.systems["ZVMA"].nic("A00123", "1000").mac
    page.filter(mac.replace("-", ":").lower())
    assert list(page.nics()) == ["ZVMA:A00123:1000"]
    page.filter("nobody")
    assert page.words("nothing") == ["No NIC matches “nobody”."]
    page.filter("")
    vlan = next(button for button in page.find(".vlans button") if "107" in button.text)
    vlan.click()
    assert len(page.nics()) == 20
    assert page.words("sum") == ["2 systems · 1,000 guests · 20 of 2,000 NICs"]
    page.is_clean()


def test_a_thousand_guests_cost_little(browser: Chrome, crowded: Simulator) -> None:
    page = Page(browser, crowded.control_url)
    assert page.run("return performance.getEntriesByName('draw')[0].duration") < 2000
    sizes = "return performance.getEntriesByType('resource').map(entry => entry.encodedBodySize)"
    assert sum(page.run(sizes)) < 300_000
    page.requested()
    page.run("performance.clearResourceTimings()")
    seen = "return performance.getEntriesByType('resource').filter(e => e.name.endsWith('/view')).length"
    page.until(lambda: page.run(seen) >= 2, True, "two more questions")
    assert page.run(sizes.replace("encodedBodySize", "responseStatus")).count(304) >= 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_in_both_schemes(page: Page, scheme: str) -> None:
    emulate(page.browser, 1366, 900, scheme)
    page.choose(WEB1, DB2)
    page.until(lambda: len(page.answers()), 2, "a verdict")
    places = [
        ".chip",
        ".nic .mac",
        ".nic .how",
        ".end",
        ".drop",
        "#sum",
        ".answer strong",
        "#calls .about",
        ".name p",
    ]
    faint = {place: contrast for place in places if (contrast := page.run(CONTRAST, place)) < 4.5}
    assert faint == {}


CONTRAST = """
const rgb = (colour) => {
  const context = document.createElement('canvas').getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const light = (colour) => rgb(colour).slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const ground = (node) => {
  const colour = getComputedStyle(node).backgroundColor;
  return rgb(colour)[3] ? colour : ground(node.parentElement);
};
return Math.min(...[...document.querySelectorAll(arguments[0])].map((node) => {
  const both = [light(getComputedStyle(node).color), light(ground(node))].sort((one, other) => other - one);
  return (both[0] + 0.05) / (both[1] + 0.05);
}));
"""


def test_a_phone_shows_one_column_with_the_verdict_at_hand(page: Page) -> None:
    emulate(page.browser, *PHONE)
    page.choose(WEB1, WEB2)
    page.until(lambda: len(page.answers()), 2, "a verdict")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    left = {row.location["x"] for row in page.find(".nic")}
    assert len(left) == 1
    box = page.run("return document.getElementById('verdict').getBoundingClientRect().toJSON()")
    assert box["bottom"] == PHONE[1]
    assert box["height"] < PHONE[1] / 2


def test_a_simulator_that_stops_is_noticed_and_so_is_its_return(browser: Chrome) -> None:
    (port,) = free_ports(1)
    with Simulator.from_inventory(two_systems(), control_port=port) as simulator:
        page = Page(browser, simulator.control_url)
        before = page.nics()
    page.until(lambda: page.words("state"), ["stopped"], "the end to be noticed")
    assert page.words("stopped")[0].startswith("The simulator has stopped. This is how it was at ")
    assert page.nics() == before
    with Simulator.from_inventory("one-system", control_port=port):
        page.until(lambda: page.words("state"), ["live"], "the page to go on")
        assert page.words("stopped") == []
        assert {key.split(":")[0] for key in page.nics()} == {"ZVMA"}


def test_nobody_on_is_said(browser: Chrome) -> None:
    with Simulator.from_inventory({"systems": {"ZVMA": {}}}) as simulator:
        page = Page(browser, simulator.control_url)
        assert page.words("nothing") == [
            "No guest has a NIC yet. NICs appear here as guests log on or get some."
        ]
        assert page.words("hint") == [
            "Choose two NICs to learn whether a frame gets from one to the other, and why."
        ]
        page.is_clean()
