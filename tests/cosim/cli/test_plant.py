"""`cosim plant` as it is typed: what it refuses before it serves anything."""

import pytest
from live_plant import write_kettle

from cosim.cli.app import run_app


@pytest.fixture
def typed(tmp_path, monkeypatch, capfd):
    """A function that types a command and returns its code and what it printed on the error stream."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COSIM_PASSWORD", raising=False)
    write_kettle(tmp_path)

    def run(*arguments):
        code = run_app(["plant", *arguments])
        return code, " ".join(capfd.readouterr().err.split())

    return run


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["kettle.yaml", "--security", "Basic128"],
            2,
            "There is no security policy 'Basic128'. Choose one of Basic256",
        ),
        (["kettle.yaml", "--user", "ada"], 2, "The password would pass unencrypted. Give '--security Basic256Sha256'"),
        (["kettel.yaml"], 2, "There is no shadow file 'kettel.yaml'"),
        (["kettle.yaml", "--speed", "0"], 2, "'--speed'"),
        (["kettle.yaml"], 2, "'kettle'"),  # source: python, which nobody supplies
    ],
)
def test_what_cannot_be_served_is_refused(typed, arguments, code, message):
    assert typed(*arguments)[0] == code
    assert message in typed(*arguments)[1]


def test_a_password_that_others_can_read_is_refused(typed, tmp_path):
    (tmp_path / "password").write_text("secret-1")
    (tmp_path / "password").chmod(0o644)
    code, said = typed("kettle.yaml", "--user", "ada", "--security", "Basic256Sha256", "--password-file", "password")
    assert code == 3
    assert "Others can read the password in 'password': chmod 600 password." in said
    assert "secret-1" not in said
