"""Whatever is done to an exported log shows, and the kinds are told apart, with the file and the key alone."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from central.access_log.chain import Head
from central.access_log.heads import sign_head
from central.access_log.verify import NotALog, verify
from central.identity.statements import signed
from tests.unit.central.access_log.logs import KEY, Log, heads_of, problems, split


def whole(folder: Path, counts: dict[int, int]) -> list[str]:
    """An export with so many lines about these persons."""
    folder.mkdir(exist_ok=True)
    log = Log(folder)
    for person, count in counts.items():
        log.add(person, count)
    texts = log.file()
    log.engine.dispose()
    return texts


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two shards, 12 and 5 lines, heads first."""
    return whole(tmp_path_factory.mktemp("log"), {3: 12, 7: 5})


def found(texts: list[str]) -> set[str]:
    """Kinds of problems; a file that can't be read at all is one too."""
    try:
        return {kind for kind, _, _ in problems(texts)}
    except NotALog:
        return {"no log"}


def test_a_whole_file_is_whole(texts: list[str]) -> None:
    verdict = verify(texts, [KEY])
    assert (verdict.lines, dict(verdict.heads), verdict.problems) == (17, {3: 12, 7: 5}, ())
    assert not verdict.unsigned and not verdict.clock_back


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_each_kind_of_tampering_is_told_apart(texts: list[str], data: st.DataObject) -> None:
    heads, lines = split(texts)
    at = data.draw(st.integers(0, 11))
    number, one = at + 1, lines[at]
    body = json.loads(json.loads(one)["body"])
    changed = json.dumps({**json.loads(one), "body": json.dumps({**body, "operator": "李*"}, ensure_ascii=False)})
    assert problems([*heads, *lines[:at], changed, *lines[at + 1 :]]) == {("changed", 3, number)}
    gone = [*heads, *lines[:at], *lines[at + 1 :]]
    assert problems(gone) == {("cut" if number == 12 else "missing", 3, number)}
    if number < 12:
        swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
        assert problems([*heads, *swapped]) == {("reordered", 3, number)}
    assert problems([*heads, *lines[:at], *lines[12:]]) == {("cut", 3, number)}
    assert problems([*texts, one]) == {("reordered", 3, number)}


def _other(text: str, data: st.DataObject) -> str:
    """The text with one character changed."""
    at = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.sampled_from('0123456789abcdefxyz 张"{}:,').filter(lambda one: one != text[at]))
    return text[:at] + char + text[at + 1 :]


