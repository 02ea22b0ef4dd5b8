"""Requests for notifications that wait at a server: how many, what they acknowledge, and what ends them."""

import asyncio
from types import SimpleNamespace

import pytest

pytest.importorskip("asyncua", reason="asyncua is not installed")
from asyncua import ua

from cosim.live.opcua.services import AHEAD, Limits, Services


class Session:
    """Answers requests with ``answers``, in turn; those after the last wait for ever."""

    def __init__(self, *answers):
        self.answers, self.acknowledged, self.waiting = list(answers), [], 0

    async def publish(self, acknowledgements):
        self.acknowledged += [(item.SubscriptionId, item.SequenceNumber) for item in acknowledgements]
        await asyncio.sleep(0)
        if not self.answers:
            self.waiting += 1
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        message = ua.NotificationMessage(SequenceNumber=answer, NotificationData=[object()] if answer % 2 else [])
        return SimpleNamespace(Parameters=ua.PublishResult(SubscriptionId=7, NotificationMessage=message))


def asked(session):
    """Return the numbers that were delivered, after some turns of the loop, and whether requests still wait."""

    async def run():
        services = Services(SimpleNamespace(uaclient=SimpleNamespace(session=session)), Limits(), 1.0)
        heard = []
        asking = asyncio.create_task(services.ask_ahead(lambda result: heard.append(result)))
        for _ in range(50):
            await asyncio.sleep(0)
        is_over = asking.done()
        asking.cancel()
        return [result.NotificationMessage.SequenceNumber for result in heard], is_over

    return asyncio.run(run())


def test_several_requests_wait_at_the_server_and_each_acknowledges_what_it_brought():
    session = Session(1, 2, 3, 5)
    heard, is_over = asked(session)
    assert heard == [1, 2, 3, 5]
    assert session.waiting == AHEAD > 1
    assert not is_over
    assert sorted(session.acknowledged) == [(7, 1), (7, 3), (7, 5)]  # one without data is not acknowledged


@pytest.mark.parametrize("error", [ua.uaerrors.BadTooManyPublishRequests(), ConnectionError("lost")])
def test_a_server_that_takes_no_more_requests_is_not_asked_again(error):
    session = Session(1, error, error, error)
    heard, is_over = asked(session)
    assert heard == [1]
    assert is_over
