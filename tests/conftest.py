"""What every test stands on."""

import pytest
from library_fmu import keep_logger


@pytest.fixture(autouse=True)
def logger_that_stays():
    """A test that gave fmpy a logger of its own does not leave it to the next."""
    keep_logger()
