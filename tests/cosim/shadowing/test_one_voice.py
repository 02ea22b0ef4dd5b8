"""What forty copies of a model say is read once."""

import logging

from cosim.shadowing.one_voice import OneVoice

LOG = logging.getLogger("cosim.fmu")


def test_copies_say_it_once_with_how_many_they_are(caplog):
    with OneVoice() as voice:
        for hour in range(3):
            LOG.warning("%s: Assertion at t = %d h: Too cold.", "reactor", hour)
        LOG.warning("reactor: Assertion at t = 3 h: Too warm.")
        assert caplog.messages == []
        voice.speak()
        LOG.warning("reactor: Assertion at t = 4 h: Too cold.")
    assert caplog.messages == [
        "reactor: Assertion at t = 0 h: Too cold. (3 copies of the model say so.)",
        "reactor: Assertion at t = 3 h: Too warm.",
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_afterwards_and_after_an_error_all_is_told(caplog):
    try:
        with OneVoice():
            LOG.error("mixer: broken")
            raise RuntimeError("stop")
    except RuntimeError:
        pass
    LOG.error("mixer: broken")
    assert caplog.messages == ["mixer: broken", "mixer: broken"]
