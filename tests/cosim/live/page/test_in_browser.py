"""The live page in a real Chromium, without a window."""

import shutil
import time

import pytest

pytest.importorskip("aiohttp", reason="aiohttp is not installed")

from cosim.live.page.access import Access, PageAddress
from cosim.live.page.board import Board
from cosim.live.page.server import PageServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)"),
    pytest.mark.skipif(DRIVER is None, reason="chromedriver is not installed (apt install chromium-driver)"),
]
TOKEN = "correct-horse-battery"
EVIL = "<img src=x onerror=\"document.title='taken'\">"
CONTRAST = """
const numbers = (text) => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
const light = (rgb) => rgb.map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const found = [];
for (const item of document.querySelectorAll("dd, .value, .said b, .tag, h1, #alarms li")) {
  let under = item;
  while (getComputedStyle(under).backgroundColor.endsWith(", 0)")) under = under.parentElement;
  const [a, b] = [getComputedStyle(item).color, getComputedStyle(under).backgroundColor].map((c) => light(numbers(c)));
  found.push([item.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
}
return found;
"""
INK = """
const canvas = document.querySelector(arguments[0]);
const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
const want = arguments[1];
let n = 0;
for (let i = 0; i < data.length; i += 4)
  if (data[i + 3] > 200 && want.every((c, k) => Math.abs(data[i + k] - c) < 24)) n++;
return n;
"""
ORANGE, BLUE = [195, 82, 0], [0, 103, 163]


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install selenium)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1600,1000", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    yield driver
    driver.quit()


def tag(name, use="measures", unit="°C"):
    return {"name": name, "unit": unit, "use": use, "variable": f"r.{name}", "low": None, "high": None}


def fill(board, name="r7"):
    tags = [tag("LAB", "samples", "g/L"), tag("TT1"), tag("constructor"), tag("__proto__"), tag("FT1", "drives")]
    board.take({"kind": "head", "name": name, "description": EVIL, "plant": "opc.tcp://plc/", "cycle": 600.0,
                "every": 60.0, "hidden": 3, "tags": tags})  # fmt: skip
    for i in range(1, 200):
        values = {
            "TT1": [36.8 + i / 1000, 36.9, None, None, None],
            "LAB": [None, 1 + i / 400, i / 200, i / 220, i / 180],
            "constructor": [1.0, 2.0, None, None, None],
            "__proto__": [3.0, 4.0, None, None, None],
            "FT1": [2.0, None, None, None, None],
        }
        board.take({"kind": "cycle", "t": 600.0 * i, "phase": "fed", "values": values})
    board.take({"kind": "sample", "sample": ["LAB", 6000.0, 0.05, 0.06]})
    board.take({"kind": "link", "state": "live", "text": "", "wall": 0.0})
    forecast = {"LAB": [[120000.0, 180000.0], [1.0, 1.5], [0.9, 1.2], [1.1, 1.8]]}
    parameters = [{"name": "r.mu", "unit": "1/h", "value": 0.0355, "low": 0.0351, "high": 0.0359}]
    board.take({"kind": "outlook", "t": 119400.0, "health": "uncertain", "reason": "too sure", "units": {},
                "forecast": forecast, "envelope": {}, "parameters": parameters})  # fmt: skip
    board.take({"kind": "alarm", "id": "1", "tone": "bad", "text": EVIL, "wall": 0.0})
    beat(board)


def beat(board, **values):
    board.take({"kind": "now", "values": {"TT1": [36.97, "good", 0.0], **values}, "wall": time.time() * 1000})


class Served:
    def __init__(self, **boards):
        self.boards = boards
        self.warnings = []
        self.decisions = []
        self.server = PageServer(
            boards, PageAddress("127.0.0.1", 0), Access(TOKEN, False, self.warnings.append), self.decide
        )

    def decide(self, decision):
        self.decisions.append(decision)
        return ""

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *_):
        self.server.__exit__()


@pytest.fixture(scope="module")
def served():
    board, other = Board(), Board()
    fill(board)
    with Served(r7=board, r8=other) as served:
        fill(other, "r8")
        other.take({"kind": "link", "state": "lost", "text": "gone", "wall": 0.0})
        yield served


@pytest.fixture
def page(browser, served):
    beat(served.boards["r7"])
    browser.get(served.server.url)
    wait(browser, "return document.documentElement.dataset.drawn === '199'")
    return browser


def wait(browser, script, seconds=10):
    until = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < until, script
        time.sleep(0.1)


def text(browser, selector):
    return browser.execute_script("return document.querySelector(arguments[0]).textContent", selector)


def test_nothing_is_complained_of_and_nothing_comes_from_elsewhere(page, served):
    assert [line for line in page.get_log("browser") if line["level"] != "INFO"] == []
    names = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert names
    assert all(name.startswith(served.server.url) for name in names)


