"""The OpenModelica adapter against replies as omc 1.24 gives them; omc itself need not be installed."""

import importlib.util
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from cosim.build.omc import OmcError, compile_with_omc, open_session
from cosim.build.request import BuildRequest
from cosim.build.toolchain import native_platform
from cosim.errors import BuildError, ModelError, ProblemList

LIBRARY = "package Lib\n  model A\n  Real x(start=1);\n  equation\n    der(x) = -x;\n  end A;\nend Lib;\n"
TWO_ERRORS = (
    "[{file}:6:5-6:16:writable] Error: Variable y not found in scope Lib.A.\n"
    "[{file}:4:5-4:20:writable] Error: Type mismatch in binding start = n, expected subtype of Real,\n"
    "  got type String.\n"
    "Error: Error occurred while flattening model Lib.A\n"
)


class RecordedOmc:
    """Answers by the first pattern that matches; writes an FMU where buildModelFMU would."""

    def __init__(self, replies: dict[str, object] | None = None):
        self.replies = replies or {}
        self.asked: list[str] = []
        self.folder = Path()
        self.is_closed = False

    def sendExpression(self, command: str) -> object:
        self.asked.append(command)
        for pattern, reply in self.replies.items():
            if re.match(pattern, command):
                return reply
        if command.startswith("cd("):
            self.folder = Path(command[4:-2])
            return command[4:-2]
        if command.startswith("buildModelFMU"):
            with zipfile.ZipFile(self.folder / "Lib_A.fmu", "w") as archive:
                archive.writestr("modelDescription.xml", "<fmiModelDescription/>")
                archive.writestr("binaries/linux64/Lib_A.so", b"\x7fELF")
            return "Lib_A.fmu"
        return "" if command == "getErrorString()" else True

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def request_a(tmp_path) -> BuildRequest:
    (tmp_path / "Lib.mo").write_text(LIBRARY)
    return BuildRequest(
        class_name="Lib.A", search_path=(tmp_path / "Lib.mo",), output=tmp_path, fmi_versions=("2.0",),
        platforms=(native_platform().name,), structure="{}", compiler="omc",
    )  # fmt: skip


def test_fmu_is_repacked_with_the_record(request_a, tmp_path):
    omc = RecordedOmc()
    packed = compile_with_omc(request_a, start=lambda: omc)
    assert set(packed["2.0"]) == {"modelDescription.xml", "binaries/linux64/Lib_A.so", "resources/build.json"}
    assert json.loads(packed["2.0"]["resources/build.json"])["compiler"] == "omc"
    assert f'loadFile("{tmp_path / "Lib.mo"}")' in omc.asked
    assert omc.asked[-1] == (
        'buildModelFMU(Lib.A, version="2.0", fmuType="me_cs", fileNamePrefix="Lib_A", platforms={"static"})'
    )
    assert omc.is_closed


def test_structure_becomes_a_modification(request_a):
    import dataclasses

    omc = RecordedOmc()
    request = dataclasses.replace(request_a, structure='{"column": {"n": 3}, "kind": "Types.Kind.a", "on": true}')
    compile_with_omc(request, start=lambda: omc)
    wrapper = "model CosimTopLevel extends Lib.A(column(n=3), kind=Types.Kind.a, on=true); end CosimTopLevel;"
    assert f'loadString("{wrapper}")' in omc.asked
    assert omc.asked[-1].startswith("buildModelFMU(CosimTopLevel,")


def test_model_errors_carry_file_and_line(request_a, tmp_path):
    errors = TWO_ERRORS.format(file=tmp_path / "Lib.mo")
    omc = RecordedOmc({"buildModelFMU": "", "getErrorString": errors})
    with pytest.raises(ProblemList) as caught:
        compile_with_omc(request_a, start=lambda: omc)
    first, second = caught.value.problems
    assert isinstance(first, ModelError)
    assert str(first) == f"{tmp_path / 'Lib.mo'}:6: OpenModelica: Variable y not found in scope Lib.A."
    assert second.message.endswith("expected subtype of Real, got type String.")
    assert second.location.line == 4
    assert omc.is_closed


def test_errors_that_ompython_raises_are_read(request_a, tmp_path):
    """OMPython 4 collects omc's messages into one exception."""
    file = tmp_path / "Lib.mo"
    text = (
        "OMC error occurred for 'sendExpression(expr=buildModelFMU(Lib.A), parsed=True):\n"
        "00: [translation:error:0] [:false:0:0:0:0] Error occurred while flattening model Lib.A\n"
        f"01: [translation:error:3] [{file}:false:6:5:6:16] Variable y not found in scope Lib.A.\n"
        f"02: [translation:warning:9] [{file}:false:1:1:1:2] Something else."
    )

    class Raising(RecordedOmc):
        def sendExpression(self, command: str) -> object:
            if command.startswith("buildModelFMU"):
                raise OmcError(text)
            return super().sendExpression(command)

    with pytest.raises(ModelError) as caught:
        compile_with_omc(request_a, start=Raising)
    assert str(caught.value) == f"{file}:6: OpenModelica: Variable y not found in scope Lib.A."


def test_error_without_a_place_is_reported(request_a):
    replies = {"loadFile": False, "getErrorString": "Error: Failed to open file for reading: Lib.mo\n"}
    with pytest.raises(BuildError, match="OpenModelica cannot load the library Lib: Failed to open file"):
        compile_with_omc(request_a, start=lambda: RecordedOmc(replies))


def test_silence_is_reported(request_a):
    with pytest.raises(BuildError, match=r"built no FMI 2.0 FMU of Lib.A and gave no reason \(reply: ''\)"):
        compile_with_omc(request_a, start=lambda: RecordedOmc({"buildModelFMU": ""}))


def test_dead_omc_is_reported(request_a):
    class Dead(RecordedOmc):
        def sendExpression(self, command: str) -> object:
            if command.startswith("buildModelFMU"):
                raise OmcError("no reply within 10 s")
            return super().sendExpression(command)

    with pytest.raises(BuildError, match=r"stopped answering at buildModelFMU.*no reply within 10 s"):
        compile_with_omc(request_a, start=Dead)


def test_other_platforms_are_refused(request_a):
    import dataclasses

    request = dataclasses.replace(request_a, platforms=("linux64", "win64"))
    with pytest.raises(BuildError, match="Cannot build for win64 with OpenModelica"):
        compile_with_omc(request, start=RecordedOmc)


def test_missing_ompython_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BuildError, match=r"the OMPython package is missing.*bioprocess-cosim\[omc\]"):
        open_session()


@pytest.mark.skipif(shutil.which("omc") is None, reason="needs OpenModelica")
def test_real_omc_builds(request_a):
    assert "modelDescription.xml" in compile_with_omc(request_a)["2.0"]
