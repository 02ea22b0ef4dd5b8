"""What every test stands on."""

import signal

import pytest
from library_fmu import keep_logger

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell makes what it starts in the background deaf to Ctrl-C, and every process that the tests start with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def logger_that_stays():
    """A test that gave fmpy a logger of its own does not leave it to the next."""
    keep_logger()
