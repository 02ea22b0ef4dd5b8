"""Build a wheel that carries the library's FMUs prebuilt for Linux, Windows and macOS.

The FMUs are compiled through ziglang, lie in ``cosim/_data/fmus`` while the wheel is packed, and are used by an
installed cosim as long as the Modelica sources and cosim's compiler are the ones that they were built from.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cosim.build.builder import BuiltFmu, build
from cosim.build.toolchain import PLATFORMS

PROJECT = Path(__file__).resolve().parent.parent
CARRIED = PROJECT / "cosim" / "_data" / "fmus"


def main() -> None:
    """Build the FMUs, then the wheel around them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=PROJECT / "dist", help="folder for the wheel")
    parser.add_argument("--platforms", default=",".join(PLATFORMS), help="platforms, separated by commas")
    parser.add_argument("classes", nargs="*", help="classes to carry; default every class in the Fmus packages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cosim-wheel-") as folder:
        built = build(
            arguments.classes or None,
            output=Path(folder),
            platforms=arguments.platforms.split(","),
            is_portable=True,
            progress=_say,
        )
        pack([fmu.path for fmu in built], arguments.output)


def _say(fmu: BuiltFmu) -> None:
    sys.stdout.write(f"{fmu.path.name}  {fmu.path.stat().st_size // 1024} KiB\n")


def pack(fmus: list[Path], output: Path) -> None:
    """Pack the project with ``fmus`` into a wheel in ``output``."""
    CARRIED.mkdir(parents=True)
    try:
        for fmu in fmus:
            shutil.copy(fmu, CARRIED)
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(output), str(PROJECT)]
        subprocess.run(command, check=True)
    finally:
        shutil.rmtree(CARRIED.parent)


if __name__ == "__main__":
    main()
