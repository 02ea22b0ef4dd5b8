"""Cost studies compared: figures by hand, what is refused before the first run, an interruption."""

import json

import pytest

import cosim
from cosim.errors import CosimError, ScenarioError
from cosim.study.running import Listeners

MODEL = """\
model Vat "Makes product from medium"
  parameter Real rate(unit = "m3/h") = 0.001;
  output Real medium(unit = "m3", displayUnit = "L", start = 0, fixed = true);
  output Real product(unit = "kg", start = 0, fixed = true);
equation
  der(medium) = rate/3600;
  der(product) = 2*rate/3600;
end Vat;
"""
SCENARIO = """\
scenario: plant
components:
  vat: {source: modelica:Vat}
phases:
  make: {active: [vat], duration: 10 h, step: 10 min}
"""
PRICES = "item,category,price,source\nmedium,media,50 EUR/L,x\nplant,facility,90 EUR/h,x\n"
PART = """\
study: part
scenario: plant.yaml
cost:
  prices: prices.csv
  product: final(vat.product)
  equipment: {vat: {turnaround: 2 h}}
  items:
    medium: {amount: final(vat.medium)}
    plant: {amount: cycle}
method: cost
"""
STUDY = "study: both\ncompare: {slow: slow.yaml, fast: fast.yaml}\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    (folder / "Vat.mo").write_text(MODEL)
    return folder


@pytest.fixture
def folder(model):
    (model / "plant.yaml").write_text(SCENARIO)
    (model / "prices.csv").write_text(PRICES)
    (model / "slow.yaml").write_text(PART)
    (model / "fast.yaml").write_text(PART.replace("cost:\n", "parameters: {vat.rate: 0.003 m3/h}\ncost:\n", 1))
    (model / "both.yaml").write_text(STUDY)
    return model


def test_a_comparison_tells_what_a_gram_costs_in_each_and_why(folder, tmp_path):
    """10 L give 20 g for 500 + 1,080 EUR, 30 L give 60 g for 1,500 + 1,080 EUR."""
    result = cosim.study(folder / "both.yaml", out=tmp_path / "out", workers=0)
    rows = {row[0]: row[1:] for row in result.answer.table("categories").rows}
    assert rows["media"] == pytest.approx((25.0, 25.0))
    assert rows["facility"] == pytest.approx((54.0, 18.0))
    assert rows["together"] == pytest.approx((79.0, 43.0))
    moved = {row[0]: row[1:] for row in result.answer.table("prices").rows}
    assert moved["plant"] == pytest.approx((36.0 - 7.2, 36.0 + 7.2))
    assert moved["medium"] == pytest.approx((36.0, 36.0))
    assert "43 EUR by fast, 46% less than 79 EUR by slow" in result.answer.verdict
    assert "no single price, 20% higher or lower, turns that round" in result.answer.verdict
    assert result.answer.table("bottleneck.fast").rows[0][:2] == ("vat", "12 h")
    consumed = {row[0]: row[2:] for row in result.answer.table("consumption").rows}
    assert consumed["plant"] == pytest.approx((12 / 20, 12 / 60))
    assert dict(result.counts) == {"completed": 2}


def test_every_part_is_kept_and_the_page_names_both(folder, tmp_path):
    result = cosim.study(folder / "both.yaml", out=tmp_path / "out")
    assert {path.name for path in result.folder.iterdir()} == {"slow", "fast", "study.html", "study.json"}
    assert (result.folder / "fast" / "study.html").is_file()
    page = result.report.read_text()
    assert "fast/runs/runs.parquet" in page
    assert "Which price matters for the difference" in page
    document = json.loads((result.folder / "study.json").read_text())
    assert (document["status"], list(document["parts"])) == ("completed", ["slow", "fast"])


def test_a_comparison_that_was_stopped_goes_on(folder, tmp_path):
    made = []

    def stop():
        return len(made) >= 2

    listeners = Listeners(progress=lambda standing: made.append(standing.made), should_stop=stop)
    stopped = cosim.study(folder / "both.yaml", out=tmp_path / "out", workers=0, listeners=listeners)
    assert (stopped.status, stopped.answer) == ("stopped", None)
    result = cosim.study(resume=tmp_path / "out", workers=0)
    assert result.status == "completed"
    assert "43 EUR by fast" in result.answer.verdict


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("both.yaml", ", fast: fast.yaml", "", r"both.yaml:2: 'compare' names two studies or more"),
        ("both.yaml", "fast.yaml", "none.yaml", r"There is no study '.*none.yaml'"),
        ("both.yaml", "fast.yaml", "both.yaml", r"'fast' in .* is a comparison itself"),
        ("both.yaml", "compare:", "scenario: plant.yaml\ncompare:", r"both.yaml:2: A comparison has no 'scenario'"),
        ("both.yaml", "slow:", "a/b:", r"'a/b' cannot name a study here"),
        ("fast.yaml", "final(vat.medium)", "final(vat.medum)", r"fast.yaml:9: There is no variable 'medum'"),
        (
            "fast.yaml",
            "parameters: {vat.rate: 0.003 m3/h}\n",
            "factors: {vat.rate: {from: 1 L/h, to: 2 L/h}}\n",
            r"Method 'cost' makes one run",
        ),
    ],
)
def test_bad_input_is_told_before_the_first_run(folder, tmp_path, file, old, new, message):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(CosimError, match=message):
        cosim.study(folder / "both.yaml", out=tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()


def test_what_is_no_cost_study_cannot_be_compared(folder, tmp_path):
    factors = "factors: {vat.rate: {from: 1 L/h, to: 2 L/h}}\nresponses: {x: final(vat.medium)}\n"
    head, tail = PART.split("cost:\n", 1)
    text = head + factors + "cost:\n" + tail.replace("method: cost", "method: latin_hypercube")
    (folder / "fast.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=r"'fast' in .* has the method 'latin_hypercube'; only costs"):
        cosim.study(folder / "both.yaml", out=tmp_path / "out", workers=0)


def test_values_belong_to_the_studies_that_are_compared(folder, tmp_path):
    with pytest.raises(ScenarioError, match="A comparison takes no values"):
        cosim.study(folder / "both.yaml", {"vat.rate": "1 L/h"}, out=tmp_path / "out", workers=0)


def test_different_currencies_cannot_be_compared(folder, tmp_path):
    (folder / "other.csv").write_text(PRICES.replace("EUR", "USD"))
    (folder / "fast.yaml").write_text(PART.replace("prices.csv", "other.csv"))
    with pytest.raises(ScenarioError, match=r"slow in EUR, fast in USD. Convert the prices of one"):
        cosim.study(folder / "both.yaml", out=tmp_path / "out", workers=0)
