"""Settings: options win over the environment, this over rag.toml; what is wrong is named, and where it stands."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from rag import Settings
from rag.configuration import Setting, explain, template, write_template
from rag.errors import UsageError
from rag.settings import secret


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the `RAG_*` variables of whoever runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("RAG_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: Path, text: str) -> Path:
    """Write a rag.toml."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_a_variable_wins_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "9")
    assert Settings.load().passages == 9


def test_options_win_over_the_environment_and_none_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", "there")
    assert Settings.load(index_dir=None).index_dir == Path("there")
    assert Settings.load(index_dir=Path("here")).index_dir == Path("here")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("passages", 0, "setting 'passages' must be a whole number from 1 to 50, got 0; correct it in the option"),
        ("passages", "many", "setting 'passages' must be a whole number from 1 to 50, got 'many'"),
        ("file_bytes", 0, "setting 'file_bytes' must be a whole number of at least 1, got 0"),
        ("evidence_enough", 2, "setting 'evidence_enough' must be a number above 0, 1 at most, got 2"),
        ("reader_seconds", -1, "setting 'reader_seconds' must be a number above 0, got -1"),
        ("today", "soon", "setting 'today' must be a day, as 2023-04-11, got 'soon'"),
        ("extractive", "maybe", "setting 'extractive' must be true or false, got 'maybe'"),
        ("passagse", 3, "no setting is called 'passagse'; did you mean passages"),
        ("zzz", 3, "no setting is called 'zzz'; see all: rag config"),
    ],
)
def test_a_wrong_name_or_value_is_named_with_what_is_allowed(name: str, value: Any, message: str) -> None:
    for make in (Settings, Settings.load):
        with pytest.raises(UsageError, match=re.escape(message)):
            make(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passage_tokens", 15),
        ("passages", 51),
        ("evidence_tokens", 29),
        ("evidence_enough", 0.0),
        ("answer_tokens", 15),
        ("context_tokens", 511),
        ("threads", -1),
        ("question_chars", 0),
        ("file_bytes", 0),
        ("queue", 0),
        ("llm_parallel", 0),
        ("server_body_bytes", 999),
        ("server_per_minute", -1),
    ],
)
def test_a_number_just_out_of_range_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"got {value}"):
        Settings.load(**{name: value})


def test_a_wrong_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_THREADS", "four")
    with pytest.raises(UsageError, match="correct it in RAG_THREADS") as raised:
        Settings.load()
    assert "'four'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SERVER_TOKEN", "hush")
    monkeypatch.setenv("RAG_LLM_API_KEY", "hush")
    settings = Settings.load()
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.server_token is not None
    assert settings.server_token.get_secret_value() == "hush"


def test_an_empty_token_is_none_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SERVER_TOKEN", "")
    with pytest.raises(UsageError, match="RAG_SERVER_TOKEN"):
        Settings.load()


def test_settings_do_not_change() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.passages = 3


def test_models_are_kept_in_the_cache_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: tmp_path / name)
    assert Settings.load().models_dir == tmp_path / "rag" / "models"


# rag.toml


