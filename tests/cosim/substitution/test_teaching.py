"""What an interrupted training is kept under."""

from cosim.substitution import teaching


def test_another_version_does_not_go_on_from_what_was_kept(monkeypatch):
    parts = [{"n_tanks": 4}, 1, {"width": 8}, "abc"]
    now = teaching.interrupted_name(parts)
    assert teaching.interrupted_name(list(parts)) == now
    monkeypatch.setattr(teaching, "__version__", "0.0.0")
    assert teaching.interrupted_name(parts) != now
