"""Every exported block has a page with equations, limits and a picture; what a page quotes, a scenario holds."""

import re
from pathlib import Path

import pytest
from library_fmu import LIBRARY, REPOSITORY

UNITS = REPOSITORY / "docs" / "units"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(UNITS.glob("*.md")) if page.name != "README.md"}
BLOCKS = sorted(file.stem for file in (LIBRARY / "Fmus").glob("*.mo") if file.stem != "package")
STUDIES = ("continuous.md", "resin-lifetime.md")
"""Pages on scenarios, not on units."""
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+\.svg)\)")


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_on_a_page_with_a_picture(block: str) -> None:
    pages = [name for name, text in PAGES.items() if re.search(rf"`(?:BioProcess\.Fmus\.)?{block}`", text)]

    assert pages, f"No page of docs/units names {block}."
    assert any(PICTURE.search(PAGES[name]) for name in pages), f"{pages} have no picture."


@pytest.mark.parametrize("block", BLOCKS)
def test_the_list_of_units_links_a_page(block: str) -> None:
    rows = [line for line in (UNITS / "README.md").read_text(encoding="utf-8").splitlines() if f"`{block}`" in line]

    assert any(re.search(r"\]\([\w-]+\.md\)", row) for row in rows), f"docs/units/README.md has no page for {block}."


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_there_and_small(page: str) -> None:
    for picture in PICTURE.findall(PAGES[page]):
        path = (UNITS / picture).resolve()
        assert path.is_file(), f"{page} shows {picture}, which is not there."
        assert path.stat().st_size < 150_000, f"{picture} is large."
        assert "<script" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [name for name in PAGES if name not in STUDIES])
def test_a_page_tells_equations_limits_and_verification(page: str) -> None:
    text = PAGES[page]

    for heading in ("[Ee]quations|[Tt]ransfer", "[Ll]imits", "[Vv]erif"):
        assert re.search(rf"^## .*(?:{heading})|^    \w.* = |^- .*{heading}", text, re.MULTILINE), f"{page}: {heading}"


@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if "These lines are of `scenarios/" in text])
def test_quoted_lines_are_those_of_the_scenario(page: str) -> None:
    for block, scenario in re.findall(
        r"```yaml\n(.*?)```\n\nThese lines are of `(scenarios/[\w.]+)`", PAGES[page], re.DOTALL
    ):
        shipped = (REPOSITORY / scenario).read_text(encoding="utf-8").splitlines()
        assert [line for line in block.splitlines() if line not in shipped] == []


def test_no_picture_is_left_over() -> None:
    shown = {Path(picture).name for text in PAGES.values() for picture in PICTURE.findall(text)}
    there = {path.name for path in (REPOSITORY / "docs" / "images" / "units").glob("*.svg")}

    assert there - shown == set()
