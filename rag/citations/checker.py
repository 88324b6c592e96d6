"""The check of a draft: each sentence is aligned with the sentences it rests on and given a verdict.

Knows nothing about how evidence was found or the draft was written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from rag.citations.answer_types import CERTAIN, COUNTED, asked_for, asks_particular, asks_whether, holds
from rag.citations.claims import clean, without_dateline
from rag.citations.disagreement import day, differing
from rag.citations.facts import Facts, content_words, facts, is_question, occurs
from rag.citations.others import FIRST_PERSON, about_another, merges
from rag.citations.speakers import given_to_another, said_by_another
from rag.citations.support import DENIED, Source, Support, contradictions, support, surer
from rag.citations.tolls import later_toll
from rag.interviews import turn_at, without_label
from rag.languages import detect
from rag.phrases import NATIONALITY
from rag.types import Citation, Claim, Embedder, Entailment, Evidence, Verdict

SUPPORTED, WHOLE, PARTLY = 0.75, 0.5, 0.35
"""The least probability of each verdict; WHOLE: of the first, where no word is missing. See docs/benchmarks.md."""
_ADDS = 2
"""A second sentence is cited if it holds at least so many words of the claim that the first does not."""
_ANSWERS = 0.25
"""How a sentence's probability of answering weighs beside the share of the claim that it holds."""
_TOLD = 3
_CUT_OFF = "it goes on with a quotation whose beginning is withheld"
_MARK = re.compile(r'(?P<opens>(?<![\w.,!?…])["“„«](?=[\w\[(…]))|["“”„«»]')
"""A mark that opens a quotation, or any other: one that closes it, or inches."""
LACKING = ", which is asked for"
"""How it ends what is wrong with a claim that may hold, and is no answer."""
_BEGUN = 3
"""Two names that begin with as many letters alike may be of one country: Greece, Greek."""
_LOST = 0.3
"""So much of what a claim adds to the question its source may say in other words, to speak in its place."""
_SAME = tuple(
    re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for words in (
        "kill|die[ds]?\\b|dead|death|fatal|casualt|surviv",
        "hurt|harm|injur|wound",
        "comment|respon|repl[iy]|answer",
    )
)
"""Beginnings of words that people ask with, and news answers with, in each other's place."""
_ANYTHING = content_words("say tell anything anybody anyone something somebody someone")
"""Words that say nothing of what is asked about."""
_LIGHT = content_words("give gave given get got have hold held make made take took taken")
"""Verbs that say little: "to whom did he give the interview?"."""
_SAID_NO = 0.6
"""The share of a claim's words that its source holds where it says no to it, and so answers whether it is so."""
_SAID_AGAIN = 0.75
"""The share of the question's words that a sentence says again which answers without a name, number or time."""


