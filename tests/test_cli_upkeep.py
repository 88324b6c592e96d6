"""What the index holds and how it is kept, from the command line, over a toy embedder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.cli.upkeep import _timeline
from tests.conftest import Run
from tests.world import write

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def indexed(run: Run, tmp_path: Path) -> Path:
    """A folder of three articles, indexed."""
    news = write(tmp_path / "news", a="date 2023-04-11 Rain fell.", b="date 2023-06-01 Snow fell.", c="Wind blew.")
    assert run("index", news).code == 0
    return news


def test_list_shows_the_newest_first(run: Run, indexed: Path) -> None:
    lines = run("list").out.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert [line.split()[1:3] for line in lines[1:3]] == [["2023-06-01", "Snow"], ["2023-04-11", "Rain"]]
    listed = json.loads(run("list", "-n", "1", "--json").out)
    assert listed["total"] == 3
    assert [article["title"] for article in listed["articles"]] == ["Snow fell."]
    assert "the newest 1, of 3 in all; more: rag list -n 3" in run("list", "-n", "1").out
    assert "more:" not in run("list", "--source", "nobody").out


def test_show_takes_an_id_its_beginning_or_a_path(run: Run, indexed: Path) -> None:
    article_id = json.loads(run("list", "--json").out)["articles"][0]["article_id"]
    for name in (article_id, article_id[:6], "b.txt", str(indexed / "b.txt")):
        outcome = run("show", name)
        assert outcome.code == 0
        assert f"id {article_id}" in outcome.out
    assert json.loads(run("show", "b.txt", "--json").out)["text"] == "Snow fell."


def test_show_of_nothing_names_the_command_that_lists(run: Run, indexed: Path) -> None:
    outcome = run("show", "nothing")
    assert (outcome.code, outcome.err) == (
        2,
        "error: no article 'nothing' in this index; see which there are: rag list\n",
    )


def test_stats_have_a_timeline(run: Run, indexed: Path) -> None:
    out = run("stats").out
    assert out.startswith("3 articles, 3 passages, ")
    assert "2023-04 █▁█ 2023-06   at most 1 a month" in out
    assert "1 without a date" in out
    found = json.loads(run("stats", "--json").out)
    assert found["months"] == {"": 1, "2023-04": 1, "2023-06": 1}


def test_a_long_timeline_has_a_bar_a_quarter_or_a_year() -> None:
    months = {"2001-01": 1, "2001-02": 2, "2001-05": 1, "2003-12": 6}
    assert _timeline(months, 100).endswith(" a month")
    assert _timeline(months, 60) == "2001-01 ▄▂▁▁▁▁▁▁▁▁▁█ 2003-12   at most 6 a quarter"
    assert _timeline(months, 45) == "2001-01 ▅▁█ 2003-12   at most 6 a year"


def test_remove_and_undo(run: Run, indexed: Path) -> None:
    outcome = run("remove", "a.txt")
    assert outcome.code == 0
    article_id = outcome.out.split()[1]
    again = run("index")
    assert "2 articles" in again.out
    for name in (article_id, article_id[:8]):
        assert run("show", name).err.startswith(f"error: article '{name}' was removed at ")
    assert run("remove", "--undo", article_id[:8]).code == 0
    assert "articles: 1 new" in run("index").out


def test_what_a_sync_did_to_articles_is_said(run: Run, indexed: Path) -> None:
    write(indexed, a="Rain fell twice.", d="Hail fell.")
    (indexed / "c.txt").unlink()
    assert "articles: 1 new, 1 corrected, 1 withdrawn" in run("index").out


def test_doctor_says_what_is_wrong_and_mends_it(run: Run, indexed: Path) -> None:
    assert run("doctor").out == "the index is sound\n"
    next(Path("index").glob("vectors-*")).unlink()
    outcome = run("doctor")
    assert outcome.code == 1
    assert outcome.out.startswith("wrong: files of the search index are damaged or missing: vectors-")
    assert outcome.err == "mend it: rag doctor --repair --index index\n"
    assert json.loads(run("doctor", "--json").out)["repaired"] is False
    assert run("doctor", "--repair").out.startswith("mended: files of the search index")
    assert run("doctor").code == 0


def test_backup_and_restore(run: Run, indexed: Path) -> None:
    assert run("backup", "b.rag").code == 0
    assert run("restore", "b.rag", "--index", "other").out == "index other: 3 articles\n"
    assert run("restore", "b.rag").code == 1
    assert run("restore", "b.rag", "--force").code == 0


@pytest.mark.parametrize("command", [["list"], ["show", "x"], ["stats"], ["remove", "x"], ["doctor"], ["backup", "b"]])
def test_without_an_index_each_names_the_command_that_builds_one(run: Run, command: list[str]) -> None:
    outcome = run(*command)
    assert (outcome.code, outcome.err) == (1, "error: no index in 'index'; build it: rag index PATH --index index\n")
    assert not Path("index", "catalogue.sqlite").exists()


def test_watch_syncs_at_every_change_and_goes_on_after_an_error(
    run: Run, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(_folder: Path) -> Any:
        write(indexed, d="Hail fell.")
        yield False  # before it was followed: synced once all the same
        (indexed / "d.txt").unlink()
        yield True
        write(indexed, e="Sleet fell.")
        yield False

    monkeypatch.setattr("rag.index.watch.changes", changes)
    outcome = run("index", indexed, "--watch")
    assert outcome.code == 0
    assert [line for line in outcome.out.splitlines() if line.startswith("files")] == [
        "files: 3 unchanged",
        "files: 1 added, 3 unchanged",
        "files: 1 removed, 3 unchanged",
    ]


def test_ctrl_c_ends_following_without_a_word(run: Run, indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, raise_interrupt: bool = True, **__: object) -> Any:
        assert raise_interrupt  # else watchfiles writes a warning
        yield set()
        raise KeyboardInterrupt

    monkeypatch.setattr("watchfiles.watch", interrupted)
    outcome = run("index", indexed, "--watch")
    assert (outcome.code, outcome.err) == (0, "following changes; Ctrl-C ends\n")


def test_control_characters_never_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text(json.dumps({"text": "Rain \x1b[2Jfell.", "title": "T\x1b[2J[red]", "source": "S\x1b[2J"}))
    run("index", file)
    shows: list[Callable[[], Any]] = [lambda: run("list"), lambda: run("show", "news.jsonl"), lambda: run("stats")]
    for show in shows:
        out = show().out
        assert "\x1b" not in out
        assert out
    assert "[red]" in run("list").out


def test_copies_and_versions_are_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = (
        "The minister told parliament that {} people died when the bridge at Lund fell into the river. "
        "Rescuers searched the water through the whole night and found no survivors beneath the wreck."
    )
    first, copy, later = story.format(12), "LUND (Agency) — " + story.format(12), story.format(19)
    write(
        tmp_path / "news",
        a=f"date 2023-04-11 {first}",
        b=f"date 2023-04-11 {copy}",
        c=f"date 2023-04-12 {later}",
        d="Wind.",
    )
    run("index", tmp_path / "news")
    listed = {Path(a["path"]).stem: a for a in json.loads(run("list", "--json").out)["articles"]}
    assert listed["a"]["copies"] == [listed["b"]["article_id"]]
    assert listed["a"]["versions"] == [listed["c"]["article_id"]]
    assert listed["a"]["later_version"]["article_id"] == listed["c"]["article_id"]
    assert (listed["c"]["copies"], len(listed["c"]["versions"]), listed["c"]["later_version"]) == ([], 2, None)
    assert (listed["d"]["copies"], listed["d"]["later_version"]) == ([], None)
    assert "1 copy, 1 version, a later one" in run("list").out
    shown_so = run("list").out
    monkeypatch.setattr("rag.cli.upkeep._MANY", 0)  # as of a long list
    assert run("list").out == shown_so
    shown = run("show", "a.txt").out
    assert "copy: LUND (Agency)" in shown
    assert f"rag show {listed['c']['article_id'][:8]}" in shown
    assert "a later version of this story" in shown
    assert json.loads(run("show", "b.txt", "--json").out)["later_version"]["published"] == "2023-04-12"
    assert "3 are copies or versions of another" in run("stats").out
    assert json.loads(run("stats", "--json").out)["copies_or_versions"] == 3
    assert "a later version of this story" in run("search", "How many people died?").out
