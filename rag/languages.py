"""Which language a text is in, by py3langid: a naive Bayes over bytes, whose weights come with it as plain arrays.

The only module that imports py3langid. Says nothing rather than guess: a name alone, or a word that several languages
have, is in none. Knows nothing about articles or models.
"""

import functools
import re
import tempfile
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
_NAMES = """af:Afrikaans am:Amharic ar:Arabic az:Azerbaijani be:Belarusian bg:Bulgarian bn:Bengali bs:Bosnian
ca:Catalan cs:Czech cy:Welsh da:Danish de:German el:Greek en:English eo:Esperanto es:Spanish et:Estonian eu:Basque
fa:Persian fi:Finnish fr:French ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi hr:Croatian hu:Hungarian hy:Armenian
id:Indonesian is:Icelandic it:Italian ja:Japanese ka:Georgian kk:Kazakh km:Khmer kn:Kannada ko:Korean ku:Kurdish
ky:Kyrgyz la:Latin lo:Lao lt:Lithuanian lv:Latvian mk:Macedonian ml:Malayalam mn:Mongolian mr:Marathi ms:Malay
mt:Maltese my:Burmese ne:Nepali nl:Dutch no:Norwegian pa:Punjabi pl:Polish ps:Pashto pt:Portuguese ro:Romanian
ru:Russian si:Sinhala sk:Slovak sl:Slovenian so:Somali sq:Albanian sr:Serbian sv:Swedish sw:Swahili ta:Tamil te:Telugu
tg:Tajik th:Thai tl:Tagalog tr:Turkish uk:Ukrainian ur:Urdu uz:Uzbek vi:Vietnamese yo:Yoruba zh:Chinese zu:Zulu"""
_BY_CODE = dict(pair.split(":") for pair in _NAMES.split())


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
    return _BY_CODE.get(code, code)


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks them into a file for a moment
        raise ModelError(
            f"cannot write to {tempfile.gettempdir()!r}, where the weights that tell languages are unpacked "
            f"({error.strerror}); make room there, or name another folder: TMPDIR=DIR"
        ) from error
