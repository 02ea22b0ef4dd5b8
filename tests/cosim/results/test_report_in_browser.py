"""The report in a real Chromium, without a window."""

import shutil

import mab_run
import pytest

from cosim.clock import to_ticks
from cosim.execution.outcome import Happening
from cosim.results import load, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt install chromium)"),
    pytest.mark.skipif(DRIVER is None, reason="chromedriver is not installed (apt install chromium-driver)"),
]

SIZES = """
const sizes = {};
for (const name of arguments[0]) {
  const box = document.querySelector(name)?.getBoundingClientRect();
  sizes[name] = box ? [box.width, box.height] : [0, 0];
}
return sizes;
"""
TRACES = """
return [...document.querySelectorAll(".chart")].filter((figure) => figure.clientWidth).map((figure) =>
  [...figure.querySelectorAll(":scope > svg .trace")].map((path) => path.getBBox().width));
"""


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install selenium)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    mab_run.write(folder, coarse=2)
    write_report(load(folder), folder / "report.html")
    browser.get_log("performance")
    browser.get((folder / "report.html").as_uri())
    return browser


def test_nothing_is_complained_of(page):
    assert page.get_log("browser") == []
    assert page.execute_script("return document.documentElement.dataset.ready") == "true"


def test_nothing_else_is_requested(page):
    urls = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [url for url in urls if not url.startswith("data:")] == []


def test_every_section_is_drawn(page):
    names = ["#verdict", "#figures", ".flowsheet", ".timeline", ".chart > svg", "#expectations table", "#ledger table"]
    names += [".matrix", "#cost .fill", "#provenance dl", "#notes .warnings"]
    sizes = page.execute_script(SIZES, names)
    assert {name: size for name, size in sizes.items() if min(size) < 5} == {}
    assert sizes[".flowsheet"][0] > 800
    assert sizes[".timeline"][0] > 800


def test_page_is_not_wider_than_the_window(page):
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_every_chart_has_lines_over_its_width(page):
    charts = page.execute_script(TRACES)
    assert len(charts) >= 10
    assert all(widths and min(widths) > 50 for widths in charts), charts


def test_labels_of_the_flowsheet_lie_inside_it(page):
    outside = page.execute_script("""
        const all = document.querySelector(".flowsheet").getBoundingClientRect();
        return [...document.querySelectorAll(".flowsheet text")].filter((text) => {
          const box = text.getBoundingClientRect();
          return box.left < all.left || box.right > all.right || box.top < all.top || box.bottom > all.bottom;
        }).map((text) => text.textContent);""")
    assert outside == []


def _chart(page, name):
    from selenium.webdriver.common.by import By

    found = page.find_elements(By.CSS_SELECTOR, ".chart > svg")
    return next(svg for svg in found if f" {name} " in f" {svg.get_attribute('aria-label')} ")


def _move(page, target, dx, *, drag_to=None):
    from selenium.webdriver import ActionChains

    page.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", target)
    actions = ActionChains(page, duration=20).move_to_element_with_offset(target, dx, 0)
    if drag_to is not None:
        actions.click_and_hold().move_to_element_with_offset(target, drag_to, 0).release()
    actions.perform()


def test_pointing_reads_values_and_dragging_zooms(page):
    titre = _chart(page, "titre")
    _move(page, titre, 120)
    value = page.execute_script("return arguments[0].parentNode.querySelector('.legend b').textContent", titre)
    assert 1.0 < float(value) < 4.1
    assert page.execute_script("return arguments[0].querySelectorAll('.dot').length", titre) == 1
    before = page.execute_script("return arguments[0].querySelector('.trace').getAttribute('d')", titre)
    _move(page, titre, -60, drag_to=40)
    zoomed = page.execute_script("return arguments[0].querySelector('.trace').getAttribute('d')", titre)
    assert zoomed != before
    from selenium.webdriver import ActionChains

    ActionChains(page).double_click(titre).perform()
    assert page.execute_script("return arguments[0].querySelector('.trace').getAttribute('d')", titre) == before


def test_bar_of_the_gantt_chart_chooses_its_span(page):
    page.execute_script("document.querySelectorAll('.bar.step')[3].dispatchEvent(new MouseEvent('click'))")
    hidden = page.execute_script(
        "return [...document.querySelectorAll('[data-component]')].filter((c) => c.hidden).length"
    )
    title = page.execute_script(
        "return arguments[0].querySelector('.unit:last-of-type').textContent", _chart(page, "uv280")
    )
    assert hidden == 1
    assert title == "min in elute, cycle 1"
    page.execute_script("document.querySelector('#ranges button').click()")
    assert page.execute_script("return document.querySelectorAll('[data-component][hidden]').length") == 0


def test_hostile_names_run_nothing(browser, tmp_path):
    from cosim.results.report import render

    hostile = "</script><script>window.broken=1</script><img src=x onerror='window.broken=1'>"
    mab_run.write(tmp_path, coarse=500, description=hostile, scenario=hostile)
    (tmp_path / "report.html").write_text(render(load(tmp_path)), encoding="utf-8")
    browser.get_log("browser")
    browser.get((tmp_path / "report.html").as_uri())
    assert browser.execute_script("return window.broken") is None
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.querySelector('h1').textContent") == hostile


def test_where_the_fmu_of_a_surrogate_took_over_is_shaded(browser, tmp_path):
    text = "Switch {}: 'reactor' goes on with its {}: <img src=x onerror='window.broken=1'>"
    switches = [(4, "FMU"), (7, "surrogate")]
    told = [
        Happening(to_ticks(day * mab_run.DAY), "warning", "reactor", text.format(i + 1, who))
        for i, (day, who) in enumerate(switches)
    ]
    mab_run.write(tmp_path, coarse=50, ending=mab_run.outcome(happenings=(*mab_run.happenings(), *told)))
    write_report(load(tmp_path), tmp_path / "report.html")
    browser.get_log("browser")
    browser.get((tmp_path / "report.html").as_uri())
    assert browser.get_log("browser") == []
    shades = browser.execute_script("""
        return [...document.querySelectorAll("[data-component=reactor] .chart > svg")].filter((svg) => svg.clientWidth)
          .map((svg) => [svg.querySelectorAll(".turn").length, svg.querySelector(".turn rect")?.getBBox().width]);""")
    assert shades
    assert all(n == 1 and width > 20 for n, width in shades)
    assert browser.execute_script("return document.querySelectorAll('[data-component=capture] .turn').length") == 0
    blocks = browser.execute_script("return [...document.querySelectorAll('.lanes .turn')].map((g) => g.textContent)")
    assert ["FMU" in block for block in blocks] == [False, True, False]
    assert browser.execute_script("return document.querySelectorAll('.changes tbody tr').length") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_picture_is_neither_blank_nor_of_one_colour(page, tmp_path, scheme):
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    path = tmp_path / f"{scheme}.png"
    assert page.save_screenshot(str(path))
    assert path.stat().st_size > 30_000
    paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 21, 27)"}[scheme]
