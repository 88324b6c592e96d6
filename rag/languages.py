"""Which language a text is in, by py3langid: a naive Bayes over bytes, whose weights come with it as plain arrays.

And which words are English, by the list of 160,000 that comes with pyspellchecker. The only module that imports these.
Says nothing rather than guess: a name alone, or a word that several languages have, is in none. Knows nothing about
articles or models.
"""

import functools
import re
import tempfile
import tomllib
from importlib import resources
from typing import Any

from rag.errors import ModelError
from rag.phrases import word_set

_SURE = 0.5
"""Of 1,340 English questions 94 % are taken for English from here on, and none for another language."""
_SURE_BY_SCRIPT = 0.3
"""Where most letters are not Latin, a mistake is between languages of that script."""
_READ = 20_000
_SHORT = 400
_ENGLISH = word_set(
    "the what who whom did does how why which when where and about were from with said that this been their would "
    "should there they into after because while"
)
"""Two of these words in a question or a sentence are enough, without the second that the weights take to load."""
_WORD = re.compile(r"[^\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
_TWO_LETTERS = 2
_UNSPACED = ("ja", "zh")


def without_function_words(text: str, language: str | None) -> str:
    """Return a text without the words that carry little meaning in its language, where these are known here."""
    pattern = _function_words(language) if language else None
    return pattern.sub(" ", text) if pattern else text


@functools.cache
def _function_words(language: str) -> re.Pattern[str] | None:
    words = _known()["function_words"].get(language)
    if words is None:
        return None
    any_of = "|".join(words.split())
    return re.compile(any_of if language in _UNSPACED else rf"\b(?:{any_of})\b", re.IGNORECASE)


def is_english(word: str) -> bool:
    """Tell whether a word, in whatever case, is on a list of common English words, which holds common names too."""
    return word.lower() in _english_words()


@functools.cache
def _english_words() -> frozenset[str]:
    from spellchecker import SpellChecker  # 0.1 s

    return frozenset(SpellChecker(language="en").word_frequency.dictionary)


def detect(text: str) -> str | None:
    """Return the language of a text as ISO 639-1, or None where that is not sure; 20,000 characters are read.

    Raises `ModelError` where the weights cannot be unpacked.
    """
    text = text[:_READ]
    if len(text) <= _SHORT and len(_ENGLISH.intersection(_WORD.findall(text.lower()))) > 1:
        return "en"
    letters = _LETTER.findall(text)
    if not letters:
        return None
    latin = 2 * len(_LATIN.findall(text)) >= len(letters)
    code, probability = _identifier().classify(text.encode("utf-8", "replace").decode())
    sure = probability >= (_SURE if latin else _SURE_BY_SCRIPT)
    return str(code) if sure and len(code) == _TWO_LETTERS else None


def is_foreign(language: str | None, known: frozenset[str] | None) -> bool:
    """Tell whether a language is surely none of those known; nothing is, where these or the language are not known."""
    return language is not None and known is not None and language not in known


def name(code: str) -> str:
    """Return the English name of a language, or its code where none is known here."""
    return _known()["names"].get(code, code)


@functools.cache
def _known() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("rag").joinpath("languages.toml").read_text("utf-8"))


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks them into a file for a moment
        raise ModelError(
            f"cannot write to {tempfile.gettempdir()!r}, where the weights that tell languages are unpacked "
            f"({error.strerror}); free 70 MB there, or name another folder: TMPDIR=DIR"
        ) from error