def _changed(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    part = data.draw(st.sampled_from(["body", "chain"]))
    line = json.loads(lines[at])
    return [*lines[:at], json.dumps({**line, part: _other(line[part], data)}), *lines[at + 1 :]]


def _taken(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return [*lines[:at], *lines[at + 1 :]]


def _moved(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    rest = [*lines[:at], *lines[at + 1 :]]
    to = data.draw(st.integers(0, len(rest)))
    shards = [json.loads(json.loads(line)["body"])["shard"] for line in lines]
    after = [*rest[:to], lines[at], *rest[to:]]
    assume([line for line, shard in zip(lines, shards, strict=True) if shard == shards[at]]
           != [line for line in after if line in lines and shards[lines.index(line)] == shards[at]])  # fmt: skip
    return after


def _twice(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    to = data.draw(st.integers(0, len(lines)))
    return [*lines[:to], lines[at], *lines[to:]]


def _cut(lines: list[str], at: int, data: st.DataObject) -> list[str]:
    return lines[:at]


@pytest.mark.parametrize("change", [_changed, _taken, _moved, _twice, _cut])
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_any_single_change_of_the_lines_is_found(
    texts: list[str], change: Callable[[list[str], int, st.DataObject], list[str]], data: st.DataObject
) -> None:
    heads, lines = split(texts)
    after = change(lines, data.draw(st.integers(0, len(lines) - 1)), data)
    assert found([*heads, *after])


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_any_single_change_of_a_head_is_found(texts: list[str], data: st.DataObject) -> None:
    begin, lines = split(texts)
    at = data.draw(st.integers(1, len(begin) - 1))
    jws = json.loads(begin[at])["head"]
    other = _other(jws, data)
    assume(_bytes(other) != _bytes(jws))  # the last character of base64url has bits that mean nothing
    assert "forged" in found([*begin[:at], json.dumps({"head": other}), *begin[at + 1 :], *lines])


def _bytes(jws: str) -> list[bytes]:
    try:
        return [base64.urlsafe_b64decode(part + "==") for part in jws.split(".")]
    except ValueError:
        return [jws.encode()]


def test_a_rewritten_chain_is_not_the_one_that_was_signed(texts: list[str], tmp_path: Path) -> None:
    heads, lines = split(texts)
    log = Log(tmp_path)
    for number in range(12):
        log.add(3, purpose="no" if number == 4 else f"{number}")
    mixed = [*heads, *split(log.file())[1], *lines[12:]]  # one line is another, and every link made anew
    log.engine.dispose()
    kinds = problems(mixed)
    assert ("changed", 3, 12) in kinds and all(kind == "changed" for kind, _, _ in kinds)


def test_a_cut_of_lines_and_heads_shows_against_a_head_kept_elsewhere(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.add(3, 9)
    earlier = log.file()
    log.add(3, 3)
    later = log.file()
    log.engine.dispose()
    assert problems(earlier) == set()
    assert problems(earlier, *heads_of(later)) == {("cut", 3, 10)}
    assert problems(later, *heads_of(earlier)) == set()


def test_lines_that_no_head_covers_are_said(texts: list[str]) -> None:
    _, lines = split(texts)
    verdict = verify([texts[0], *lines], [KEY])
    assert dict(verdict.unsigned) == {3: 12, 7: 5} and not verdict.problems


def test_a_head_that_somebody_else_signed_is_forged(texts: list[str]) -> None:
    head = Head(3, 12, "0" * 64)
    other = ECKey.generate_key("P-256", {"kid": "log"})
    forged = [sign_head(other, head, 1), *(signed(KEY, typ, {**vars(head), "iat": 1}) for typ in ("time+jwt", "JWT"))]
    for jws in forged:  # by another key, and other statements of the right key
        assert problems([texts[0], json.dumps({"head": jws}), *texts[1:]]) == {("forged", -1, -1)}
    assert verify(texts, []).problems


def test_two_heads_that_disagree_are_said(texts: list[str]) -> None:
    head = sign_head(KEY, Head(3, 12, "1" * 64), 1)
    assert ("changed", 3, 12) in problems([texts[0], json.dumps({"head": head}), *texts[1:]])


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_what_is_no_log_is_said(texts: list[str]) -> None:
    with pytest.raises(NotALog):
        verify(texts, [KEY])


@given(st.lists(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.dictionaries(
    st.sampled_from(("head", "body", "chain", "shard")), inner, max_size=3), max_leaves=4), max_size=4))  # fmt: skip
def test_lines_that_make_no_sense_are_said_or_forged(values: list[object]) -> None:
    texts = ['{"format": "onecard-access-log/1", "shards": 16}', *(json.dumps(value) for value in values)]
    try:
        verdict = verify(texts, [KEY])
    except NotALog:
        return
    assert verdict.lines == 0 and {one.kind for one in verdict.problems} <= {"forged"}


def test_lines_far_away_of_no_chain_and_late_heads_are_no_log(texts: list[str]) -> None:
    far = json.dumps({"body": '{"shard":1,"number":99999999999}', "chain": "00" * 32})
    nowhere = json.dumps({"body": '{"shard":16,"number":1}', "chain": "00" * 32})
    head = json.dumps({"head": sign_head(KEY, Head(16, 1, "0" * 64), 1)})
    for wrong in ([texts[0], far], [texts[0], nowhere], [texts[0], head], [*texts, texts[1]]):
        with pytest.raises(NotALog):
            verify(wrong, [KEY])
