"""Who may sign what: people, their keys and roles, from when to when, as administrators have signed it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from cosim.errors import SignatureError
from cosim.release.chronicle import Event, Signer
from cosim.release.storage import is_hash

ADMINISTRATOR: Final = "administrator"
ROLES: Final = (ADMINISTRATOR, "author", "reviewer", "approver")
STATES: Final = ("verified", "validated", "approved")
Policy = Mapping[str, Mapping[str, Sequence[str]]]
"""Gates that a release of each kind must have, by the state that they lead to."""
DEFAULT_POLICY: Final[Policy] = {
    "model": {"verified": ["regression"], "validated": ["calibration", "prediction", "sensitivity"]},
    "scenario": {"verified": ["regression"], "validated": []},
    "surrogate": {"verified": ["regression"], "validated": ["surrogate"]},
    "baseline": {"verified": [], "validated": []},
    "data": {"verified": [], "validated": []},
    "result": {"verified": [], "validated": []},
}
_PERSON: Final = re.compile(r"[a-z][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign: until when, and until which event of people, where that has ended."""

    signer: Signer
    roles: tuple[str, ...]
    until: str
    admitted: int
    revoked: int | None = None
    revoked_because: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """All who may or might sign, and the gates that releases must have; ``n`` events made them so."""

    registry: str
    n: int = 0
    last: str = ""
    persons: tuple[Person, ...] = ()
    policies: tuple[tuple[int, Policy], ...] = ((0, DEFAULT_POLICY),)

    def policy(self, at: int | None = None) -> Policy:
        """Return the gates that releases had to have after ``at`` events of people; now, where that is not given."""
        return [policy for n, policy in self.policies if at is None or n <= at][-1]

    def entitled(self, signer: Signer, roles: Sequence[str], *, time: str, at: int) -> None:
        """Make sure that ``signer`` had one of ``roles`` at a ``time``, after ``at`` events of people.

        Raises
        ------
        SignatureError
            When he had not.
        """
        known = [person for person in self.persons if person.signer.key == signer.key and person.admitted <= at]
        who = f"{signer.name} ({signer.person})"
        if not known or known[-1].signer != signer:
            raise SignatureError(f"{who} cannot sign: the key is not one that an administrator has admitted for him.")
        person = known[-1]
        if person.revoked is not None and person.revoked <= at:
            raise SignatureError(f"{who} cannot sign: the key was revoked. Reason: {person.revoked_because or 'none'}.")
        if person.until and moment(time) >= moment(person.until):
            raise SignatureError(f"{who} cannot sign: the key has expired on {person.until}.")
        if not set(roles) & set(person.roles):
            raise SignatureError(
                f"{who} cannot sign this: it takes the role of {' or '.join(roles)}; his are {', '.join(person.roles)}."
            )

    def has_approvers(self, at: int | None = None) -> bool:
        """Tell whether somebody approves, or has, after ``at`` events of people, now by default."""
        return any("approver" in one.roles and (at is None or one.admitted <= at) for one in self.persons)

    def author(self, name: str) -> Signer:
        """Return who proposes releases as ``name``, to be known before what is proposed takes hours to make.

        Raises
        ------
        SignatureError
            When he is nobody who may, or his key has expired.
        """
        found = self.active(name)
        if found is None or "author" not in found.roles:
            raise SignatureError(
                f"'{name}' proposes nothing: that takes the role of author. 'cosim release people' lists who may."
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.entitled(found.signer, ("author",), time=now, at=self.n)
        return found.signer

    def active(self, name: str) -> Person | None:
        """Return the person of that short name whose key is not revoked."""
        found = (one for one in reversed(self.persons) if one.signer.person == name and one.revoked is None)
        return next(found, None)


def moment(text: str) -> datetime:
    """Read a date, or a time, of UTC unless it says otherwise; SignatureError when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise SignatureError(f"'{text}' is neither a date such as 2027-12-31 nor a time.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def replay(registry: str, events: Sequence[Event]) -> People:
    """Return who may sign after ``events``, each of which was legal when it was signed.

    Raises
    ------
    SignatureError
        When one was not.
    """
    people = People(registry)
    for event in events:
        people = apply(people, event)
    return people


def apply(people: People, event: Event) -> People:
    """Return what ``event`` makes of ``people``; the same check stands before it is signed and when it is read.

    Raises
    ------
    SignatureError
        When it is not legal.
    """
    after = replace(people, n=event.n, last=event.hash)
    if people.n == 0:
        if event.event != "found":
            raise SignatureError("The people of a registry begin with whoever founds it.")
        founder = _admitted(people, event)
        if founder.signer != event.by or ADMINISTRATOR not in founder.roles:
            raise SignatureError("Who founds a registry admits himself, as an administrator.")
        return replace(after, persons=(founder,))
    if event.people != people.n:
        raise SignatureError(f"Record {event.n} of people was signed when there were {event.people} of them.")
    people.entitled(event.by, (ADMINISTRATOR,), time=event.time, at=people.n)
    try:
        match event.event:
            case "admit":
                return replace(after, persons=(*people.persons, _admitted(people, event)))
            case "revoke":
                return replace(after, persons=_revoked(people, event))
            case "policy":
                return replace(after, policies=(*people.policies, (event.n, _policy(event.facts))))
    except (KeyError, TypeError, AttributeError) as error:
        raise SignatureError(f"Record {event.n} of people does not say what '{event.event}' must say.") from error
    raise SignatureError(f"'{event.event}' is nothing that happens to people.")


def _admitted(people: People, event: Event) -> Person:
    facts = event.facts
    if set(facts) != {"person", "name", "key", "roles", "until"}:
        raise SignatureError("To admit somebody takes his short and printed name, key, roles, and until when.")
    person, name, key, roles, until = (facts[item] for item in ("person", "name", "key", "roles", "until"))
    if not isinstance(person, str) or not _PERSON.fullmatch(person):
        raise SignatureError(f"'{person}' cannot be a short name: use small letters, digits, '.', '_' and '-'.")
    if not isinstance(name, str) or not 3 <= len(name.strip()) <= 100 or not name.isprintable():
        raise SignatureError(f"The printed name of '{person}' should be that of a person, in up to 100 letters.")
    if not is_hash(key):
        raise SignatureError(f"The public key of '{person}' is not 64 hex digits.")
    if not isinstance(roles, list) or not roles or not set(roles) <= set(ROLES):
        raise SignatureError(f"The roles of '{person}' should be some of {', '.join(ROLES)}.")
    if not isinstance(until, str) or (until and moment(until) is None):
        raise SignatureError(f"Until when '{person}' may sign should be a date, or empty.")
    if any(one.signer.key == key for one in people.persons):
        raise SignatureError(f"The key of '{person}' was admitted before. Make a new one: cosim release key.")
    if people.active(person) is not None:
        raise SignatureError(f"'{person}' has a key already. Revoke that first.")
    return Person(Signer(person, name, key), tuple(roles), until, event.n)


def _revoked(people: People, event: Event) -> tuple[Person, ...]:
    name = event.facts.get("person")
    if not event.reason.strip():
        raise SignatureError("Revoking says why: --reason TEXT.")
    found = people.active(name) if isinstance(name, str) else None
    if found is None:
        raise SignatureError(f"There is nobody '{name}' whose key could be revoked.")
    others = [one for one in people.persons if one is not found and one.revoked is None]
    if not any(ADMINISTRATOR in one.roles for one in others):
        raise SignatureError(f"'{name}' is the last administrator. Admit another one first.")
    gone = replace(found, revoked=event.n, revoked_because=event.reason)
    return tuple(gone if one is found else one for one in people.persons)


def _policy(facts: Mapping[str, Any]) -> Policy:
    for kind, states in facts.items():
        is_good = isinstance(states, dict) and all(
            state in STATES and isinstance(gates, list) and all(isinstance(gate, str) for gate in gates)
            for state, gates in states.items()
        )
        if not is_good:
            raise SignatureError(f"The policy for '{kind}' should list gates under some of {', '.join(STATES)}.")
    return facts
