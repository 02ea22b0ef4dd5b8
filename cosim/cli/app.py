"""The typer application and the one place where errors become messages and exit codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, cast

import typer

from cosim.errors import CosimError

INTERRUPTED: Final = 130
WRONG_INPUT: Final = 2

_USAGE_ERROR: Final = cast(type[Exception], typer.BadParameter.__bases__[0])
"""click's UsageError, which recent versions of typer carry inside themselves."""

app = typer.Typer(
    name="cosim",
    help="Co-simulation of bioprocesses: Modelica → FMUs → flowsheet → result and report.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from cosim._version import __version__

        typer.echo(f"cosim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Hold the options before the verb."""


def _register() -> None:
    """Add the verbs in the order in which a study uses them, once."""
    if app.registered_commands:
        return
    from cosim.cli import (
        audit,
        build,
        check,
        doctor,
        inspect,
        interchange,
        new,
        plant,
        plot,
        regress,
        release_renew,
        report,
        run,
        serve,
        shadow,
        study,
    )
    from cosim.cli import train as training

    verbs: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("new", new.new),
        ("build", build.build),
        ("inspect", inspect.inspect),
        ("check", check.check),
        ("run", run.run),
        ("plot", plot.plot),
        ("report", report.report),
        ("study", study.study),
        ("train", training.train),
        ("regress", regress.regress),
        ("export", interchange.export_system),
        ("import", interchange.import_system),
        ("serve", serve.serve),
        ("plant", plant.plant),
        ("shadow", shadow.shadow),
        ("doctor", doctor.doctor),
    )
    for name, function in verbs:
        app.command(name)(function)
    app.add_typer(release_renew.app, name="release")
    app.add_typer(audit.app, name="audit")


def run_app(arguments: Sequence[str]) -> int:
    """Run the verb in ``arguments`` and return the exit code; every error becomes one readable message."""
    _register()
    try:
        code = app(args=list(arguments) or ["--help"], prog_name="cosim", standalone_mode=False)
        return _interrupted() if code == INTERRUPTED else int(code or 0)
    except CosimError as error:
        from cosim.cli.messages import show_error

        show_error(error)
        return error.exit_code
    except typer.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except _USAGE_ERROR as error:
        from cosim.cli.messages import show_usage_error

        usage: Any = error
        show_usage_error(usage.format_message(), usage.ctx.command_path if usage.ctx else "cosim")
        return WRONG_INPUT
    except BrokenPipeError:
        return _close_pipe()
    except Exception as error:
        from cosim.cli.messages import show_unexpected

        show_unexpected(error)
        return 3


def _interrupted() -> int:
    from cosim.cli.messages import show_line

    show_line("Stopped.")
    return INTERRUPTED


def _close_pipe() -> int:
    """Leave quietly when the reader of our output has gone, as ``cosim … | head`` does."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
