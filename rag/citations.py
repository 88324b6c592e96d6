"""Claims and what supports them: each sentence of a draft is aligned with the exact sentences it rests on.

Knows nothing about how evidence was found or the draft was written. What is checked: words, numbers, names,
negated words and nearness of meaning. What is not: comparisons, and who did what to whom.
"""

import functools
import re
from collections.abc import Sequence

import snowballstemmer

from rag.lexical import FUNCTION_WORDS
from rag.types import Citation, Claim, Embedder, Evidence, Verdict

_VERDICTS: tuple[tuple[Verdict, float, float], ...] = (("supported", 0.65, 0.55), ("partly", 0.5, 0.45))
"""For each verdict the least coverage of a claim's words, and the least mean of coverage and cosine."""

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CAPITALISED = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MARKERS = re.compile(r"\s*\[\d+(?:\s*[,;–-]\s*\d+)*\]")
_PREAMBLE = re.compile(
    r"^(?:[-*•]\s+|answer:\s*|according to (?:the )?(?:passages?|excerpts?|information provided|provided text)"
    r"(?: provided| given| above)?(?: \d+)?,?\s*|"
    r"the (?:passages?|excerpts?) (?:states?|says?|mentions?)(?: that)?,?\s*)+",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"((?:\S+ ){1,2})(?:has |had |also )*(?:said|says|told|added|claimed|stated|argued|announced|answered|replied|"
    r"noted|warned|admitted|asked|expressed|called|urged|confirmed|denied|insisted|described|responded)\b"
)
_NEGATED = re.compile(r"\b(?:not|no|never|without|nor|cannot|\w+n['’]t)\b((?: \w+){1,2})", re.IGNORECASE)


@functools.lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """Return the stems of the words of `text` that carry meaning, numbers in their plain form."""
    words = [word.casefold() for word in _TOKEN.findall(text)]
    kept = [_plain(word) for word in words if word[0].isdigit()]
    kept += [word for word in words if len(word) > 1 and not word[0].isdigit() and word not in FUNCTION_WORDS]
    return frozenset(snowballstemmer.stemmer("english").stemWords(kept))


def clean(sentence: str) -> str:
    """Return a sentence of a draft without the markers and phrases by which models point at passages."""
    bare = _PREAMBLE.sub("", _MARKERS.sub("", sentence).strip())
    return bare[:1].upper() + bare[1:]


class Checker:
    """Checks the sentences of one draft, in order, against the evidence it was written from."""

    def __init__(self, question: str, evidence: Sequence[Evidence], embedder: Embedder) -> None:
        self._question = question
        self._evidence = evidence
        self._embedder = embedder
        self._vectors = embedder.embed([e.quote for e in evidence])
        self._markers: dict[tuple[str, int], Citation] = {}
        self._claims = 0

    def check(self, sentence: str) -> tuple[Claim, tuple[Citation, ...]]:
        """Return the sentence as a claim with its verdict, and the citations its markers name.

        An unsupported claim is withheld and cites nothing. Markers count from 1 in order of first use.
        """
        text = clean(sentence)
        spans, verdict = self._attribute(text)
        number, self._claims = self._claims, self._claims + 1
        if verdict == "unsupported":
            return Claim(text, verdict, withheld=True), ()
        cited = []
        for span in spans:
            key = (span.article.id, span.start)
            if key not in self._markers:
                self._markers[key] = Citation(
                    len(self._markers) + 1, number, span.article, span.start, span.end, verdict, span.speaker
                )
            cited.append(self._markers[key])
        cited.sort(key=lambda citation: citation.marker)
        return Claim(text, verdict, tuple(c.marker for c in cited)), tuple(cited)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, in the order of their markers."""
        return tuple(self._markers.values())

    def _attribute(self, claim: str) -> tuple[list[Evidence], Verdict]:
        """Return the one or two sentences that support `claim` best, and how well they do."""
        words = content_words(claim)
        if not words or not self._evidence:
            return [], "unsupported"
        vector = self._embedder.embed([f"{self._question} {claim}"])[0]
        cosines = [float(c) for c in self._vectors @ vector]
        coverage = [_covered(words, claim, [e]) for e in self._evidence]
        best = max(range(len(cosines)), key=lambda i: (coverage[i] + cosines[i], -i))
        spans, covered = [self._evidence[best]], coverage[best]
        if covered < 1:
            second = max(
                (i for i in range(len(cosines)) if i != best),
                key=lambda i: (_covered(words, claim, [*spans, self._evidence[i]]), cosines[i]),
                default=best,
            )
            together = _covered(words, claim, [*spans, self._evidence[second]])
            if (together - covered) * len(words) >= 2 or (together > covered and not _numbers_occur(claim, spans)):
                spans, covered = [*spans, self._evidence[second]], together
        if not (_numbers_occur(claim, spans) and _names_occur(claim, spans)) or _negation_flips(claim, spans):
            return spans, "unsupported"
        support = (covered + cosines[best]) / 2
        for verdict, least_coverage, least_support in _VERDICTS:
            if covered >= least_coverage and support >= least_support:
                return spans, verdict
        return spans, "unsupported"


def _covered(words: frozenset[str], claim: str, spans: Sequence[Evidence]) -> float:
    """Return the share of a claim's words that the spans hold; a name may stand elsewhere in the article.

    The article speaks of "the minister" where the claim repeats his name, or the other way round.
    """
    held = frozenset().union(*(content_words(span.quote) for span in spans))
    elsewhere = content_words(" ".join(_names(claim))) & frozenset().union(*map(_article_words, spans))
    return len(words & (held | elsewhere)) / len(words)


def _numbers_occur(claim: str, spans: Sequence[Evidence]) -> bool:
    held = {_plain(n) for span in spans for n in _NUMBER.findall(span.quote)}
    return {_plain(n) for n in _NUMBER.findall(claim)} <= held


def _names_occur(claim: str, spans: Sequence[Evidence]) -> bool:
    """Tell whether the names of a claim, and whoever it says spoke, occur in the articles cited."""
    speaker = _SPEAKER.search(claim)
    named = " ".join([*_names(claim), speaker.group(1) if speaker else ""])
    return content_words(named) <= frozenset().union(*map(_article_words, spans))


def _negation_flips(claim: str, spans: Sequence[Evidence]) -> bool:
    """Tell whether a word stands negated on one side only: "no difference" does not support "different"."""
    there = " ".join(span.quote for span in spans)
    claimed, held = _negated(claim), _negated(there)
    return bool((held & content_words(claim)) - claimed or (claimed & content_words(there)) - held)


def _negated(text: str) -> frozenset[str]:
    """Return the stems of the words that stand behind a negation wherever they occur in `text`."""
    behind = [match.group(1) for match in _NEGATED.finditer(text)]
    return content_words(" ".join(behind)) - content_words(_NEGATED.sub(" ", text))


def _names(claim: str) -> list[str]:
    """Return the capitalised words of a claim; its first word only where another one follows."""
    words = _CAPITALISED.findall(claim)
    capital = [word[0].isupper() for word in words]
    return [
        word
        for i, word in enumerate(words)
        if capital[i] and (i > 0 or (len(words) > 1 and capital[1])) and word.casefold() not in FUNCTION_WORDS
    ]


def _article_words(span: Evidence) -> frozenset[str]:
    return content_words(span.article.text) | content_words(span.article.origin.title)


def _plain(number: str) -> str:
    return re.sub(r"[,:]", "", number)