class Checker:
    """Checks the sentences of one draft, in order, against the evidence it was written from."""

    def __init__(
        self,
        question: str,
        evidence: Sequence[Evidence],
        embedder: Embedder,
        *,
        elsewhere: Sequence[Evidence] = (),
        entailment: Entailment | None = None,
        named: bool = True,
        asked_of: Sequence[str] = (),
        before: "Checker | None" = None,
    ) -> None:
        """With `named`, what is cited must be of an article that names whom or what the question names.

        `asked_of` are the names of those whose words are asked for: what others say is no answer. Claims and markers
        are counted on from those of `before`, which checked the part of the question before this one, and what was said
        in answer to that is not said again.
        """
        self._question = question
        self._asked = facts(question)
        self._wanted = asked_for(question)
        self._particular = asks_particular(question)
        self._whether = asks_whether(question)
        runs = self._asked.named if named else ()
        self._names = [run for run in runs if _is_needed([self._asked.spelt[word] for word in run])]
        self._sources = [Source(e) for e in evidence if e.speaker or not is_question(e.quote)]
        self._asked_of = asked_of
        self._elsewhere = elsewhere
        self._embedder = embedder
        self._entailment = entailment
        self._vectors = embedder.embed([source.evidence.quote for source in self._sources])
        self._markers: dict[tuple[str, int], Citation] = dict(before._markers) if before else {}
        self._known = frozenset(self._markers)
        self._said: list[Facts] = list(before._said) if before else []
        self._claims: int = before._claims if before else 0
        self._cut_off = False
        """Whether a quotation goes on whose beginning was withheld."""

    def check(self, sentence: str) -> tuple[Claim, tuple[Citation, ...]]:
        """Return the sentence as a claim with its verdict, and the citations its markers name.

        An unsupported claim is withheld and cites nothing. Markers count from 1 in order of first use.
        """
        return self._cite(*self._judged(sentence))

    def check_all(self, sentence: str) -> Iterator[tuple[Claim, tuple[Citation, ...]]]:
        """Yield what `check` returns and, in the order of their dates, what other articles say differently.

        These are sentences of `elsewhere` that state the same with another number: see `disagreement`. A claim that
        lacks words of the question alone, which people choose otherwise than articles do, gives way to the sentence
        that holds all that it adds to them; it is kept as withheld where too little else speaks for it. One that is
        partly supported gives way to its source, too, where that is what most probably answers, and a second one has no
        number or name of it.
        """
        claim, spans = self._judged(sentence)
        quotable = bool(spans) and (spans[0].article.id, spans[0].start) not in self._markers
        is_partly = claim.verdict == "partly"
        adds_nothing = is_partly and self._adds_nothing_to(spans[0], claim.text)
        is_best = is_partly and spans[0] == self._best and bool(self._best.probability)
        if adds_nothing or (is_best and not _tells_more(claim.text, spans)):
            if quotable and (quoted := list(self.quote(spans[0]))):
                yield from quoted
                return
            claim = replace(claim, withheld=adds_nothing and not quotable)
        if not claim.withheld:
            yield from self._beside_others(claim, spans)
            return
        yield self._cite(claim, ())
        if quotable:
            yield from self.quote(spans[0])

    def _adds_nothing_to(self, source: Evidence, text: str) -> bool:
        """Tell whether all that a claim says beside the question's words, and each number, is in one source."""
        stated, told = facts(text), Source(source).facts
        added = stated.numbers | {word for word in stated.words if not occurs(word, self._asked.words)}
        return all(_holds(told, word) for word in added)

    def is_told_by(self, evidence: Evidence) -> bool:
        """Tell whether a sentence holds every word of the question, and what is asked for, where that can be told.

        A verb of `_LIGHT` it need not hold.
        """
        if self._wanted is None and not self._whether:
            return False
        told = facts(f"{evidence.speaker or ''}\n{evidence.quote}")
        held = all(_holds(told, word) for word in self._asked.words - _LIGHT)
        return held and (self._wanted not in CERTAIN or holds(evidence.quote, self._wanted, self._question))

    def quote(self, evidence: Evidence) -> Iterator[tuple[Claim, tuple[Citation, ...]]]:
        """Yield a sentence of the evidence as a claim, in its own words, and what other articles say differently.

        Nothing, where it holds nothing of the kind that is asked for, or of what is asked whether it is so, is of an
        article that names others (`named`), is about somebody else or what they say, or was cited for another part.
        """
        if (evidence.article.id, evidence.start) in self._known:
            return
        quoted = Claim(_in_own_words(evidence), "supported", probability=1.0)
        other = self._other([evidence]) or self._evades(evidence)
        if not other and not self._misses(quoted.text):
            yield from self._beside_others(quoted, [evidence])

    def _beside_others(self, claim: Claim, spans: list[Evidence]) -> Iterator[tuple[Claim, tuple[Citation, ...]]]:
        stated = facts(claim.text)
        if any(stated.words <= said.words and stated.negated == said.negated for said in self._said):
            return
        self._said.append(stated)
        others = differing(stated, spans[0], self._elsewhere) if claim.verdict == "supported" else []
        if toll := later_toll(self._asked, stated, spans[0], self._elsewhere):
            others = [*(e for e in others if e.article.id != toll.article.id), toll]
        others = [e for e in others if (e.article.id, e.start) not in self._markers]
        for other in others:
            if day(other) < day(spans[0]):
                yield self._differently(other)
        yield self._cite(claim, spans)
        for other in others:
            if day(other) >= day(spans[0]):
                yield self._differently(other)

    def _differently(self, other: Evidence) -> tuple[Claim, tuple[Citation, ...]]:
        which = f"An article of {day(other)}" if day(other) else "Another article"
        quote = " ".join(without_dateline(other.quote).split())
        text = f"{which} says: {quote if _MARK.search(quote) else f'“{quote}”'}"
        return self._cite(Claim(text, "supported", probability=1.0), [other])

    def _judged(self, sentence: str) -> tuple[Claim, list[Evidence]]:
        """Return the sentence as a claim with its verdict, and what it may cite, or what may be quoted in its place."""
        text = clean(sentence)
        spans, verdict, missing, probability = self._attribute(text)
        if other := self._other(spans) or merges(text, spans):
            spans, verdict, missing = [], "unsupported", (other,)
        elif verdict != "unsupported" and (lacking := self._misses(text) or self._strays(spans[0])):
            spans, verdict, missing = [], "unsupported", (lacking,)
        withheld = verdict == "unsupported"
        for mark in _MARK.finditer(text):
            self._cut_off = withheld and bool(mark["opens"])
        turn = turn_at(spans[0].article.text, spans[0].start, spans[0].end) if spans and not withheld else None
        if turn and FIRST_PERSON.search(text) and turn.speaker.split()[-1] not in text:
            text = f"{turn.speaker}: {text}"  # "I" tells nobody
        return Claim(text, verdict, withheld=withheld, missing=missing, probability=probability), spans

    def _misses(self, text: str) -> str | None:
        """Return what is wrong with the first sentences of an answer that hold nothing of the kind asked for."""
        if self._wanted not in CERTAIN:
            return None
        in_full = self._wanted not in COUNTED and self._answers_in_full(text)
        if not in_full and not holds(text, self._wanted, self._question):
            return f"it gives no {self._wanted.name.lower()}{LACKING}"
        self._wanted = None
        return None

    def _other(self, spans: Sequence[Evidence]) -> str | None:
        """Return what is wrong where some sentences are about others, or said by others, than those asked about."""
        about = about_another(self._question, spans[0]) if spans else None
        return self._unnamed(spans) or said_by_another(self._asked_of, spans) or about

    def _evades(self, span: Evidence) -> bool:
        """Tell whether yes or no is asked, and a sentence holds no word of what, but names and those of its title.

        Of "Was the mill fire arson?", asked of an article on the mill fire, it must hold "arson". In an interview the
        question before it may hold it.
        """
        if not self._whether or turn_at(span.article.text, span.start, span.end):
            return False
        known = facts(span.article.origin.title).words | frozenset(self._asked.names) | _ANYTHING
        sought = [word for word in self._asked.words if not occurs(word, known)]
        meant = any(form.search(self._question) and form.search(span.quote) for form in _SAME)
        return bool(sought) and not (meant or any(occurs(word, facts(span.quote).words) for word in sought))

    def _strays(self, span: Evidence) -> str | None:
        """Return what is wrong with a sentence that evades a yes or no where the most probable one does not."""
        strays = self._evades(span) and not self._evades(self._best)
        return "another sentence tells whether it is so" if strays else None

    def _unnamed(self, spans: Sequence[Evidence]) -> str | None:
        """Return what is wrong where the articles of some sentences do not name whom or what the question names."""
        if not (spans and self._names):
            return None
        around = [Source(span).around for span in spans]
        words = frozenset().union(*(f.words | f.initials for f in around))
        begun = {name[:_BEGUN] for f in around for name in f.names}
        for run in self._names:
            strange = [word for word in run if not occurs(word, words)]
            otherwise = run[0][:_BEGUN] in begun if len(run) == 1 else "".join(word[0] for word in run) in words
            if run[-1] in strange and 2 * len(strange) >= len(run) and not otherwise:
                return f"the article does not name {self._asked.spelt[run[-1]]!r}, which is asked about"
        return None

    def _answers_in_full(self, text: str) -> bool:
        """Tell whether a sentence says the question again and adds something: "a neighbour found the body"."""
        words, asked = facts(text).words, self._asked.words
        adds = any(not occurs(word, asked) for word in words)
        return adds and sum(occurs(word, words) for word in asked) >= _SAID_AGAIN * len(asked)

    def _cite(self, claim: Claim, spans: Sequence[Evidence]) -> tuple[Claim, tuple[Citation, ...]]:
        if claim.withheld:
            self._claims += 1
            return claim, ()
        cited = []
        for span in spans:
            key = (span.article.id, span.start)
            if key not in self._markers:
                self._markers[key] = Citation(
                    marker=len(self._markers) + 1,
                    claim=self._claims,
                    article=span.article,
                    start=span.start,
                    end=span.end,
                    verdict=claim.verdict,
                    speaker=span.speaker,
                )
            cited.append(self._markers[key])
        self._claims += 1
        cited.sort(key=lambda citation: citation.marker)
        return replace(claim, citations=tuple(c.marker for c in cited)), tuple(cited)

    @property
    def _best(self) -> Evidence:
        """The sentence that most probably answers."""
        return max((source.evidence for source in self._sources), key=lambda one: one.probability or 0.0)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, in the order of their markers."""
        return tuple(self._markers.values())

    def _attribute(self, claim: str) -> tuple[list[Evidence], Verdict, tuple[str, ...], float]:
        """Return the one or two sentences that support `claim` best, how well, what is missing, and how probably."""
        if self._cut_off:
            return [], "unsupported", (_CUT_OFF,), 0.0
        stated = facts(claim)
        if not stated.words or not self._sources:
            return [], "unsupported", ("it states nothing",), 0.0
        cosines = [float(c) for c in self._vectors @ self._embedder.embed([claim])[0]]
        alone = [support(stated, [source]) for source in self._sources]
        new = frozenset(word for word in stated.words if not occurs(word, self._asked.words))
        if not new and self._particular and not stated.negative:
            return [], "unsupported", ("it only says the question again",), 0.0
        fits = [
            held.coverage + cosine + _share(new, held) + _ANSWERS * (source.evidence.probability or 0.0)
            for held, cosine, source in zip(alone, cosines, self._sources, strict=True)
        ]
        best = fits.index(max(fits))
        sources, held = self._joined(stated, best, alone[best], cosines)
        spans = [source.evidence for source in sources]
        probability = held.probability(cosines[best])
        if wrong := [*contradictions(stated, sources, asked=self._asked), *given_to_another(claim, sources)]:
            no = self._whether and held.coverage >= _SAID_NO and DENIED.issuperset(wrong)
            return spans[:1] if no else [], "unsupported", tuple(wrong), 0.0
        if self._entailment:
            probability = self._entailment.follows(claim, _premise(spans))
        missing = tuple(f"{stated.spelt[word]!r} is not in the source" for word in islice(held.missing, _TOLD))
        if probability >= (WHOLE if not held.missing and not self._entailment else SUPPORTED):
            doubt = surer(stated, sources) if _is_read(claim, sources) else "only English is checked closely"
            return (spans, "partly", (doubt,), probability) if doubt else (spans, "supported", (), probability)
        if probability >= PARTLY and new:  # what only says the question again must hold fully: "It was the first"
            return spans, "partly", missing, probability
        told = self._sources[best].facts  # alone: it is what would be quoted
        adds = {word for word in new if not stated.spelt[word].endswith("ly")}  # "previously" answers nothing
        lost = {word for word in adds if not _holds(told, word)}
        answers = bool(adds) and len(lost) <= _LOST * len(adds) and lost.isdisjoint([*stated.numbers, *stated.names])
        return spans[:1] if answers else [], "unsupported", missing, probability

    def _joined(
        self, stated: Facts, best: int, held: Support, cosines: Sequence[float]
    ) -> tuple[list[Source], Support]:
        """Return the best sentence, or it and a second one where that holds more of the claim, or denies as it does."""
        first = self._sources[best]
        denied = stated.negated - first.facts.negated
        pairs = [
            (support(stated, [first, other]), cosine, other)
            for other, cosine in zip(self._sources, cosines, strict=True)
            if other is not first
            and (len(other.facts.words.intersection(held.missing)) >= _ADDS or denied & other.facts.negated)
        ]
        if not pairs:
            return [first], held
        together, _, second = max(pairs, key=lambda pair: (pair[0].coverage, pair[1]))
        return [first, second], together


def _tells_more(claim: str, spans: Sequence[Evidence]) -> bool:
    """Tell whether sources behind the first hold a number or a name of a claim that the first does not."""
    stated = facts(claim)
    first, *others = (Source(span).facts for span in spans)
    lost = [word for word in (*stated.numbers, *stated.names) if not _holds(first, word)]
    return any(_holds(other, word) for other in others for word in lost)


def _holds(told: Facts, word: str) -> bool:
    """Tell whether a text holds a word, in another form or as initials too."""
    return word in told.initials or occurs(word, told.words)


def _in_own_words(evidence: Evidence) -> str:
    """Return a sentence as it is quoted: of an interview with the name of whoever says it."""
    place = evidence.article.text, evidence.start, evidence.end
    words = without_dateline(without_label(*place))
    return f"{turn.speaker}: {words}" if (turn := turn_at(*place)) else words


def _is_needed(name: Sequence[str]) -> bool:
    """Tell whether an article must hold a name to answer; "German" and "TV" may be "Berlin" and "channel" there."""
    return len(name) > 1 or (name[0][1:].islower() and not NATIONALITY.search(name[0]))


def _share(words: frozenset[str], support: Support) -> float:
    return 1 - len(words.intersection(support.missing)) / (len(words) or 1)


def _premise(spans: Sequence[Evidence]) -> str:
    """Return the cited sentences as something a claim may follow from: beneath the title, with who speaks."""
    told = [f"{e.speaker}: {e.quote}" if e.speaker else e.quote for e in spans]
    return "\n".join([spans[0].article.origin.title, *told])


def _is_read(claim: str, sources: Sequence[Source]) -> bool:
    """Tell whether a claim is one that the rules of the check can read: in English, or word for word of its source.

    Elsewhere "not" and "more" go unnoticed, so that what looks supported may say the opposite.
    """
    language = detect(claim) or detect(sources[0].evidence.quote)
    plain = facts(claim).plain
    return language in (None, "en") or any(f" {plain} " in f" {source.facts.plain} " for source in sources)
