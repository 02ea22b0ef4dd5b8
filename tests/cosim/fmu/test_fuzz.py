"""Whatever bytes are given: an FMU is opened or refused with an FmuError, nothing else."""

import random
import zipfile
from contextlib import suppress

import pytest
from fmu_factory import lag_description, write_fmu

from cosim.errors import CosimError
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


def try_to_open(path):
    with suppress(CosimError), open_fmu(path) as file:
        find_limits(file)


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
        try_to_open(damaged)


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_attributes_of_the_description(fmi, tmp_path):
    xml, path, chance = lag_description(fmi), tmp_path / "changed.fmu", random.Random(2)
    quotes = [place for place, letter in enumerate(xml) if letter == '"']
    for _ in range(250):
        start = chance.randrange(0, len(quotes) // 2) * 2
        left, right = quotes[start], quotes[start + 1]
        token = chance.choice([*TOKENS, xml[quotes[start - 2] + 1 : quotes[start - 1]]])
        with zipfile.ZipFile(path, "w") as changed:
            changed.writestr("modelDescription.xml", xml[: left + 1] + token + xml[right:])
        try_to_open(path)


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_lines_of_the_description(fmi, tmp_path):
    lines, path, chance = lag_description(fmi).splitlines(keepends=True), tmp_path / "changed.fmu", random.Random(3)
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
        try_to_open(path)


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_nesting(tmp_path, depth):
    deep = "<Annotations>" * depth + "</Annotations>" * depth
    xml = lag_description().replace(
        "<ModelVariables>", f"<VendorAnnotations>{deep}</VendorAnnotations><ModelVariables>"
    )
    try_to_open(write_fmu(tmp_path / "deep.fmu", {"modelDescription.xml": xml}))


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, '{"a": 1e999}', "\ud800", '{"a": {"basis": []}}'])
def test_species(tmp_path, text):
    files = {"modelDescription.xml": lag_description(), "resources/species.json": text.encode("utf-8", "surrogatepass")}
    try_to_open(write_fmu(tmp_path / "odd.fmu", files))
    number = f'{{"a": {{"basis": "kg", "carbon": {"9" * 400}}}}}'
    try_to_open(write_fmu(tmp_path / "odd.fmu", files | {"resources/species.json": number}))
