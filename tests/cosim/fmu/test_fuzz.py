"""Whatever bytes are given: an FMU is opened or refused with an FmuError, nothing else."""

import random
import zipfile

import pytest
from fmu_factory import lag_description, write_fmu

from cosim.errors import FmuError
from cosim.fmu import open_fmu
from cosim.fmu.limits import find_limits

SPECIES = '{"mab": {"basis": "kg", "molar_mass": 148.0, "carbon": 44.0, "location": "liquid"}}'
TOKENS = (
    "",
    "0",
    "-1",
    "1e999",
    "NaN",
    "INF",
    "9" * 30,
    "true",
    "../x",
    "\x01",
    "ä",
    "<",
    '"',
    "&#0;",
    "&amp;",
    " ",
    "[]",
)


def is_opened(path):
    """Open the FMU and look at it; a refusal names the file, and nothing but an FmuError may be raised."""
    try:
        with open_fmu(path) as file:
            find_limits(file)
    except FmuError as error:
        if str(path) not in error.message:
            raise
        return False
    return True


@pytest.fixture
def archive(tmp_path):
    files = {
        "modelDescription.xml": lag_description(),
        "resources/species.json": SPECIES,
        "binaries/linux64/lag.so": "x",
    }
    return write_fmu(tmp_path / "lag.fmu", files)


def test_bytes_of_the_archive(archive, tmp_path):
    good, damaged, chance = archive.read_bytes(), tmp_path / "damaged.fmu", random.Random(1)
    opened = set()
    for _ in range(600):
        content = bytearray(good)
        directory = good.index(b"PK\x01\x02")
        for _ in range(chance.choice([1, 1, 2, 8])):
            start = chance.choice([0, directory])
            place = min(start + int(chance.expovariate(1 / 60)), len(content) - 1)
            content[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        if chance.random() < 0.1:
            del content[chance.randrange(len(content)) :]
        damaged.write_bytes(bytes(content))
        opened.add(is_opened(damaged))
    assert opened == {True, False}


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_attributes_of_the_description(fmi, tmp_path):
    xml, path, chance = lag_description(fmi), tmp_path / "changed.fmu", random.Random(2)
    quotes = [place for place, letter in enumerate(xml) if letter == '"']
    opened = set()
    for _ in range(250):
        start = chance.randrange(0, len(quotes) // 2) * 2
        left, right = quotes[start], quotes[start + 1]
        token = chance.choice([*TOKENS, xml[quotes[start - 2] + 1 : quotes[start - 1]]])
        with zipfile.ZipFile(path, "w") as changed:
            changed.writestr("modelDescription.xml", xml[: left + 1] + token + xml[right:])
        opened.add(is_opened(path))
    assert opened == {True, False}


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_lines_of_the_description(fmi, tmp_path):
    lines, path, chance = lag_description(fmi).splitlines(keepends=True), tmp_path / "changed.fmu", random.Random(3)
    opened = set()
    for _ in range(150):
        changed = list(lines)
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(3):
            case 0:
                del changed[place]
            case 1:
                changed.insert(place, lines[other])
            case _:
                changed[place], changed[other] = lines[other], lines[place]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("modelDescription.xml", "".join(changed))
        opened.add(is_opened(path))
    assert opened == {True, False}


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_nesting(tmp_path, depth):
    deep = "<Annotations>" * depth + "</Annotations>" * depth
    xml = lag_description().replace(
        "<ModelVariables>", f"<VendorAnnotations>{deep}</VendorAnnotations><ModelVariables>"
    )
    with pytest.raises(FmuError, match="does not follow the FMI standard:\n  - Excessive depth in document"):
        open_fmu(write_fmu(tmp_path / "deep.fmu", {"modelDescription.xml": xml}))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[" * 100_000, "is not JSON: maximum recursion depth exceeded"),
        ("9" * 100_000, r"is not JSON: Exceeds the limit \(4300 digits\)"),
        ('{"a": 1e999}', "'a' is not a table of properties"),
        ("\ud800", "is not JSON: Expecting value"),
        ('{"a": {"basis": []}}', r"'a' has the basis \[\]; it is one of kg, mol, count"),
        (f'{{"a": {{"basis": "kg", "carbon": {"9" * 400}}}}}', "'a' has the carbon 9+, which should be finite"),
    ],
    ids=["nested", "digits", "infinite", "surrogate", "list", "large"],
)
def test_species(tmp_path, text, match):
    files = {"modelDescription.xml": lag_description(), "resources/species.json": text.encode("utf-8", "surrogatepass")}
    with pytest.raises(FmuError, match=rf"resources/species\.json.* {match}"):
        open_fmu(write_fmu(tmp_path / "odd.fmu", files))
