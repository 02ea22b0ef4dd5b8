"""Where the schemas of standards around FMI are that come with fmpy."""

from pathlib import Path


def ssp_schema_file(name: str) -> Path:
    """Return the XML schema ``name`` of SSP 1.0."""
    import fmpy

    return Path(fmpy.__file__).parent / "ssp" / "schema" / name
