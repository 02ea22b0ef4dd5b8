"""A shadow that estimates: a small reactor whose cells grow slower than the twin believes, sampled by a laboratory."""

from fake_link import FakeLink

import cosim
from cosim.live.endpoint import Endpoint
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME
from cosim.shadowing.following import AbstractFollower
from cosim.shadowing.shadow import Listeners, shadow
from cosim.shipped import scenarios_folder

T0 = 10**18
S = 10**9
TRUTH = {"reactor.mu_max": "0.0345 1/h"}
"""The twin has 0.037 1/h (`modelica/BioProcess`)."""
TAGS = """\
tag_map: hello
tags:
  VT1: {measures: reactor.volume, unit: L, every: 1 h}
  XT1: {measures: reactor.viable_cells, unit: 1e6/mL, every: 1 h}
  FT1: {drives: feeder.target, unit: mmol/L, every: 1 h}
  LAB_glucose: {samples: reactor.glucose, unit: mmol/L, every: 12 h}
  LAB_titre: {samples: reactor.titre, unit: g/L, every: 12 h}
"""
ESTIMATION = """\
estimation:
  members: 12
  seed: 3
  states:
    reactor.m[1]: {spread: 5 %}
    reactor.m[13]: {noise: 0.5 %}
  parameters: {reactor.mu_max: {spread: 8 %, noise: 0.5 %, limits: [0.02 1/h, 0.06 1/h]}}
  measurements: {VT1: {noise: 5 L}, XT1: {relative_noise: 5 %}, LAB_*: {relative_noise: 4 %}}
  outputs: {reactor.growth_rate: 1/h}
"""


def write_shadow(folder, more="", filter="ensemble"):
    """Write its files; return the shadow file."""
    asked = "members: 12" if filter == "ensemble" else f"filter: {filter}"
    scenario = scenarios_folder() / "hello.yaml"
    (folder / "hello.tags.yaml").write_text(TAGS)
    path = folder / "s.yaml"
    estimation = ESTIMATION.replace("members: 12", asked)
    path.write_text(f"shadow: s\nscenario: {scenario}\ntags: hello.tags.yaml\ncycle: 1 h\n{estimation}{more}")
    return path


def course(hours, truth=TRUTH):
    """Yield hour, and what every tag would show without noise."""
    with cosim.open(scenarios_folder() / "hello.yaml", truth) as plant:
        for hour in range(hours + 1):
            plant.run_until(hour * 3600.0)
            yield (
                hour,
                {
                    "VT1": plant["reactor.volume"] * 1e3,
                    "XT1": plant["reactor.viable_cells"] * 1e-12,
                    "FT1": plant["feeder.target"],
                    "LAB_glucose": plant["reactor.glucose"],
                    "LAB_titre": plant["reactor.titre"],
                },
            )


def arrivals(told):
    """Return what a plant sends of a course: instruments each hour, the laboratory twice a day, five hours late."""
    found = [Note(Kind.CONNECTED, T0), Note(Kind.TEXT, T0, "batch 1", BATCH_ID)]
    waiting = []
    for hour, values in told:
        wall = T0 + hour * 3600 * S
        now = [Sample(name, wall, wall, wall, values[name], 0) for name in ("VT1", "XT1", "FT1")]
        if hour % 12 == 6:
            waiting += [(hour + 5, name, wall, values[name]) for name in ("LAB_glucose", "LAB_titre")]
        now += [Sample(name, taken, wall, wall, value, 0) for due, name, taken, value in waiting if due == hour]
        found.append((*now, Sample(BATCH_TIME, wall, wall, wall, hour * 3600.0, 0)))
    return found


class Hear(AbstractFollower):
    """Keeps the outlooks."""

    def __init__(self):
        self.outlooks = []

    def follow(self, compared):
        self.outlooks.append(compared.outlook)

    def settle(self):
        pass


def run(plan, sent, *, warn=lambda _: None, **options):
    """Let a shadow follow what is sent; return its outlooks."""
    link, hear = FakeLink(sent), Hear()
    listeners = Listeners([hear], should_stop=link.is_done.is_set, warn=warn)
    shadow(plan, Endpoint("opc.tcp://nowhere"), link=link, listeners=listeners, **options)
    return hear.outlooks
