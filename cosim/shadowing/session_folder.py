"""The folder of a shadow: made and held by one process, and found again by what it says it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cosim.errors import CosimError, RequestError, ResultError
from cosim.live.tag import TagMap
from cosim.live.tag_file import parse_tag_map
from cosim.results.document import encode, write_text
from cosim.resuming import alone
from cosim.run_folder import make_folder
from cosim.scenario.document import content_of

if TYPE_CHECKING:
    from cosim.shadowing.shadow import Plan

DOCUMENT: Final = "shadow.json"


@contextmanager
def own_folder(plan: Plan, out: str | Path | None) -> Iterator[Path]:
    """Make the folder of a shadow that begins, say there what it is, and let nobody else work in it meanwhile.

    Raises
    ------
    RequestError, ResultError
        When somebody does, or it holds a result or a shadow.
    """
    folder, run_id = make_folder(plan.file.name, out)
    with alone(folder):  # before anything is written: another may have chosen the same folder at this moment
        if (folder / DOCUMENT).exists():
            raise ResultError(
                f"'{folder}' holds a shadow already. Choose another folder, or go on with it by --resume."
            )
        document = {
            "shadow": plan.file.name,
            "run_id": run_id,
            "file": str(plan.file.path.resolve()),
            "texts": plan.texts,
        }
        write_text(folder / DOCUMENT, encode(document, indent=2))
        yield folder


def tags_of(folder: Path) -> TagMap | None:
    """Return the tag map of the shadow in ``folder``; None where there is no shadow, or it cannot be read."""
    try:
        text = _document(folder)["texts"]["tags"]
        return parse_tag_map(text, folder / DOCUMENT)
    except (OSError, ValueError, KeyError, TypeError, CosimError):
        return None


def require_same(plan: Plan, folder: Path) -> None:
    """Make sure that ``folder`` holds a shadow of the same files.

    Raises
    ------
    RequestError
        When it does not.
    """
    try:
        texts = _document(folder)["texts"]
        now = plan.texts
        changed = [name for name in now if content_of(texts[name]) != content_of(now[name])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_shadow(folder) from error
    if changed:
        raise RequestError(
            f"'{folder}' cannot be gone on with: the {changed[0]} file has changed since. Restore it, or begin anew."
        )


def name_of(folder: Path) -> str:
    """Return the name of the shadow in ``folder``.

    Raises
    ------
    RequestError
        When there is none.
    """
    try:
        return str(_document(folder)["shadow"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_shadow(folder) from error


def file_of(folder: Path) -> Path | None:
    """Return the file of the shadow in ``folder``; None where there is no shadow, or it cannot be read."""
    try:
        return Path(_document(folder)["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _no_shadow(folder: Path) -> RequestError:
    return RequestError(f"There is no shadow in '{folder}'. Give the folder of one, results/<shadow>/<run id>.")


def _document(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
    return found
