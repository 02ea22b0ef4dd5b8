"""The validation report shows what was signed, and deviations before all else."""

import shutil

import pytest
from released import make_workplace

from cosim.errors import ReleaseError
from cosim.release import report as report_module
from cosim.release.report import render, write_report


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    return make_workplace(tmp_path, monkeypatch)


def test_an_approved_release(workplace):
    title = workplace.approved()
    release = workplace.registry.release(title)
    page = render(workplace.registry, release)
    assert '<div class="verdict good">' in page
    assert "no gate is open" in page
    assert "Deviations" not in page
    for text in ("Offline studies", "not above 40 degC", "It grows as measured", "batch 12", "Grace Hopper"):
        assert text in page, text
    for event in release.events:
        assert event.hash in page
    for digest in release.hashes.values():
        assert digest in page
    assert "passed: fit.error is 0.03; it should be at most 0.05" in page


def test_deviations_are_seen(workplace):
    title = workplace.create()
    workplace.sign(title, "deviation", "grace", {"gate": "sensitivity"}, "<b>no time</b> before the batch")
    page = render(workplace.registry, workplace.registry.release(title))
    assert "&lt;b&gt;no time&lt;/b&gt; before the batch" in page
    assert page.index("<h2>Deviations</h2>") < page.index("<h2>Requirements")
    assert "3 gates not passed, with 1 deviation" not in page
    assert "4 gates not passed, with 1 deviation" in page


def test_a_report_is_html_or_pdf(workplace, monkeypatch):
    title = workplace.create()
    write_report(workplace.registry, title, workplace.folder / "report.html")
    assert (workplace.folder / "report.html").read_text().startswith("<!doctype html>")
    with pytest.raises(ReleaseError, match=r"as \.html or \.pdf, not as 'report\.doc'"):
        write_report(workplace.registry, title, workplace.folder / "report.doc")
    monkeypatch.setattr(report_module, "BROWSERS", ("no-such-browser",))
    with pytest.raises(ReleaseError, match="A PDF is printed by Chromium, which is not installed"):
        write_report(workplace.registry, title, workplace.folder / "report.pdf")


@pytest.mark.skipif(not any(map(shutil.which, report_module.BROWSERS)), reason="no Chromium is installed")
def test_a_report_as_pdf(workplace):
    write_report(workplace.registry, workplace.create(), workplace.folder / "report.pdf")
    assert (workplace.folder / "report.pdf").read_bytes().startswith(b"%PDF-")
