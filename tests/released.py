"""A registry with people and releases, for tests."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from trails import signed_trail

from cosim.audit.ed25519 import SecretKey, new_key
from cosim.release.chronicle import Event, Signer
from cosim.release.creating import add_evidence, create, promote
from cosim.release.registry import PEOPLE, Registry, Request, found_registry

FILE = """\
release: {name}
version: {version}
kind: model
intended_use: Offline studies
limits: [not above 40 degC]
main: model.fmu
content:
  model: [model.fmu]
parameters:
  x.mu_max: {{value: 0.04 1/h, source: batch 12}}
requirements:
  R1: {{text: It grows as measured, tests: [calibration]}}
gates:
  verified:
    regression: {{evidence: regress.json}}
  validated:
    calibration: {{evidence: calibration.json, value: fit.error, at_most: 0.05}}
    prediction: {{evidence: prediction.json, value: error, at_most: 0.1}}
    sensitivity: {{evidence: sensitivity.json, value: status, equals: completed}}
"""
NAMES = {"ada": "Ada Lovelace", "linus": "Linus Pauling", "grace": "Grace Hopper", "emmy": "Emmy Noether"}
ROLES = {"linus": ["author"], "grace": ["approver", "reviewer"], "emmy": ["approver", "author"]}


@dataclass
class Workplace:
    """A project with a trail, a registry and four people: an administrator, an author, and two who approve."""

    folder: Path
    registry: Registry
    keys: dict[str, SecretKey]

    def request(self, event: str, person: str, facts: dict | None = None, reason: str = "") -> Request:
        return Request(event, facts or {}, person, self.keys[person], reason)

    def sign(self, title: str, event: str, person: str, facts: dict | None = None, reason: str = "") -> Event:
        return self.registry.sign(title, self.request(event, person, facts, reason))

    def admit(self, person: str, roles: list[str], until: str = "") -> Event:
        self.keys.setdefault(person, new_key())
        facts = {
            "person": person,
            "name": NAMES.get(person, person.title() + " Somebody"),
            "key": self.keys[person].public,
            "roles": roles,
            "until": until,
        }
        return self.sign(PEOPLE, "admit", "ada", facts)

    def revoke(self, person: str) -> Event:
        return self.sign(PEOPLE, "revoke", "ada", {"person": person}, "has left")

    def create(self, version: str = "1.0.0", name: str = "reactor", person: str = "linus", text: str = FILE) -> str:
        (self.folder / "release.yaml").write_text(text.format(name=name, version=version))
        create(
            self.registry,
            self.folder / "release.yaml",
            person=person,
            key=self.keys[person],
            describe=lambda file: {"file": file.name},
            versions={"cosim": "1"},
        )
        return f"{name}@{version}"

    def add(self, title: str, person: str = "linus", **documents: object) -> None:
        for name, document in documents.items():
            (self.folder / f"{name}.json").write_text(json.dumps(document))
        self.add_files(title, *(f"{name}.json" for name in documents), person=person)

    def add_files(self, title: str, *names: str, person: str = "linus") -> None:
        add_evidence(self.registry, title, self.folder, list(names), person=person, key=self.keys[person])

    def add_all(self, title: str) -> None:
        about = hashlib.sha256((self.folder / "model.fmu").read_bytes()).hexdigest()
        self.add(
            title,
            regress={"good": True, "fmus": {"x": about}},
            calibration={"fit": {"error": 0.03}, "run": {"fmus": {"x": {"sha256": about}}}},
            prediction={"error": 0.08, "of": [about]},
            sensitivity={"status": "completed", "of": [about]},
        )

    def promote(self, title: str, person: str = "linus") -> tuple[Event | None, list[dict[str, str]]]:
        return promote(self.registry, title, person=person, key=self.keys[person])

    def validated(self, version: str = "1.0.0") -> str:
        title = self.create(version)
        self.add_all(title)
        assert self.promote(title)[0]
        assert self.promote(title)[0]
        return title

    def approved(self, version: str = "1.0.0") -> str:
        title = self.validated(version)
        self.sign(title, "approve", "grace")
        assert self.promote(title)[0]
        return title


def make_workplace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COSIM_AUDIT", raising=False)
    monkeypatch.delenv("COSIM_REGISTRY", raising=False)
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(folder / "audit.key"))
    signed_trail(folder / "audit")
    (folder / "model.fmu").write_bytes(os.urandom(500))
    key = new_key()
    registry = found_registry(folder / "registry", Signer("ada", NAMES["ada"], key.public), key, "")
    workplace = Workplace(folder, registry, {"ada": key})
    for person, roles in ROLES.items():
        workplace.admit(person, roles)
    return workplace
