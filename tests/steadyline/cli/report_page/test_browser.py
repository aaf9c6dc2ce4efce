"""The page as people see it: in a real Chromium, light and dark, on a screen and on a phone."""

import load_results
import pytest
import run_results
from chromium import chromium
from command_line import beginning, ended
from run_results import GROWTH, row

pytestmark = pytest.mark.stack

ROWS = [row("sql.item_create", 1.7), row("s3.upload", failures=2), row("sql.lookup", 1.2), row("sql.few", means=(0.1,))]
ROWS += [row(f"sql.query_{number}", 0.97 + number / 100) for number in range(9)]
COLOURS = """
const done = arguments[arguments.length - 1], picture = new Image();
picture.onload = () => {
  const canvas = document.createElement("canvas"), found = new Set();
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer);
  pixels.forEach((pixel) => found.add(pixel));
  done([picture.width, found.size, pixels[0] & 255]);
};
picture.src = "data:image/png;base64," + arguments[0];
"""
CUT_OFF = """
return [...document.querySelectorAll("figure svg")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text, circle, path.dot")].filter((one) => {
    const box = one.getBoundingClientRect();
    return !box.width || box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map((one) => one.outerHTML);
});
"""
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
VISIBLE = "return [...document.querySelectorAll('figure circle.dot')].filter((one) => one.checkVisibility()).length"


@pytest.fixture(scope="module")
def browser():
    """Chromium with a window of 1280 by 900."""
    with chromium(1280, 900) as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """`report --html` of a run, of one with many operations that got slower, and of a load run, by name."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "run.json").write_text(run_results.text(*ROWS, growth=[GROWTH], exit_code=1))
    (folder / "many.json").write_text(run_results.text(*(row(f"sql.slower_{number}", 1.7) for number in range(20))))
    criterion = {"operation": load_results.READ, "statistic": "p95", "limit": 0.015}
    criteria = [{**criterion, "criterion": "trace.item_read p95 < 15ms", "value": 0.02, "met": 0}]
    point = {"users": 10, "per_second": 40.0, "failed_per_second": 0.0, "p50": 0.01, "p95": 0.02, "p99": 0.03}
    course = [{**point, "seconds": 2.0 * at} for at in range(1, 90)]
    load_results.written(folder / "load.json", criteria=criteria, exit_code=1, reasons=["broken"], course=course)
    with beginning(folder) as begin:
        for name in ("run", "many", "load"):
            assert ended(begin("report", f"{name}.json", "--html", f"{name}.html"), 60) == (0, "", "")
    return folder


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "dots"), [("run", 3 * 5 + 1 + 3), ("load", 6)])
def test_on_a_screen(browser, pages, name, dots, theme):
    """Nothing is asked of anybody, nothing is wrong, nothing is cut off; it is no blank, and dark where that is wanted."""
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get((pages / f"{name}.html").as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.execute_script(OVERFLOW) <= 0
    assert browser.execute_script(CUT_OFF) == []
    assert browser.execute_script(VISIBLE) == dots
    shot = browser.get_screenshot_as_base64()
    browser.get("about:blank")
    width, colours, corner = browser.execute_async_script(COLOURS, shot)
    assert width == 1280
    assert colours > 50
    assert (corner > 200) == (theme == "light")


@pytest.mark.parametrize("name", ["run", "load"])
def test_on_a_phone(browser, pages, name):
    """The page is no wider than the phone."""
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        browser.get((pages / f"{name}.html").as_uri())
        assert browser.execute_script("return innerWidth") == 390
        assert browser.execute_script(OVERFLOW) <= 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize(("name", "where"), [("run", ".group:not([open])"), ("many", ".group[open] .more:not([open])")])
def test_a_link_unfolds_what_it_leads_to(browser, pages, name, where):
    """A plot among those that are folded away is shown when somebody was sent its address, or follows its row's link."""
    browser.get((pages / f"{name}.html").as_uri())
    folded = browser.execute_script("return document.querySelector(arguments[0] + ' figure').id", where)
    browser.get(f"{(pages / f'{name}.html').as_uri()}#{folded}")
    assert browser.execute_script("return document.getElementById(arguments[0]).checkVisibility()", folded)
