"""Cost of a small real FMU against arithmetic by hand, alone and as a response of other methods; bad input."""

import json

import numpy as np
import pytest

import cosim
from cosim.errors import CosimError, StudyError
from cosim.study.cost.prices import parse_money, read_prices

MODEL = """\
model Tank "Fills at a constant rate; what it makes grows with it"
  parameter Real rate(unit = "m3/s") = 1e-6;
  parameter Real area(unit = "m2") = 3;
  input Boolean rinsing(start = false);
  output Real volume(unit = "m3", displayUnit = "L", start = 0, fixed = true);
  output Real rinse(unit = "m3", displayUnit = "L", start = 0, fixed = true);
  output Real product(unit = "kg", start = 0, fixed = true);
  output Real filter(unit = "m2") = area;
  output Real drop(unit = "m3") = -volume;
  output Real clock(unit = "m3", start = 0, fixed = true) "Goes on at 1e-5 m3/s";
equation
  der(volume) = if rinsing then 0 else rate;
  der(rinse) = if rinsing then 2*rate else 0;
  der(clock) = 1e-5;
  der(product) = if rinsing then 0 else 100*rate;
end Tank;
"""
SCENARIO = """\
scenario: plant
components:
  tank: {source: modelica:Tank}
  next: {source: modelica:Tank}
phases:
  make: {active: [tank], duration: 2 h, step: 1 min}
  clean:
    active: [tank, next]
    delay: 30 min
    step: 1 min
    repeat: 2
    steps:
      wash: {duration: 10 min, set: {tank.rinsing: true}}
      drain: {duration: 5 min, set: {tank.rinsing: false}}
"""
PRICES = """\
item,category,price,lifetime,source
medium,media,12 EUR/L,,illustrative
water,buffers,0.5 EUR/L,,illustrative
membrane,filters,400 EUR/m2,10,illustrative
labour,labour,60 EUR/h,,illustrative
suite,facility,876600 EUR/year,,illustrative
testing,quality,500 EUR/batch,,illustrative
"""
COST = """\
cost:
  prices: prices.csv
  product: increase(tank.product, make)
  operating_time: 300 d
  equipment:
    vessel: {units: [tank], turnaround: 90 min, parallel: 2}
    next: {}
  items:
    medium: {amount: "increase(tank.volume, make)"}
    water: {amount: ["increase(tank.rinse, clean.wash)", 2 L]}
    membrane: {amount: final(tank.filter), times: repetitions(clean)}
    labour: {amount: [batch, 15 min], times: 1.5}
    suite: {amount: cycle}
    testing: {amount: 1}
"""
STUDY = f"study: trial\nscenario: plant.yaml\n{COST}method: cost\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    (folder / "Tank.mo").write_text(MODEL)
    (folder / "plant.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def ask(folder, tmp_path):
    """Run the study with some of its text, or of its prices, replaced; return its result."""

    def ask(changes=(), prices=PRICES, text=STUDY, **options):
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (folder / "prices.csv").write_text(prices)
        (folder / "trial.yaml").write_text(text)
        options.setdefault("workers", 0)
        return cosim.study(folder / "trial.yaml", out=tmp_path / "out", **options)

    return ask


def rows_of(result, key):
    return {row[0]: row[1:] for row in result.answer.table(key).rows}


BY_HAND = {
    "medium": 7.2 * 12.0,
    "water": (2 * 600 * 2e-3 + 2.0) * 0.5,
    "membrane": 3.0 * 2 * 400.0 / 10,
    "labour": (3.0 + 0.25) * 1.5 * 60.0,
    "suite": (3.0 + 1.5) / 2 * 100.0,
    "testing": 500.0,
}
"""A year of 365.25 d has 8,766 h, so that the suite costs 100 EUR/h."""


def test_the_cost_of_a_batch_is_what_arithmetic_by_hand_gives(ask):
    result = ask()
    items = rows_of(result, "items")
    for name, cost in BY_HAND.items():
        assert items[name][5] == pytest.approx(cost, rel=1e-9), name
    total = sum(BY_HAND.values())
    assert rows_of(result, "categories")["together"][:2] == pytest.approx((total / 720.0, total), rel=1e-9)
    year = rows_of(result, "year")
    assert year["from one batch to the next"][0] == pytest.approx(2.25)
    assert year["batches per year"][0] == pytest.approx(300 * 24 / 2.25)
    assert year["product of a year"][0] == pytest.approx(0.72 * 3200)
    assert "vessel is the bottleneck, make its longest phase" in result.answer.verdict
    assert result.answer.warnings == ()


def test_what_is_paid_by_the_year_is_shared_by_its_batches(ask):
    result = ask([("suite: {amount: cycle}", "suite: {amount: year}")])
    batches = rows_of(result, "year")["batches per year"][0]
    assert rows_of(result, "items")["suite"][5] * batches == pytest.approx(876600.0)


def test_equipment_is_taken_from_its_first_phase_to_its_last_and_its_turnaround(ask):
    taken = rows_of(ask(), "bottleneck")
    assert taken["vessel"][:3] == ("4.5 h", 2, pytest.approx(2.25))
    assert taken["next"][:3] == ("0.5 h", 1, pytest.approx(0.5))
    assert taken["vessel"][4] == "make 2 h, clean 0.5 h, turnaround 1.5 h"


def test_every_price_moves_the_cost_by_its_share(ask):
    result = ask([("method: cost", "method: {name: cost, change: 0.1}")])
    base = sum(BY_HAND.values()) / 720.0
    for name, (lower, higher, share, _) in rows_of(result, "prices").items():
        assert higher - base == pytest.approx(base - lower)
        assert higher - base == pytest.approx(0.1 * BY_HAND[name] / 720.0)
        assert share == pytest.approx(100 * (higher - base) / base)


def test_increases_by_phase_by_step_and_by_state_add_up(ask):
    items = (
        "    all: {price: water, amount: increase(tank.rinse)}\n"
        '    state: {price: water, amount: "increase(tank.rinse, tank.rinsing = true)"}\n'
        '    other: {price: water, amount: "increase(tank.rinse, tank.rinsing = false)"}\n'
        '    both: {price: water, amount: "increase(tank.rinse, clean, tank.rinsing = true)"}\n'
        '    filled: {price: water, amount: "increase(tank.volume, tank.rinsing = false)"}\n'
    )
    costs = {
        name: row[5] / 0.5 for name, row in rows_of(ask([("    testing", items + "    testing")]), "items").items()
    }
    assert costs["all"] == costs["state"] == costs["both"] == pytest.approx(2.4)
    assert costs["other"] == 0.0
    assert costs["filled"] == pytest.approx(1e-3 * (7200 + 1800 + 600))  # the tank fills while it rests, and drains


TOGGLE = """\
model Toggle "On for some minutes, off for some"
  input Real volume(unit = "m3", start = 0);
  output Boolean on = sin(volume*1e3) > 0;
  output Real idle(start = 0, fixed = true);
equation
  der(idle) = 0;
end Toggle;
"""
TOGGLED = """\
scenario: toggled
components:
  tank: {source: modelica:Tank}
  toggle: {source: modelica:Toggle}
connections: [toggle.on -> tank.rinsing, tank.clock -> toggle.volume]
phases:
  make: {active: [ACTIVE], duration: 20 min, step: 30 s}
algorithm: ALGORITHM
"""


@pytest.mark.parametrize("algorithm", ["jacobi", "gauss_seidel"])
@pytest.mark.parametrize("active", ["tank, toggle", "toggle, tank"])
def test_an_increase_goes_to_the_state_that_was_held_in_each_step(folder, tmp_path, algorithm, active):
    """Rinse flows only while rinsing: nothing of it may be told of the other state, whoever sets it and when."""
    (folder / "Toggle.mo").write_text(TOGGLE)
    (folder / "toggled.yaml").write_text(TOGGLED.replace("ACTIVE", active).replace("ALGORITHM", algorithm))
    (folder / "states.yaml").write_text(
        "study: states\nscenario: toggled.yaml\nfactors: {tank.rate: {values: [1e-6 m3/s, 2e-6 m3/s]}}\nresponses:\n"
        "  all: increase(tank.rinse)\n"
        '  on: {value: "increase(tank.rinse, tank.rinsing = true)"}\n'
        '  off: {value: "increase(tank.rinse, tank.rinsing = false)"}\n'
        "method: full_factorial\n"
    )
    frame = cosim.study(folder / "states.yaml", out=tmp_path / "out", workers=0).to_dataframe()
    assert (frame["all"] > 0).all()
    assert (frame["on"] == frame["all"]).all()
    assert (frame["off"] == 0).all()


def test_a_longer_campaign_extends_what_grows_in_its_phase(ask):
    """Ten hours of making in place of two: product, medium and time grow with it, the rest does not."""
    result = ask([("  operating_time", "  campaign: {phase: make, lasts: 10 h}\n  operating_time")])
    items = rows_of(result, "items")
    assert items["medium"][5] == pytest.approx(5 * BY_HAND["medium"])
    assert items["water"][5] == pytest.approx(BY_HAND["water"])
    assert items["labour"][5] == pytest.approx((11.0 + 0.25) * 1.5 * 60.0)
    assert items["suite"][5] == pytest.approx((11.0 + 1.5) / 2 * 100.0)
    year = rows_of(result, "year")
    assert year["product of a campaign"][0] == pytest.approx(3600.0)
    assert year["time of a campaign"][0] == pytest.approx(11.0)


def test_lines_share_what_is_shared(ask):
    shared = ("times: 1.5}", "times: 1.5, shared: true}")
    result = ask([("  operating_time", "  lines: 4\n  operating_time"), shared])
    items = rows_of(result, "items")
    assert items["labour"][5] == pytest.approx(BY_HAND["labour"])
    assert items["medium"][5] == pytest.approx(4 * BY_HAND["medium"])
    assert rows_of(result, "year")["product of a batch"][0] == pytest.approx(2880.0)


VARIED = STUDY.replace("cost:\n", """\
factors:
  tank.rate: {values: [1e-6 m3/s, 2e-6 m3/s]}
responses:
  volume: final(tank.volume)
  cogs: {value: cost(per_gram), at_most: 2000 EUR/kg}
  media: cost(media)
  testing: cost(testing)
  yearly: cost(grams_per_year)
cost:
""", 1).replace("method: cost", "method: full_factorial")  # fmt: skip


def test_other_methods_take_costs_as_responses(ask):
    result = ask(text=VARIED)
    frame = result.to_dataframe()
    slow = sum(BY_HAND.values()) / 720.0
    fast = (sum(BY_HAND.values()) + BY_HAND["medium"] + 1.2) / 1440.0
    np.testing.assert_allclose(frame["cogs"], [slow, fast], rtol=1e-9)
    np.testing.assert_allclose(frame["media"], BY_HAND["medium"] / 720.0, rtol=1e-9)
    np.testing.assert_allclose(frame["testing"], [500 / 720, 500 / 1440], rtol=1e-9)
    assert list(frame.columns) == [
        "tank.rate", "volume", "cogs", "media", "testing", "yearly", "status", "reason", "seconds",
    ]  # fmt: skip
    assert frame.attrs["units"]["cogs"] == "EUR/g"
    assert result.problem.responses[1].at_most == 2.0


def test_what_is_cheapest_can_be_sought(ask):
    """With labour and suite by the hour and medium in proportion, the fastest rate is the cheapest."""
    text = VARIED.replace("values: [1e-6 m3/s, 2e-6 m3/s]", "from: 1e-6 m3/s, to: 2e-6 m3/s")
    text = text.replace("cost(per_gram), at_most: 2000 EUR/kg", "cost(per_gram), goal: minimise")
    result = ask(text=text.replace("method: full_factorial", "method: {name: optimisation, runs: 30}"))
    best = result.to_dataframe()["cogs"].min()
    assert best == pytest.approx((sum(BY_HAND.values()) + BY_HAND["medium"] + 1.2) / 1440.0, rel=1e-3)


def test_amounts_below_zero_are_told(ask):
    (warning,) = ask([("testing: {amount: 1}", "testing: {amount: increase(tank.drop), price: water}")]).answer.warnings
    assert "The amount of testing is below zero" in warning


def test_prices_without_a_source_are_told(ask):
    (warning,) = ask(prices=PRICES.replace("60 EUR/h,,illustrative", "60 EUR/h,,")).answer.warnings
    assert warning == "No source is given for the price of labour."


def test_what_costs_nothing_has_no_cost_per_gram(ask):
    text = STUDY[: STUDY.index("    medium:")] + "    medium: {amount: final(tank.volume)}\nmethod: cost\n"
    with pytest.raises(StudyError, match="costs nothing"):
        ask(text=text, prices="item,category,price\nmedium,media,0 EUR/L\n")


def test_a_run_without_product_has_no_cost_and_says_so(ask):
    result = ask([("1e-6 m3/s, 2e-6 m3/s", "0 m3/s, 2e-6 m3/s")], text=VARIED)
    frame = result.to_dataframe()
    assert np.isnan(frame["cogs"][0])
    assert "cogs: there is no product, no cost or no time" in frame["reason"][0]
    assert frame["cogs"][1] > 0


def test_a_study_of_cost_without_product_is_an_error(ask):
    with pytest.raises(StudyError, match="There is no cost per gram: the run makes no product"):
        ask([("scenario: plant.yaml", "scenario: plant.yaml\nparameters: {tank.rate: 0 m3/s}")])


def test_amounts_are_kept_with_the_run_and_the_page_tells_all(ask):
    result = ask(workers=1)
    frame = result.to_dataframe()
    assert frame["increase(tank.volume, make)"][0] == pytest.approx(7.2)
    assert frame.attrs["units"]["increase(tank.volume, make)"] == "L"
    page = result.report.read_text()
    for piece in ("Cost of a gram", "When equipment is taken", "Which price matters", "illustrative", "12 EUR/L"):
        assert piece in page
    tables = json.loads((result.folder / "study.json").read_text())["answer"]["tables"]
    assert tables["items"]["rows"][0][0] == "medium"


RANGE = "factors: {tank.rate: {from: 1e-6 m3/s, to: 2e-6 m3/s}}\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("  product: increase(tank.product, make)\n", "")], r"trial.yaml:3: 'cost' has no 'product'. Write"),
        (
            [("increase(tank.product, make)", "final(tank.volume)")],
            r"trial.yaml:5: 'product' is 'final\(tank.volume\)'",
        ),
        (
            [("increase(tank.volume, make)", "increase(tank.volume, mak)")],
            r"There is no phase 'mak'. Do you mean 'make'",
        ),
        ([("clean.wash", "clean.wash, make")], r"has two states or two phases"),
        ([("clean.wash", "tank.volume = 3 L")], r"compares tank.volume, a real number"),
        ([("clean.wash", "tank.rinsing = maybe")], r"'maybe' is neither true nor false"),
        ([("clean.wash", "clean.was")], r"There is no step 'was' in the phase 'clean'. Do you mean 'wash'"),
        (
            [("final(tank.filter)", "final(tank.volume)")],
            r"Item 'membrane': 'final\(tank.volume\)' is in \[L\] \(volume\), .* in line 4 .*, is per \[m2\] \(area\)",
        ),
        (
            [("    medium: {", "    medium: {price: medum, ")],
            r"trial.yaml:11: Item 'medium': There is no price of 'medum'",
        ),
        ([("units: [tank]", "units: [tan]")], r"Equipment 'vessel': there is no component 'tan'. Do you mean 'tank'"),
        ([("units: [tank]", "units: [tank, next]")], r"Equipment 'next': 'next' belongs to 'vessel' already"),
        ([("amount: cycle", "amount: occupation(vesel)")], r"there is no equipment 'vesel'. Do you mean 'vessel'"),
        ([("amount: cycle", "amount: cycles")], r"'amount' of Item 'suite' is 'cycles'. Write a function of a run"),
        ([("amount: cycle", "amount: cost(per_gram)")], r"what it costs cannot be what is consumed"),
        ([("times: 1.5", "times: 1.5 h")], r"Item 'labour': '1.5 h' is a time"),
        ([("times: 1.5", "times: batch")], r"'times' is 'batch', a time"),
        ([("15 min", "-15 min")], r"'-15 min' is below zero"),
        ([("300 d", "300")], r"'operating_time': The duration '300' has no unit"),
        ([("parallel: 2", "parallel: 0")], r"'parallel' of Equipment 'vessel' is '0'"),
        ([("method: cost", "method: sobol_sequence")], r"There are no 'factors': this method has nothing to vary"),
        ([("cost:\n", RANGE + "cost:\n")], r"Method 'cost' makes one run"),
        (
            [(COST, RANGE + "responses: {x: cost(per_gram)}\n")],
            r"Response 'x' is 'cost\(per_gram\)', and the study has no 'cost'",
        ),
        (
            [("cost:\n", "responses: {x: cost(per_grm)}\ncost:\n")],
            r"there is no cost 'per_grm'.*Do you mean 'per_gram'",
        ),
        (
            [("cost:\n", "responses: {x: {value: cost(per_gram), at_most: 2 USD/g}}\ncost:\n")],
            r"its limit '2 USD/g' is in USD, the prices in EUR",
        ),
        (
            [("cost:\n", "responses: {x: {value: cost(per_gram), at_most: 2 EUR/L}}\ncost:\n")],
            r"its limit '2 EUR/L' does not fit \[EUR/g\]",
        ),
        ([("prices.csv", "no.csv")], r"There is no table of prices '.*no.csv'"),
    ],
)
def test_bad_input_is_told_before_the_first_run(ask, tmp_path, changes, message):
    with pytest.raises(CosimError, match=message):
        ask(changes)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("12 EUR/L", "12 USD/L", r"prices.csv:3: 'water' is in EUR, and 'medium' in line 2 in USD"),
        ("12 EUR/L", "twelve EUR/L", r"prices.csv:2: 'twelve EUR/L' is not a price"),
        ("12 EUR/L", "12/L", r"'12/L' is not a price"),
        ("12 EUR/L", "12 EUR/litter", r"'12 EUR/litter' cannot be read as a price"),
        ("12 EUR/L", "-12 EUR/L", r"The price '-12 EUR/L' is below zero"),
        ("12 EUR/L", '"1,200 EUR/L"', r"'1,200 EUR/L' cannot be read as a price"),
        ("membrane,filters,400 EUR/m2,10", "membrane,filters,400 EUR/m2,0", r"The lifetime of 'membrane' is 0"),
        ("membrane,filters,400 EUR/m2,10", "membrane,filters,400 EUR/m2,10 h", r"prices.csv:4"),
        ("water,buffers", "medium,buffers", r"'medium' has a price already, in line 2"),
        ("item,category", "items,category", r"has no column 'item'"),
    ],
)
def test_prices_that_cannot_be_used_are_told_with_their_line(tmp_path, old, new, message):
    assert old in PRICES
    (tmp_path / "prices.csv").write_text(PRICES.replace(old, new))
    with pytest.raises(CosimError, match=message):
        read_prices(tmp_path / "prices.csv")


def test_all_wrong_prices_are_told_at_once(tmp_path):
    (tmp_path / "prices.csv").write_text(PRICES.replace("12 EUR/L", "12").replace("60 EUR/h", "60"))
    with pytest.raises(CosimError, match=r"(?s)prices.csv:2.*prices.csv:5"):
        read_prices(tmp_path / "prices.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5 EUR/L", (12.5, "EUR", "L")),
        ("1e6 USD/year", (1e6, "USD", "year")),
        ("3 €/m2", (3.0, "EUR", "m2")),
        ("7 CHF", (7.0, "CHF", "1")),
        ("9 $/(L.d)", (9.0, "USD", "(L.d)")),
        ("25000 EUR/batch", (25000.0, "EUR", "1")),
    ],
)
def test_money_is_read(text, expected):
    money = parse_money(text)
    assert (money.value, money.currency, money.per) == expected
