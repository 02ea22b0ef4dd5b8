"""What to build, as plain data that can travel to another process, and the keys that follow from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cosim.build import cache
from cosim.build.frontend.source import ModelicaSource
from cosim.build.frontend.wrapper import StructuralValue
from cosim.build.toolchain import Toolchain, find_platform, find_toolchain, omc_identity


@dataclass(frozen=True)
class BuildRequest:
    """One class with its structural parameters, for one or two FMI versions and some platforms.

    ``output`` is the folder for the FMUs, None for the store. ``structure`` is JSON text, so that a request is hashable
    and the same structure is always the same text. ``known_digest`` is the hash of the sources where the caller has it
    already.
    """

    class_name: str
    search_path: tuple[Path, ...]
    output: Path | None
    fmi_versions: tuple[str, ...]
    platforms: tuple[str, ...]
    structure: str
    compiler: str
    is_portable: bool = False
    known_digest: str | None = None

    def to_json(self) -> str:
        """Return the request as text, for another process."""
        paths = {"search_path": [str(path) for path in self.search_path], "output": self.output and str(self.output)}
        return json.dumps({name: getattr(self, name) for name in self.__dataclass_fields__} | paths)

    @staticmethod
    def from_json(text: str) -> "BuildRequest":
        """Return the request that ``to_json`` wrote."""
        told = json.loads(text)
        lists = {name: tuple(told[name]) for name in ("fmi_versions", "platforms")}
        search_path = tuple(Path(path) for path in told["search_path"])
        output = None if told["output"] is None else Path(told["output"])
        return BuildRequest(**told | lists | {"search_path": search_path, "output": output})

    @cached_property
    def source(self) -> ModelicaSource:
        """The libraries of the search path."""
        return ModelicaSource.discover(self.search_path)

    @cached_property
    def toolchains(self) -> tuple[Toolchain, ...]:
        """A C compiler for each platform."""
        return tuple(find_toolchain(find_platform(name), is_portable=self.is_portable) for name in self.platforms)

    @property
    def tools(self) -> list[str]:
        """What turns C into libraries: our C compilers, or omc, which brings its own."""
        if self.compiler == "omc":
            return [omc_identity()]
        return [toolchain.identity for toolchain in self.toolchains]

    @cached_property
    def source_key(self) -> str:
        """Hash of everything that decides the model, but not how it is compiled to machine code."""
        return cache.digest(
            {
                "class": self.class_name,
                "source": self.known_digest or self.source.digest(self.class_name),
                "structure": self.structure,
                "cosim": cache.compiler_digest(),
                "compiler": self.compiler,
            }
        )

    @cached_property
    def build_key(self) -> str:
        """Hash of everything that decides the FMU."""
        return cache.digest({"source_key": self.source_key, "platforms": self.platforms, "tools": self.tools})

    @property
    def structure_values(self) -> Mapping[str, StructuralValue]:
        """The structural parameters."""
        values: Mapping[str, StructuralValue] = json.loads(self.structure)
        return values

    def path(self, version: str) -> Path:
        """Return where the FMU of FMI ``version`` goes."""
        return self.stored(version) if self.output is None else self.output / self._name(version)

    def stored(self, version: str) -> Path:
        """Return where the store keeps it."""
        return cache.stored(self.build_key, self._name(version))

    def _name(self, version: str) -> str:
        """Return the name of its file, in which a changed structure shows."""
        variant = "" if self.structure == "{}" else "." + cache.digest({"structure": self.structure})[:8]
        return f"{self.class_name}{variant}.fmi{version[0]}.fmu"

    def record(self) -> dict[str, object]:
        """Return what ``resources/build.json`` says."""
        return {
            "class": self.class_name,
            "structure": self.structure_values,
            "compiler": self.compiler,
            "platforms": list(self.platforms),
            "tools": self.tools,
            "source_key": self.source_key,
            "build_key": self.build_key,
        }
