import numpy as np

from cosim.execution.settings import Settings
from cosim.system.experiment import Setting
from cosim.system.variable import VariableName

X = VariableName("a", "x")


def make() -> tuple[np.ndarray, Settings]:
    board = np.array([0.0, 5.0])
    return board, Settings(board, {X: 1})


def test_layers_come_and_go_in_any_order():
    board, settings = make()
    outer, inner = object(), object()
    settings.put(outer, X, 6.0)
    settings.put(inner, X, 7.0)
    assert board[1] == 7.0
    settings.withdraw(outer)
    assert board[1] == 7.0
    settings.withdraw(inner)
    assert board[1] == 5.0


def test_an_owner_has_one_value():
    board, settings = make()
    owner = object()
    settings.put(owner, X, 6.0)
    settings.put(owner, X, 8.0)
    assert board[1] == 8.0
    settings.withdraw(owner)
    assert board[1] == 5.0


def test_a_value_below_is_replaced_where_it_lies():
    board, settings = make()
    outer, inner = object(), object()
    settings.put(outer, X, 6.0)
    settings.put(inner, X, 7.0)
    settings.put(outer, X, 8.0)
    assert board[1] == 7.0
    settings.withdraw(inner)
    assert board[1] == 8.0


def test_an_event_lasts_as_long_as_what_it_overwrites():
    board, settings = make()
    owner = object()
    settings.put(owner, X, 6.0)
    settings.overwrite([Setting(X, 9.0)])
    assert board[1] == 9.0
    settings.withdraw(owner)
    assert board[1] == 5.0
    settings.overwrite([Setting(X, 4.0)])
    settings.put(owner, X, 6.0)
    settings.withdraw(owner)
    assert board[1] == 4.0
