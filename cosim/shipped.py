"""Where the Modelica library and the scenarios that come with cosim lie: in the wheel, or in a source checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def modelica_folder() -> Path | None:
    """Return the folder that holds the library ``BioProcess``."""
    return _first("modelica", "BioProcess")


def scenarios_folder() -> Path | None:
    """Return the folder of the scenarios that come with cosim."""
    return _first("scenarios", "hello.yaml")


def _first(folder: str, content: str) -> Path | None:
    places = (_PACKAGE / "_data" / folder, _PACKAGE.parent / folder)
    return next((place for place in places if (place / content).exists()), None)
