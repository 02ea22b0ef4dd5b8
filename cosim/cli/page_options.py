"""Options of the live page: where it is served, who may decide there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cosim.cli.link_options import read_secret
from cosim.cli.messages import show_line, show_warning
from cosim.errors import CosimError, LinkError

if TYPE_CHECKING:
    from cosim.live.page.access import PageAddress
    from cosim.live.page.board import Message
    from cosim.shadowing.displayed import Displayed
    from cosim.shadowing.shadow import Plan
    from cosim.shadowing.showing import Showing

TOKEN: Final = "COSIM_PAGE_TOKEN"
"""The environment variable that may hold the token."""

PAGE = Annotated[bool, typer.Option("--page", help="Serve a live page.")]
PAGE_AT = Annotated[
    str | None,
    typer.Option("--page-at", metavar="HOST:PORT", help="Where; default 127.0.0.1:8080.", show_default=False),
]
PAGE_TOKEN_FILE = Annotated[
    Path | None,
    typer.Option("--page-token-file", metavar="FILE", show_default=False,
                 help=f"File with the token of those who decide on the page; else {TOKEN} is looked at."),
]  # fmt: skip
PAGE_CERTIFICATE = Annotated[
    Path | None,
    typer.Option("--page-certificate", metavar="FILE", help="PEM file with certificate and key, for HTTPS.",
                 show_default=False),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageOptions:
    """Where a page is served, and how."""

    at: PageAddress
    token: str | None = field(repr=False)
    certificate: Path | None


def page_options(
    is_asked: bool, at: str | None, token_file: Path | None, certificate: Path | None
) -> PageOptions | None:
    """Return how the page is served; None where none is asked for.

    Raises
    ------
    LinkError
        When it would be open to people who have not been asked who they are.
    """
    if not is_asked and at is None:
        if token_file is not None or certificate is not None:
            raise LinkError("There is no page that needs a token or a certificate. Give --page.")
        return None
    from importlib.util import find_spec

    if find_spec("aiohttp") is None:
        raise LinkError("The page needs aiohttp: pip install 'bioprocess-cosim[live]'.")
    from cosim.live.page.access import DEFAULT, parse_address

    place = parse_address(at) if at is not None else DEFAULT
    token = read_secret(token_file, "token") if token_file is not None else os.environ.get(TOKEN) or None
    if not place.is_loopback and token is None:
        raise LinkError(
            f"Whoever reaches this machine could look at the page at {place.host}: give --page-token-file or "
            f"{TOKEN}, or serve it at 127.0.0.1."
        )
    if not place.is_loopback and certificate is None:
        show_warning("the page's token passes the network unencrypted. Give --page-certificate.")
    return PageOptions(place, token, certificate)


@contextmanager
def shadow_page(options: PageOptions | None, plan: Plan, url: str) -> Iterator[Showing | None]:
    """Serve a page of the shadow of ``plan`` while the block runs, if that is asked for; yield what tells it.

    Raises
    ------
    LinkError
        When nobody can be served there.
    """
    if options is None:
        yield None
        return
    from cosim.shadowing.displayed import Displayed
    from cosim.shadowing.showing import Showing

    shown = Displayed()
    with serving_page(options, {plan.file.name: shown}):
        text = "failed"
        try:
            yield Showing(plan, url, shown.take)
            text = "ended"
        finally:
            shown.take({"kind": "over", "text": text})


@contextmanager
def teller(plan: Plan, url: str, tell: Callable[[Message], None]) -> Iterator[Showing]:
    """Yield what passes on to ``tell`` what a page in another process shows."""
    from cosim.shadowing.showing import Showing

    yield Showing(plan, url, tell)


@contextmanager
def serving_page(options: PageOptions, shadows: Mapping[str, Displayed]) -> Iterator[None]:
    """Serve ``shadows`` by their names while the block runs.

    Raises
    ------
    LinkError
        When nobody can be served there.
    """
    from cosim.live.page.access import Access
    from cosim.live.page.server import Decision, PageServer

    def decide(said: Decision) -> str:
        try:
            shadows[said.shadow].decide(said.advice, said.who, said.reason, is_accepted=said.is_accepted)
        except CosimError as error:
            return error.message
        return ""

    access = Access(options.token, not options.at.is_loopback, show_warning)
    boards = {name: shown.board for name, shown in shadows.items()}
    with PageServer(boards, options.at, access, decide, certificate=options.certificate) as server:
        show_line(f"The page is at {server.url}")
        yield