def test_names_and_texts_of_others_are_text(page):
    assert text(page, "#description") == EVIL
    assert text(page, "#alarms li").startswith(EVIL)
    assert page.execute_script("return document.querySelectorAll('main img, header img').length") == 0
    assert page.title == "(1) r7"


def test_values_stand_large_beside_what_the_twin_says(page):
    cards = page.execute_script(
        "return [...document.querySelectorAll('.trend')].map((card) => ['.tag', '.value', '.said'].map("
        "(name) => card.querySelector(name).textContent))"
    )
    assert cards == [
        ["LAB", "0.995g/L", "0.0500 at 01:40,  (0.905 … 1.11)"],
        ["TT1", "36.97°C", "twin 36.90"],
        ["constructor", "1.00°C", "twin 2.00"],
        ["__proto__", "3.00°C", "twin 4.00"],
        ["FT1", "2.00°C", ""],
    ]
    sizes = page.execute_script(
        "return ['.value', '.tag', 'dd', '#alarms li'].map((name) => "
        "parseFloat(getComputedStyle(document.querySelector(name)).fontSize))"
    )
    assert sizes[0] >= 36
    assert min(sizes) >= 17


def test_trends_are_drawn(page):
    assert page.execute_script(INK, ".trend:nth-child(2) canvas", ORANGE) > 100
    assert page.execute_script(INK, ".trend:nth-child(1) canvas", BLUE) > 100


def test_state_is_told_in_words_and_shapes(page):
    assert text(page, "#time") == "d 1  09:10"
    assert text(page, "#phase") == "fed"
    assert text(page, "#health-text") == "uncertain"
    assert page.execute_script("return document.querySelector('#health').dataset.tone") == "doubt"
    assert text(page, "#link-text") == "connected"
    assert text(page, "#parameter-rows") == "mu0.0355 1/h0.0351 … 0.0359"
    assert text(page, "#hidden") == "3 more tags are stored and used, but not shown."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(page, scheme):
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for words, ratio in page.execute_script(CONTRAST):
        assert ratio >= 4.5, f"{words}: {ratio}"  # WCAG 2.2, 1.4.3
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_what_is_new_comes_by_itself(page, served):
    board = served.boards["r7"]
    beat(board, TT1=[40.5, "uncertain", 0.0])
    wait(page, "return document.querySelectorAll('.value')[1].textContent === '40.50°C'")
    assert page.execute_script("return document.querySelectorAll('.trend')[1].dataset.quality") == "uncertain"
    board.take({"kind": "clear", "id": "1", "wall": 5.0})
    wait(page, "return document.querySelector('#alarms li').className === 'over'")
    board.take({"kind": "alarm", "id": "1", "tone": "bad", "text": EVIL, "wall": 0.0})


def test_old_data_are_grey(page, served):
    board = served.boards["r7"]
    board.take({"kind": "link", "state": "lost", "text": "Nothing came.", "wall": 0.0})
    wait(page, "return document.body.classList.contains('stale')")
    assert page.execute_script("return getComputedStyle(document.querySelector('.trend')).filter") == "grayscale(1)"
    assert text(page, "#link-text") == "lost"
    board.take({"kind": "link", "state": "live", "text": "", "wall": 0.0})
    wait(page, "return !document.body.classList.contains('stale')")
    board.take({"kind": "now", "values": {}, "wall": time.time() * 1000 - 600_000})
    wait(page, "return document.body.classList.contains('stale')")
    assert text(page, "#age-text") == "10 min"
    beat(board)
    wait(page, "return !document.body.classList.contains('stale')")


def test_a_twin_that_cannot_keep_pace_is_told(page, served):
    assert not page.find_element("css selector", "#behind").is_displayed()
    beat(served.boards["r7"], BatchTime=[119400.0 + 7200.0, "good", 0.0])
    wait(page, "return !document.querySelector('#behind').hidden")
    assert text(page, "#behind-text") == "2 h behind"
    beat(served.boards["r7"])
    wait(page, "return document.querySelectorAll('.said')[1].textContent === 'twin 36.90 at d 1  09:10'")
    beat(served.boards["r7"], BatchTime=[119400.0 + 600.0, "good", 0.0])
    wait(page, "return document.querySelector('#behind').hidden")


def test_shadows_stand_side_by_side(page, served):
    words = page.execute_script("return [...document.querySelectorAll('#shadows button')].map((b) => b.textContent)")
    assert words == ["r7fed d 1  09:10, 1 alarm", "r8connection lost"]
    page.execute_script("document.querySelectorAll('#shadows button')[1].click()")
    wait(page, "return document.querySelector('#name').textContent === 'r8'")
    wait(page, "return document.body.classList.contains('stale')")
    page.execute_script("location.hash = ''")


