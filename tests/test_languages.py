"""The language of articles and questions: told where it is sure, and not guessed."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import languages
from rag.languages import _known, detect, is_foreign, name, without_function_words
from tests.conftest import offline_environment


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What did the minister say about the bridge?", "en"),
        ("When did the ceasefire end?", "en"),
        ("Wann endete der Waffenstillstand in der Stadt?", "de"),
        ("Combien de personnes sont mortes sur le pont ?", "fr"),
        ("¿Cuándo terminó el alto el fuego en la ciudad?", "es"),
        ("Когда закончилось перемирие?", "ru"),
        ("Кто оставил очки?", "ru"),
        ("停火什么时候结束？", "zh"),
        ("停戦はいつ終わりましたか", "ja"),
        ("การหยุดยิงสิ้นสุดเมื่อไหร่", "th"),
        ("متى انتهى وقف إطلاق النار؟", "ar"),
    ],
)
def test_short_questions_are_told(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "?!", "2023", "🌧", "goggles", "Khawaja Asif", "Angela Merkel Berlin", "\ud800"])
def test_what_could_be_of_any_language_is_of_none(text: str) -> None:
    assert detect(text) is None


@given(st.text(max_size=200))
def test_any_text_has_a_code_of_two_letters_or_none(text: str) -> None:
    found = detect(text)
    assert found is None or (len(found) == 2 and found.isalpha())


def test_foreign_is_only_what_is_surely_not_known() -> None:
    assert is_foreign("de", frozenset({"en"}))
    assert not is_foreign("en", frozenset({"en"}))
    assert not is_foreign(None, frozenset({"en"}))
    assert not is_foreign("de", None)


def test_a_language_has_its_english_name_or_its_code() -> None:
    assert (name("de"), name("qq")) == ("German", "qq")


def test_weights_that_cannot_be_unpacked_are_an_error_of_ours() -> None:
    code = (
        "import resource, signal\nfrom rag.errors import RagError\nfrom rag.languages import detect\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    detect('Regen fiel.')\nexcept RagError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cannot write to")
    assert "TMPDIR=DIR" in done.stdout


def test_a_plain_english_question_needs_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_identifier", pytest.fail)
    assert detect("What did Asif say about weapons?") == "en"
    with pytest.raises(pytest.fail.Exception):
        detect("Was will er in der Stadt?")


def test_nothing_is_unpickled_to_tell_a_language() -> None:
    code = (
        "import pickle\n"
        "def refuse(*_, **__): raise AssertionError('unpickled')\n"
        "pickle.load = pickle.loads = pickle.Unpickler = refuse\n"
        "from rag.languages import detect\n"
        "print(detect('When did the ceasefire end in the city?'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=offline_environment(), check=False
    )
    assert (done.stdout, done.returncode) == ("en\n", 0), done.stderr


def test_function_words_are_left_out_whole_and_in_the_language_alone() -> None:
    assert without_function_words("Wann endete die Waffenruhe? Diebe!", "de").split() == [
        "endete",
        "Waffenruhe?",
        "Diebe!",
    ]
    assert without_function_words("停火什么时候结束", "zh") == "停火 结束"
    for language in ("en", "cs", None):
        assert without_function_words("die Wann", language) == "die Wann"


def test_longer_words_come_first_where_no_spaces_are_written() -> None:
    for language in ("ja", "zh"):
        words = _known()["function_words"][language].split()
        assert not [(a, b) for i, a in enumerate(words) for b in words[i + 1 :] if b.startswith(a)]
