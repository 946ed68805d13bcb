"""`bin/central access-log` and `bin/central place`, as an auditor and an operator type them."""

import json
from pathlib import Path

from joserfc.jwk import ECKey
from typer.testing import CliRunner

from backend_client.contract.access_log import Words
from central.__main__ import app
from central.access_log import noting
from central.access_log.places import places
from central.api.office import Context, Settings
from central.keys import Keys
from central.storage import open_storage


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output."""
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_a_log_is_exported_and_verified_and_places_have_names(tmp_path: Path) -> None:
    database, file, keys = f"sqlite:///{tmp_path}/c.db", str(tmp_path / "log.jsonl"), tmp_path / "keys.json"
    central = Context(open_storage(database), Keys(tmp_path / "keys"), Settings("http://c.test"))
    noting.note(central, 4, noting.Reader("海珠区卫计局", "张*", "office"), noting.RELATION, noting.QUERY)
    noting.note(central, 4, noting.Reader("海珠区卫计局", "张*", "office"), noting.RELATION, noting.QUERY)
    assert run("access-log", "export", file, "--database", database)[0] == 0
    keys.write_text(run("access-log", "keys", "--database", database)[1], encoding="utf-8")
    assert "d" not in ECKey.import_key(json.loads(keys.read_text())["keys"][0]).as_dict()
    status, output = run("access-log", "verify", file, "--keys", str(keys))
    told = json.loads(output)
    assert status == 0 and told["ok"] and told["lines"] == 2 and told["heads"] == {"4": 2}
    text = Path(file).read_text(encoding="utf-8")
    kept = tmp_path / "heads.json"
    kept.write_text(json.dumps({"heads": noting.appender(central).published()}), encoding="utf-8")
    for changed, extra, problem in (
        (text.replace("张*", "李*", 1), (), {"kind": "changed", "shard": 4, "number": 1}),
        (text.splitlines()[0], ("--heads", str(kept)), {"kind": "cut", "shard": 4, "number": 1}),
    ):
        Path(file).write_text(changed, encoding="utf-8")
        status, output = run("access-log", "verify", file, "--keys", str(keys), *extra)
        assert status == 1 and json.loads(output)["problems"] == [problem]
    assert run("place", "T1", "--zh", "一楼", "--en", "Ground floor", "--database", database)[0] == 0
    assert places(central.engine, {"T1"})["T1"] == Words(zh="一楼", en="Ground floor")
    central.engine.dispose()