def test_a_person_signs_in_and_out(page, served):
    by = "css selector"
    page.find_element(by, "#person").click()
    page.find_element(by, "#sign-in-name").send_keys("Ada")
    page.find_element(by, "#sign-in-token").send_keys("not the token at all")
    page.find_element(by, "#sign-in-form .go").click()
    wait(page, "return document.querySelector('#sign-in-problem').textContent === 'That is not the token.'")
    page.find_element(by, "#sign-in-token").send_keys(TOKEN)
    page.find_element(by, "#sign-in-form .go").click()
    wait(page, "return document.querySelector('#person').textContent === 'Ada: sign out'")
    assert TOKEN not in page.current_url
    assert TOKEN not in page.page_source
    assert page.execute_script("return document.cookie") == ""
    page.find_element(by, "#person").click()
    wait(page, "return document.querySelector('#person').textContent === 'Sign in'")
    page.get_log("browser")  # which tells of the token that was refused


def test_advice_is_accepted_by_who_has_signed_in(page, served):
    by, board = "css selector", served.boards["r7"]
    moves = [
        {"tag": "SP1", "unit": "L/h", "now": 1.8, "to": 2.4, "later": 3.0, "changes": True},
        {"tag": EVIL, "unit": "", "now": 1.0, "to": 1.0, "later": 1.0, "changes": False},
    ]
    gain = {"mean": 0.2, "low": 0.1, "high": 0.3, "relative": 0.052, "confidence": 0.9}
    board.take({"kind": "advice", "t": 119400.0, "switch": 200000.0, "harvest": 1209600.0, "number": 7, "text": "",
                "moves": moves, "gain": gain, "risk": 0.0, "risk_as_now": 0.2})  # fmt: skip
    board.take({"kind": "done", "items": [{"tone": "doubt", "text": EVIL, "wall": 0.0}]})
    wait(page, "return !document.querySelector('#decision').hidden")
    assert text(page, "#moves") == f"SP11.80 → 2.40 L/h3.00 L/h from d 2  07:33{EVIL}stays at 1.00 "
    assert text(page, "#promise") == (
        "Gain+5.2 % (0.100 … 0.300), 90 % sureLeaves a limit0.0 %, as now 20 %End the batch atd 14  00:00"
    )
    page.find_element(by, "#decision [value=accept]").click()
    wait(page, "return document.querySelector('#sign-in').open")
    assert served.decisions == []
    page.find_element(by, "#sign-in-name").send_keys("Ada")
    page.find_element(by, "#sign-in-token").send_keys(TOKEN)
    page.find_element(by, "#sign-in-form .go").click()
    wait(page, "return document.querySelector('#person').textContent === 'Ada: sign out'")
    wait(page, "return !document.querySelector('#decision').hidden")
    page.find_element(by, "#reason").send_keys("it fits the shift")
    page.find_element(by, "#decision [value=accept]").click()
    wait(page, "return document.querySelector('#reason').value === ''")
    said = served.decisions[-1]
    assert (said.shadow, said.advice, said.is_accepted, said.who, said.reason) == (
        "r7", "7", True, "Ada", "it fits the shift",
    )  # fmt: skip
    board.take({"kind": "verdict", "number": 7, "verdict": "accepted", "who": "Ada"})
    wait(page, "return document.querySelector('#verdict').textContent === 'accepted by Ada'")
    assert page.execute_script("return document.querySelector('#decision').hidden")
    page.find_element(by, "#person").click()
    wait(page, "return document.querySelector('#person').textContent === 'Sign in'")


def test_a_page_that_is_out_of_touch_says_so(browser):
    board = Board()
    fill(board)
    with Served(r7=board) as served:
        browser.get(served.server.url)
        wait(browser, "return document.documentElement.dataset.drawn === '199'")
        assert not browser.find_element("css selector", "#lost").is_displayed()
    wait(browser, "return document.querySelector('#lost').textContent.startsWith('Out of touch')")
    assert browser.execute_script("return document.body.classList.contains('stale')")


def test_the_last_word_of_a_shadow_stays(browser):
    board = Board()
    fill(board)
    with Served(r7=board) as served:
        browser.get(served.server.url)
        wait(browser, "return document.documentElement.dataset.drawn === '199'")
        board.take({"kind": "over", "text": "ended"})
    wait(browser, "return document.querySelector('#lost').textContent.startsWith('This shadow has ended')")


def test_a_small_window_hides_nothing(page):
    page.set_window_size(500, 900)
    wide = page.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    page.set_window_size(1600, 1000)
    assert wide[0] <= wide[1]
