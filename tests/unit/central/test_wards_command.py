"""`bin/central wards`: whom somebody may act for, as an operator asks, before and after the record is withdrawn."""

import json
from pathlib import Path

from typer.testing import CliRunner

from central.__main__ import app
from central.synthetic.dice import DEFAULT_SEED
from central.synthetic.household import wards_of

GUARDIAN = 32


def listed(database: str, person: int) -> list[dict[str, object]]:
    """What the command says."""
    done = CliRunner().invoke(app, ["wards", "--person", str(person), "--json", "--database", database])
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.output)
    return found


def test_wards_are_listed_with_what_proves_it_until_it_is_withdrawn(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/c.db"
    found = listed(database, GUARDIAN)
    relations = wards_of(DEFAULT_SEED, GUARDIAN)
    assert [(one["person"], one["kind"], one["basis"]) for one in found] == [
        (relation.ward, relation.kind, relation.basis) for relation in relations
    ]
    assert len(found) == 2 and listed(database, 1) == []
    withdrawn = CliRunner().invoke(
        app, ["end-guardianship", "--person", str(relations[0].ward), "--database", database]
    )
    assert withdrawn.exit_code == 0
    assert listed(database, GUARDIAN) == found[1:]
