"""Which inputs have a default: stated by the FMUs that cosim builds, not known of others."""

from pathlib import Path

import pytest

from cosim.errors import FmuError
from cosim.fmu.interface import read_interface

HERE = Path("some.fmu")


def test_names_are_read():
    assert read_interface(HERE, b'{"inputs_without_default": ["u", "port.c"]}') == {"u", "port.c"}


def test_without_the_file_nobody_knows():
    assert read_interface(HERE, None) is None


@pytest.mark.parametrize(
    "data", [b"[1]", b"{}", b'{"inputs_without_default": "u"}', b'{"inputs_without_default": [1]}']
)
def test_something_else_is_refused(data):
    with pytest.raises(FmuError, match=r"interface\.json has no list 'inputs_without_default' of names"):
        read_interface(HERE, data)


def test_what_is_not_json_is_refused():
    with pytest.raises(FmuError, match=r"interface\.json is not JSON"):
        read_interface(HERE, b"{")