def test_options_win_over_variables_and_these_over_the_file(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    write(folder / "rag.toml", "passages = 7\nthreads = 2\nanswer_tokens = 100\n")
    monkeypatch.setenv("RAG_PASSAGES", "8")
    monkeypatch.setenv("RAG_THREADS", "3")
    for settings in (Settings(passages=9), Settings.load(passages=9, llm=None)):
        assert (settings.passages, settings.threads, settings.answer_tokens) == (9, 3, 100)
    assert {name: source for name, source in Settings.sources(passages=9, llm=None).items() if source != "default"} == {
        "passages": "the option",
        "threads": "RAG_THREADS",
        "answer_tokens": "rag.toml",
    }


def test_the_file_is_the_one_given_then_the_variable_s_then_that_of_the_folder(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    assert Settings().passages == 6
    write(folder / "rag.toml", "passages = 7")
    assert Settings().passages == 7
    monkeypatch.setenv("RAG_CONFIG", str(write(folder / "a" / "x.toml", "passages = 8")))
    assert Settings().passages == 8
    given = write(folder / "b" / "x.toml", "passages = 9")
    assert Settings.load(config=given).passages == 9
    monkeypatch.setenv("RAG_CONFIG", "")
    assert Settings().passages == 6


def test_paths_are_relative_to_the_folder_of_the_file(folder: Path) -> None:
    text = 'index_dir = "i"\nllm = "m/x.gguf"\nreranker = "./r"\nmodels_dir = "~/m"\nembedder = "all-minilm-l6-v2"'
    settings = Settings.load(config=write(folder / "a" / "rag.toml", text))
    assert settings.index_dir == folder / "a" / "i"
    assert settings.llm == str(folder / "a" / "m" / "x.gguf")
    assert settings.reranker == str(folder / "a" / "r")
    assert settings.models_dir == Path("~/m").expanduser()
    assert settings.embedder == "all-minilm-l6-v2"
    write(folder / "rag.toml", 'index_dir = "i"')
    assert Settings().index_dir == Path("i")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("passagse = 3", "rag.toml: no setting is called 'passagse'; did you mean passages"),
        ("passages = 99", "'passages' must be a whole number from 1 to 50, got 99; correct it in rag.toml"),
        ("[passages]\nn = 3", "'passages' must be a whole number from 1 to 50, got {'n': 3}"),
        ("passages = ", "rag.toml cannot be read as TOML: Invalid value (at"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_in_one_line(folder: Path, text: str, message: str) -> None:
    write(folder / "rag.toml", text)
    with pytest.raises(UsageError, match=re.escape(message)) as raised:
        Settings.load()
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_or_no_text_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with pytest.raises(UsageError, match=r"--config names '.*no.toml', which is no file"):
        Settings.load(config=folder / "no.toml")
    monkeypatch.setenv("RAG_CONFIG", "no.toml")
    with pytest.raises(UsageError, match=r"RAG_CONFIG names 'no.toml'"):
        Settings()
    (folder / "no.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        Settings()


@pytest.mark.parametrize(
    ("variable", "message"),
    [("RAG_PASAGES", "did you mean RAG_PASSAGES"), ("rag_zzzzzzzzz", "names no setting; see all: rag config")],
)
def test_a_mistyped_variable_is_an_error(monkeypatch: pytest.MonkeyPatch, variable: str, message: str) -> None:
    monkeypatch.setenv(variable, "3")
    with pytest.raises(UsageError, match=f"the variable {variable} names no setting") as raised:
        Settings()
    assert message in str(raised.value)


def test_an_empty_value_is_none_where_there_may_be_none(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    write(folder / "rag.toml", 'reranker = "./r"')
    monkeypatch.setenv("RAG_RERANKER", "")
    assert Settings().reranker is None
    monkeypatch.setenv("RAG_PASSAGES", "")
    with pytest.raises(UsageError, match="got ''; correct it in RAG_PASSAGES"):
        Settings()


# As people look at them


def test_a_template_changes_nothing_as_it_is_and_once_its_lines_count(folder: Path) -> None:
    write_template()
    assert Settings() == Settings.load(config=write(folder / "none.toml", ""))
    lines = re.sub(r"^#(?=\w)", "", template(), flags=re.MULTILINE)
    write(folder / "all.toml", lines)
    assert Settings.load(config=Path("all.toml")) == Settings()
    assert set(re.findall(r"^#(\w+) = ", template(), re.MULTILINE)) == {
        name for name, field in Settings.model_fields.items() if not secret(field)
    }


def test_a_file_is_never_overwritten(folder: Path) -> None:
    write(folder / "rag.toml", "passages = 7")
    with pytest.raises(UsageError, match=r"'rag.toml' is there already"):
        write_template()
    assert (folder / "rag.toml").read_text() == "passages = 7"
    with pytest.raises(UsageError, match="cannot write"):
        write_template(folder / "no" / "rag.toml")


def test_every_setting_is_explained(folder: Path) -> None:
    write(folder / "rag.toml", "passages = 7")
    found = {setting.name: setting for setting in explain(index_dir=Path("here"))}
    assert found.keys() == Settings.model_fields.keys()
    assert found["passages"] == Setting(
        name="passages",
        value=7,
        default=6,
        source="rag.toml",
        variable="RAG_PASSAGES",
        about="How many passages a question is answered from.",
        allowed="a whole number from 1 to 50",
    )
    assert (found["index_dir"].value, found["index_dir"].source) == ("here", "the option")
    assert all(setting.about for setting in found.values())


class WithSecret(Settings):
    """Settings with a secret."""

    key: SecretStr | None = None
    """A key."""


def test_a_secret_is_taken_from_its_variable_alone_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("rag.configuration.Settings", WithSecret)
    monkeypatch.setenv("RAG_KEY", "hush")
    settings = WithSecret()
    assert settings.key
    assert settings.key.get_secret_value() == "hush"
    assert "hush" not in f"{settings} {explain()}"
    assert "key" not in template()
    write(folder / "rag.toml", 'key = "hush"')
    with pytest.raises(UsageError, match="'key' is a secret and is kept in no file; set RAG_KEY") as raised:
        WithSecret()
    assert "hush" not in str(raised.value)
