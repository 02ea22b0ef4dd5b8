"""Write what repeats every species from the files that declare them: connectors, vectors and ``species.json``.

Run ``python modelica/write_interfaces.py`` after a change of ``BioProcess/Species``; a test fails if it was forgotten.
In each file listed here, every run of lines that speak of species is written again from its lines on glucose. Wherever
the number of species stands in the library it is written anew.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIBRARY: Final = Path(__file__).parent / "BioProcess"
_FILES: Final = (
    "Interfaces/LiquidInlet",
    "Interfaces/LiquidOutlet",
    "Interfaces/LiquidDriver",
    "Interfaces/LiquidReceiver",
    "Interfaces/InletVector",
    "Interfaces/InletWithDemandVector",
    "Interfaces/OutletVector",
    "Interfaces/OutletOnDemandVector",
    "Interfaces/PartialInventory",
    "Interfaces/PartialConversion",
    "Feeds/DemandSource",
    "Feeds/StreamSource",
    "Species/vector",
    "Vessels/Pipe",
    "Vessels/PipeOnDemand",
)
_WIDTH: Final = 120
_GLUCOSE: Final = "D-glucose, C6H12O6"
# The types of an amount and of a concentration, for each basis.
_TYPES: Final = {
    "mol": ("AmountOfSubstance", "Molarity"),
    "kg": ("Mass", "MassConcentration"),
    "count": ("CellCount", "CellConcentration"),
}


@dataclass(frozen=True, slots=True)
class Species:
    """One species as its file declares it."""

    camel: str
    snake: str
    description: str
    index: int
    facts: dict[str, object]

    def line(self, on_glucose: str) -> str:
        """Return the line on this species that corresponds to a line on glucose."""
        amount, concentration = _TYPES[str(self.facts["basis"])]
        changes = {
            "Units.AmountOfSubstance": f"Units.{amount}",
            "Units.Molarity": f"Units.{concentration}",
            "Species.Glucose": f"Species.{self.camel}",
            _GLUCOSE: self.description,
            "glucose": self.snake,
        }
        for old, new in changes.items():
            on_glucose = on_glucose.replace(old, new)
        return re.sub(r"v\[\d+\]", f"v[{self.index}]", on_glucose)


def read_species() -> list[Species]:
    """Return all species in the order of their index, which is the order of ``package.order``."""
    found = []
    for camel in (LIBRARY / "Species" / "package.order").read_text(encoding="utf-8").split():
        path = LIBRARY / "Species" / f"{camel}.mo"
        if camel.startswith("Partial") or not camel[0].isupper() or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        description = re.search(rf'^package {camel} "(.*)"$', text, re.MULTILINE)
        items = dict(re.findall(r"^    (\w+)=([^,\n]+),?$", text, re.MULTILINE))
        assert description is not None, f"{path.name} has no description."
        index = int(items.pop("index"))
        assert index == len(found) + 1, f"{path.name} must have index {len(found) + 1}."
        facts = {key: json.loads(value) for key, value in items.items()}
        found.append(Species(camel, re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower(), description[1], index, facts))
    return found


def rewritten(text: str, species: list[Species]) -> str:
    """Return a file's text with its lines on species written again from those on glucose."""
    names = "|".join(one.snake for one in species)
    speaks = re.compile(rf"(?:\b|_)(?:{names})(?:\b|_total\b)(?!\))|\[Species\.[A-Z]\w+\.index\]")
    lines: list[str] = []
    run: list[str] = []
    for line in [*_joined(text), ""]:
        if speaks.search(line) and not line.lstrip().startswith("<"):
            run.append(line)
            continue
        patterns = [one for one in run if "glucose" in one]
        lines += [_wrapped(one.line(pattern)) for one in species for pattern in patterns]
        run = []
        lines.append(line)
    return "\n".join(lines)


def _wrapped(line: str) -> str:
    """Return a line with its description on the next one if both do not fit."""
    return line if len(line) <= _WIDTH else line.replace(' "', '\n    "', 1)


def _joined(text: str) -> list[str]:
    """Return the lines of a file, a declaration whose description stands on the next line as one."""
    return re.sub(r'\n    "', ' "', text).splitlines()


def with_count(text: str, n_species: int) -> str:
    """Return a file's text with the number of species in it.

    The compiler takes the size of a type or an array from a number only, not from ``Species.n``.
    """
    text = re.sub(r"^(  type \w+ = Real)\[\d+\]", rf"\g<1>[{n_species}]", text, flags=re.MULTILINE)
    return re.sub(r"\bInteger (n|n_species) = \d+(?= \"Number of species)", rf"Integer \g<1> = {n_species}", text)


def written_files() -> dict[Path, str]:
    """Return the text that each written file should have."""
    species = read_species()
    table = {one.snake: one.facts for one in species}
    texts = {LIBRARY / "Resources" / "species.json": json.dumps(table, indent=2) + "\n"}
    for name in _FILES:
        path = LIBRARY / f"{name}.mo"
        texts[path] = rewritten(path.read_text(encoding="utf-8"), species)
    for path in sorted(LIBRARY.rglob("*.mo")):
        text = texts.get(path, path.read_text(encoding="utf-8"))
        if text != (counted := with_count(text, len(species))) or path in texts:
            texts[path] = counted
    return texts


if __name__ == "__main__":
    for path, text in written_files().items():
        path.write_text(text, encoding="utf-8")
