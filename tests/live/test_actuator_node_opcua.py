"""Set-points of node-opcua's server written and read back, refused and ignored by it, and its heartbeat."""

import logging
import math
import re
import time

import pytest
from followed import Followed
from node_opcua import NEEDS, NodeServer
from opcua_server import URI, wait_for

from cosim.acting.actions import Kind
from cosim.acting.writing import Writer
from cosim.errors import LinkError
from cosim.live.acting import Acting, Heartbeat, Manipulated, Mode
from cosim.live.opcua.actuator import Actuator
from cosim.live.record import Kind as Heard
from cosim.live.tag import Address, Tag, TagMap, Use

pytestmark = NEEDS
HOUR = 3600 * 10**9
KINDS = {
    "DOUBLE": {"type": "Double", "value": 1.0}, "FLOAT": {"type": "Float", "value": 1.0},
    "WHOLE": {"type": "Int16", "value": 1}, "ADVICE": {"type": "Float", "value": 0.0},
    "NARROW": {"type": "Double", "value": 1.0, "high": 2.0}, "TEXT": {"type": "String", "value": "1"},
    "BEAT": {"type": "UInt16", "value": 0},
    **{name: {"type": "Double", "value": 1.0, "is": name.lower()} for name in ("LATE", "IGNORED", "LOCKED", "REFUSED")},
}  # fmt: skip
MOVES = {
    name: Manipulated(name, "a.b", "1", 0.5, 5.1, 2.0, HOUR, advice="ADVICE" if name == "FLOAT" else None)
    for name in KINDS
    if name not in ("ADVICE", "BEAT")
}
ACTING = Acting(Mode.CONTROL, MOVES, Heartbeat("BEAT", 0.05, 1.0, most=5), HOUR, HOUR, ())
TAGS = TagMap(
    {name: Tag(name, Address(f"nsu={URI};s={name}", False), "1", Use.NOTHING, "", "", 10**9) for name in KINDS}, None
)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """A server and an actuator of it, over a link."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    with NodeServer(tmp_path_factory.mktemp("node"), n=0, setPoints=KINDS) as server:
        actuator = Actuator(ACTING.ranges, ACTING.heartbeat, ["ADVICE"])
        with Followed(server.url, TAGS, actuator=actuator) as followed:
            assert followed.has(Heard.BACKFILLED)
            assert wait_for(lambda: _can_read(actuator))
            yield server, actuator


def _can_read(actuator):
    try:
        return actuator.read(["DOUBLE"])["DOUBLE"].value == 1.0
    except LinkError:
        return False


def moved(plant, tag, value, trail=None):
    """Move a set-point as a twin does; return the outcome and what was told."""
    told, (_, actuator) = [], plant
    record = (lambda *_, **options: trail.append(options["after"])) if trail is not None else lambda *_, **__: None
    writer = Writer(ACTING, actuator, told.append, record=record)
    present = actuator.read([tag])[tag].value
    fitted = actuator.fitting(tag, value, present)
    return writer.move(tag, fitted, "why", now=0, elapsed=HOUR, is_armed=True), [action.kind for action in told]


@pytest.mark.parametrize(("tag", "kind"), [("DOUBLE", "Double"), ("FLOAT", "Float"), ("WHOLE", "Int16")])
def test_a_set_point_is_written_in_its_type_within_its_step_and_read_back(plant, tag, kind):
    trail = []
    outcome, told = moved(plant, tag, 2.7, trail)
    assert outcome.problem is None
    assert 2.0 <= outcome.value <= 2.7
    assert outcome.value == pytest.approx(2.0 if tag == "WHOLE" else 2.7)
    assert told == [Kind.INTENT, Kind.WRITTEN]
    assert [item["status"] for item in trail] == ["to be written", "written"]
    assert plant[0].tell("written")[tag] == [[kind, pytest.approx(trail[0]["value"], rel=1e-12)]]


def test_what_is_shown_late_is_waited_for(plant):
    assert moved(plant, "LATE", 2.5)[0].problem is None


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("IGNORED", "the plant shows 1 1 after 2.5 1 was written"),
        ("LOCKED", "The plant refuses 2.5 for 'LOCKED': Bad(NotWritable|UserAccessDenied)"),
        ("NARROW", "The plant refuses 2.5 for 'NARROW': BadOutOfRange"),
        ("REFUSED", "The plant refuses 2.5 for 'REFUSED': BadTypeMismatch"),
    ],
)
def test_what_the_server_does_not_take_is_told_and_stays(plant, tag, reason):
    trail = []
    outcome, told = moved(plant, tag, 2.5, trail)
    assert re.search(reason, outcome.problem)
    assert told == [Kind.INTENT, Kind.REFUSED]
    assert trail[-1]["status"] in ("unknown", "not written")
    assert plant[1].read([tag])[tag].value == 1.0


def test_a_node_that_holds_no_number_is_not_written(plant):
    _, actuator = plant
    assert math.isnan(actuator.read(["TEXT"])["TEXT"].value)
    with pytest.raises(LinkError, match="The node of 'TEXT' holds no single number"):
        actuator.fitting("TEXT", 2.0, 1.0)
    with pytest.raises(LinkError, match="The node of 'TEXT' holds no single number"):
        actuator.write("TEXT", 2.0)
    assert plant[0].tell("written")["TEXT"] == []


def test_advice_is_shown_at_its_node_within_the_range(plant):
    server, actuator = plant
    writer = Writer(ACTING, actuator, lambda _: None, record=lambda *_, **__: None)
    for value in (5.1, 0.5):
        assert writer.show("FLOAT", value, "advice", now=0).problem is None
    shown = server.tell("written")["ADVICE"]
    assert [kind for kind, _ in shown] == ["Float", "Float"]
    assert all(0.5 <= value <= 5.1 for _, value in shown)
    assert [value for _, value in shown] == pytest.approx([5.1, 0.5], rel=1e-6)


def test_the_heartbeat_counts_begins_again_and_is_released(plant):
    server, actuator = plant
    beats = lambda: [value for _, value in server.tell("written")["BEAT"]]  # noqa: E731
    assert beats() == []
    actuator.beat_until(time.monotonic() + 60.0)
    assert wait_for(lambda: len(beats()) > 7)
    actuator.release()
    found = beats()
    assert found[:7] == [1, 2, 3, 4, 5, 1, 2]
    assert found[-1] == 0
    time.sleep(0.3)
    assert beats() == found


def test_a_set_point_that_an_operator_has_moved_is_not_written_over(plant):
    server, actuator = plant
    present = actuator.read(["DOUBLE"])["DOUBLE"].value
    server.tell("set", tag="DOUBLE", value=3.3)
    writer = Writer(ACTING, actuator, lambda _: None, record=lambda *_, **__: None)
    n = len(server.tell("written")["DOUBLE"])
    outcome = writer.move("DOUBLE", 3.4, "why", now=0, elapsed=HOUR, is_armed=True, expected=present)
    assert "it is at 3.3 and not at" in outcome.problem
    assert len(server.tell("written")["DOUBLE"]) == n
