"""Many classes built by a few processes, each of which builds several: of small ones, a process alone costs most.

Processes of one folder of claims take what no other has taken, also where different processes of pytest start them.
"""

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cosim.build.builder import BuildWarning, BuiltFmu, build
from cosim.errors import CosimError

AT_ONCE = 2
"""Classes that are claimed together: each call of ``build`` hashes all sources."""


def build_many(names: Sequence[str], *, search_path: Sequence[Path], output: Path, n: int = 2) -> list[BuiltFmu]:
    """Do what ``build`` does for FMI 2.0, with ``n`` processes; what is wrong with a class is raised at the end."""
    with TemporaryDirectory() as claims:
        claim_and_build(names, search_path=search_path, output=output, claims=Path(claims), n=n)
    return build(names, search_path=search_path, output=output, fmi_versions=("2.0",))


def claim_and_build(names: Sequence[str], *, search_path: Sequence[Path], output: Path, claims: Path, n: int) -> None:
    """Build those of ``names`` that nobody has claimed, as far as they can be built."""
    with suppress(BrokenExecutor), ProcessPoolExecutor(n, get_context("spawn")) as pool:
        for future in [pool.submit(_build_unclaimed, names, tuple(search_path), output, claims) for _ in range(n)]:
            future.result()


def _build_unclaimed(names: Sequence[str], search_path: Sequence[Path], output: Path, claims: Path) -> None:
    warnings.simplefilter("error", BuildWarning)
    for begin in range(0, len(names), AT_ONCE):
        try:
            os.close(os.open(claims / str(begin), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        with suppress(CosimError):  # told by whoever asks for the class
            taken = names[begin : begin + AT_ONCE]
            build(taken, search_path=search_path, output=output, fmi_versions=("2.0",), jobs=1)
