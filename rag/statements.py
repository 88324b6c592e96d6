"""Who said what in an article: the sentences in which somebody is quoted or reported, each with its speaker.

Knows nothing about indexes, models or storage. No parser: reporting verbs, quotation marks and noun phrases are
found by rules for English news, in time linear in the text. Measured on articles labelled by hand: see
docs/benchmarks.md, names and days.
"""

import itertools
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.chunking import sentences
from rag.interviews import turn_at, without_label
from rag.phrases import (
    AUXILIARIES,
    DAYS,
    DETERMINERS,
    GENDERED,
    JOINTS,
    LINKS,
    PARTICIPLES,
    PARTICLES,
    PASSIVE,
    REPORTING,
    TOKEN,
    Phrase,
    kind,
    phrase_at,
    word_set,
)
from rag.types import Span, Statement

_NEEDS = {  # verbs that report only before one of these words, or before a quotation
    "called": word_set("for on upon"),
    "calls": word_set("for on upon"),
    "maintained": word_set("that"),
    "pointed": word_set("out"),
    "ruled": word_set("that"),
}
_DEPUTIES = word_set("vice deputy assistant former shadow")
_ADDRESSED = word_set(
    "told tells asked asks urged urges warned warns informed accused praised criticised criticized blamed"
)
_ADVERBS = AUXILIARIES | DAYS | {"on"}  # what may stand between a subject and its verb
_NOUN_AFTER = DETERMINERS | {"to", "of"}  # after these a reporting verb is a noun, an adjective or an infinitive
_SUBORDINATORS = word_set("after before when while whereas although though because if since")
_OPENERS = word_set("and but so yet then still however meanwhile nevertheless later earlier yesterday today")
_POSSESSIVES = word_set("his her its their our my")
_BREAKS = frozenset(',;:"—–')
_INVERTED = word_set('who of in on at from during to after , . " ;') | {""}  # what follows the subject of ", said she"
_LINE = re.compile(r"[^\n]+")
_QUOTE_MARK = re.compile(r"[“”„«»\"]")
_WINDOW = 60  # how many tokens away a subject is looked for
_NAMESAKES = 20  # how many are told apart
_SPEECH = 3  # quoted words; fewer are an expression set off
_SHORT = 4  # letters of the words of a title that are capitalised
_LEAST_SAID = 3  # words of an interview that state something


def statements(text: str) -> list[Statement]:
    """Return the sentences of `text` in which somebody speaks, in order, at most one for a sentence.

    Sentences are those of `rag.chunking.sentences`. Where several speak in one, the main speaker is given;
    speakers without a name or an office ("a report", "sources") are left out.
    """
    spans, quotations = sentences(text), _quotations(text)
    plain = _blank(text, quotations).replace("’", "'")  # two signs, one name
    parsed = [_Sentence.read(plain[span.start : span.end]) for span in spans]
    quoted = _quoted(text, spans, quotations)
    people = _People(parsed)
    speakers = [people.speaker(s, quoted=words) for s, (words, _) in zip(parsed, quoted, strict=True)]
    through = [words > 0 and not s.has_words() for s, (words, _) in zip(parsed, quoted, strict=True)]
    for i in reversed(range(len(spans) - 1)):  # "Yes. No," she said: one quotation over two sentences
        if through[i] and quoted[i][1]:
            speakers[i] = speakers[i + 1]
    for i in range(1, len(spans)):
        if through[i] and not speakers[i] and quoted[i - 1][0]:
            speakers[i] = speakers[i - 1]
    for i in reversed(range(len(spans) - 1)):
        if through[i] and not speakers[i] and quoted[i + 1][0]:
            speakers[i] = speakers[i + 1]
    for i, speaker in _answers(text, spans):
        speakers[i], quoted[i] = speaker, (1, False)
    return [
        Statement(span.start, span.end, speaker, direct=words > 0)
        for span, speaker, (words, _) in zip(spans, speakers, quoted, strict=True)
        if speaker
    ]


def subject(sentence: str) -> Phrase | None:
    """Return the noun phrase that a sentence, or a part of it set off by commas, opens with; None where none does."""
    return _Sentence.read(_blank(sentence, _quotations(sentence)).replace("’", "'")).subject()


def _answers(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """Yield the numbers of the sentences that somebody who is interviewed says, no "Thank you." and no question."""
    for i, span in enumerate(spans):
        words = without_label(text, span.start, span.end)
        turn = turn_at(text, span.start, span.end)
        if turn and len(words.split()) >= _LEAST_SAID and not words.endswith("?"):
            yield i, turn.speaker


def _quotations(text: str) -> list[Span]:
    """Return the spans in double quotation marks, marks included; a line end closes what is open.

    Where a mark is missing, the quotation ends before the line's last comma if a reporting verb follows there.
    """
    spans: list[Span] = []
    for line in _LINE.finditer(text):
        start = -1
        for mark in _QUOTE_MARK.finditer(text, line.start(), line.end()):
            if start < 0 and mark.group() not in "”»":
                start = mark.start()
            elif start >= 0 and mark.group() not in "„«" and (mark.group() != "“" or text[start] == "„"):
                spans.append(Span(start, mark.end()))
                start = -1
        if start >= 0:
            comma = text.rfind(",", start, line.end())
            tail = TOKEN.findall(text[comma + 1 : line.end()][:_WINDOW])
            spans.append(Span(start, comma if comma > 0 and not REPORTING.isdisjoint(tail) else line.end()))
    return spans


def _blank(text: str, quotations: Sequence[Span]) -> str:
    """Return `text` with every quotation blank but for a mark at either end, offsets unchanged."""
    pieces, end = [], 0
    for span in quotations:
        size = span.end - span.start
        pieces += [text[end : span.start], ('"' + " " * (size - 2) + '"')[:size]]
        end = span.end
    return "".join([*pieces, text[end:]])


def _quoted(text: str, spans: Sequence[Span], quotations: Sequence[Span]) -> list[tuple[int, bool]]:
    """Return for each sentence how many words of it are quoted, and whether the quotation runs on after it."""
    result, first = [], 0
    for span in spans:
        while first < len(quotations) and quotations[first].end <= span.start:
            first += 1
        words, runs_on, i = 0, False, first
        while i < len(quotations) and quotations[i].start < span.end:
            quoted = text[max(span.start, quotations[i].start) : min(span.end, quotations[i].end)].split()
            words += 0 if _is_title(quoted) else len(quoted)
            runs_on = quotations[i].end > span.end
            i += 1
        result.append((words, runs_on))
    return result


def _is_title(words: Sequence[str]) -> bool:
    """Tell whether some words in quotation marks name a book or a film: all long ones, at least two, have capitals."""
    long = [word for word in (word.strip('"“”„«».,') for word in words) if len(word) >= _SHORT]
    return len(long) > 1 and all(word[0].isupper() for word in long)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The tokens of a sentence without its quotations, and its noun phrases by first token and by end."""

    tokens: list[str]
    starts: dict[int, Phrase]
    ends: dict[int, Phrase]

    @classmethod
    def read(cls, plain: str) -> "_Sentence":
        """Return the sentence `plain`, in which quotations are blank."""
        tokens, phrases, i = TOKEN.findall(plain), [], 0
        while i < len(tokens):
            phrases.append(phrase_at(tokens, i))
            i = phrases[-1].end
        return cls(tokens, {p.start: p for p in phrases if p}, {p.end: p for p in phrases if p})

    def has_words(self) -> bool:
        """Tell whether anything stands outside quotation marks."""
        return any(token[0].isalnum() for token in self.tokens)

    def speakers(self) -> Iterator[Phrase]:
        """Yield the subjects of the reporting verbs in order, those of an opening subordinate clause last."""
        comma = self.tokens.index(",") if self._word(0) in _SUBORDINATORS and "," in self.tokens else 0
        for i in [*range(comma, len(self.tokens)), *range(comma)]:
            if phrase := self._speaker(i):
                yield phrase

    def subject(self) -> Phrase | None:
        """Return the noun phrase that the sentence, or a part of it set off by commas, opens with."""
        opens = True
        for i in range(min(len(self.tokens), _WINDOW)):
            if opens and i in self.starts:
                return self._named(self.starts[i])
            opens = self.tokens[i] in _BREAKS or (opens and self._word(i) in _OPENERS)
        return None

    def apposition(self, phrase: Phrase) -> Phrase | None:
        """Return the person named next to a role: "Jane Doe, the minister", "the minister for trade, Jane Doe"."""
        theirs = self._word(phrase.start) in _POSSESSIVES and kind(phrase.role[-1]) == "body"  # "…, his family said"
        if not theirs and self._word(phrase.start - 1) == "," and (before := self.ends.get(phrase.start - 1)):
            before = self._head(before)
            if " " in before.name:
                return before
        end = phrase.end
        while self._word(end) not in {"", ","} and end < phrase.end + 9:
            end += 1
        after = self.starts.get(end + 1)
        linked = end == phrase.end or self._word(phrase.end) in LINKS
        is_named = after and (" " in after.name or (after.name and end == phrase.end and self._word(after.end) == ","))
        return after if linked and is_named and self._word(end) else None

    def _word(self, i: int) -> str:
        return self.tokens[i].lower() if 0 <= i < len(self.tokens) else ""

    def _at(self, i: int) -> Phrase | None:
        """Return the noun phrase that begins at token `i`, if one does."""
        return self._named(self.starts[i]) if i in self.starts else None

    def _named(self, phrase: Phrase) -> Phrase:
        """Return whose role it is, "the minister, Jane Doe", else the whole of it: "the president of Peru"."""
        if not phrase.role or phrase.name:
            return phrase
        if person := self.apposition(phrase):
            return person
        owner = self.starts.get(phrase.end + 1)
        if owner is None or self._word(phrase.end) != "of":
            return phrase
        written = " ".join([phrase.written, *self.tokens[phrase.end : owner.end]])
        return replace(phrase, written=written, definite=False)

    def _head(self, phrase: Phrase) -> Phrase:
        """Return the phrase that `phrase` hangs on: of "a member of the council", the member."""
        while True:
            link = phrase.start - 1
            while self._word(link) in {"the", "late"}:  # the son of the late Jane Doe
                link -= 1
            if self._word(link) not in LINKS or link not in self.ends:
                return phrase
            phrase = self.ends[link]

    def _speaker(self, i: int) -> Phrase | None:
        """Return the subject of the reporting verb at token `i`, None where there is no such verb or subject."""
        word, before, after = self._word(i), self._word(i - 1), self._word(i + 1)
        if word == "according" and after == "to":
            return self._at(i + 2)
        if self.tokens[i] != word or before in _NOUN_AFTER or (word, after) == ("accused", "of"):
            return None
        if word in PARTICIPLES:
            if before == "as":
                return self._before(i - 2)
            link = self.ends[i].start - 1 if i in self.ends else 0
            if [self._word(link - 1), self._word(link)] == [",", "with"]:  # "…, with the minister calling it a threat"
                return self._named(self.ends[i])
            return self.subject() if before in {",", '"', "by", "and", "statement"} else None
        needs = _NEEDS.get(word, {after})
        if word not in REPORTING or (after not in needs and '"' not in self.tokens[i + 1 : i + 12]):
            return None
        if self._word(self._without_adverbs(i) - 1) in PASSIVE:
            agent = next(j for j in range(i + 1, len(self.tokens) + 1) if self._word(j) not in _ADVERBS)
            return self._at(agent + 1) if self._word(agent) == "by" else None
        return self._inverted(i) or self._before(i)

    def _without_adverbs(self, i: int) -> int:
        """Return where the auxiliaries and adverbs before token `i` begin."""
        while i not in self.ends and (self._word(i - 1) in _ADVERBS or self._word(i - 1).endswith("ly")):
            i -= 1
        return i

    def _inverted(self, i: int) -> Phrase | None:
        """Return the subject that follows the verb at `i`: of ", said the minister.", the minister."""
        phrase = self.starts.get(i + 1)
        if phrase is None or self._word(i) in _ADDRESSED or self._word(i - 1) not in {",", '"'}:
            return None
        if kind((phrase.role or ("",))[-1]) == "body" and self._word(i + 1) in {"a", "an"} and self._word(i) != "said":
            return None  # "…, declared a state of emergency"
        return self._named(phrase) if self._word(phrase.end) in _INVERTED else None

    def _before(self, i: int) -> Phrase | None:
        """Return the subject before the verb at `i`, over adverbs, phrases set off by commas and a conjunction."""
        i = self._without_adverbs(i)
        if self._word(i - 1) in PASSIVE:
            i = self._without_adverbs(i - 1)
        if self._word(i - 1) in {"who", "which"}:
            i -= 2 if self._word(i - 2) == "," else 1
        if i in self.ends:
            return self._named(self._head(self.ends[i]))
        if self._word(i - 1) == ",":
            return self._set_off(i - 1)
        return self.subject() if self._word(i - 1) in {"and", "but", ")"} else None

    def _set_off(self, comma: int) -> Phrase | None:
        """Return the subject before the phrases between commas of which the last ends at `comma`."""
        for i in range(comma - 1, max(-2, comma - _WINDOW), -1):
            if i >= 0 and self.tokens[i] not in _BREAKS:
                continue
            if phrase := self.starts.get(i + 2 if self._word(i + 1) in _OPENERS else i + 1):
                return self._named(phrase)
            if i >= 0 and self.tokens[i] != ",":
                return None
        return None


class _People:
    """Who has been named in an article, with which roles so far, and who spoke last."""

    def __init__(self, article: Sequence[_Sentence]) -> None:
        self._names: dict[str, list[str]] = {}  # full names of the article by each word but the first, in order
        self._bare: set[str] = set()  # the last words of all names
        for phrase in itertools.chain.from_iterable(sentence.starts.values() for sentence in article):
            self._bare.add(phrase.name.split(" ")[-1])
            for name in (phrase.name, phrase.possessor):
                words = name.split(" ")
                for word in words[1:] if self._is_person(name) else words[-1:]:
                    known = self._names.setdefault(word, [])
                    if len(words) > 1 and len(known) < _NAMESAKES and name not in known:
                        known.append(name)
        self._roles: dict[str, deque[tuple[frozenset[str], str]]] = {}  # the latest first
        self._pronouns: dict[str, str] = {}  # by person
        self._persons: dict[str, None] = {}  # who spoke or was told about, the latest last
        self._person = ""  # whom "he" or "she" means
        self._body = ""  # whom "it" or "they" mean

    def speaker(self, sentence: _Sentence, *, quoted: int) -> str:
        """Return who speaks in `sentence`, which has `quoted` quoted words, or ""; sentences come in order."""
        self._introduce(sentence)
        subject = sentence.subject()
        topic = self._resolve(subject) if subject else ""
        name = next(filter(None, map(self._resolve, sentence.speakers())), "")
        if not name and quoted >= _SPEECH and (self._is_person(topic) or "statement" in sentence.tokens):
            name = topic if any(map(str.islower, sentence.tokens)) else ""  # no bare "Jane Doe, “A Book”"
        for who in (topic, name):
            if self._is_person(who):
                self._person = who
                self._persons[who] = self._persons.pop(who, None)
            elif who:
                self._body = who
        if name.istitle() and name.isalpha():
            self._person = name  # "Smith", never named in full
        return name

    def _introduce(self, sentence: _Sentence) -> None:
        """Remember the roles in which a sentence presents people, and the kinds of bodies it names."""
        for phrase in sentence.starts.values():
            apposed = sentence.apposition(phrase) if phrase.role and not phrase.name else None
            name = self._full(apposed.name if apposed else phrase.name)
            if name and (pronoun := next(filter(None, map(GENDERED.get, phrase.role)), "")):
                self._pronouns.setdefault(name, pronoun)
            if name and "title" in map(kind, phrase.role):
                nouns, words = phrase.role, frozenset(phrase.role)
            elif name and not phrase.role and not self._is_person(name):
                nouns = tuple(word.lower() for word in name.split(" ") if kind(word))
                words = frozenset(nouns)
            else:
                continue
            for noun in (noun for noun in nouns if not noun.endswith("s")):
                self._roles.setdefault(noun, deque(maxlen=_NAMESAKES)).appendleft((words, name))

    def _resolve(self, phrase: Phrase) -> str:
        """Return the speaker that a noun phrase means, "" where that is nobody in particular."""
        if phrase.pronoun in {"it", "they"}:
            return self._body
        if phrase.pronoun:
            if self._pronouns.setdefault(self._person, phrase.pronoun) == phrase.pronoun:
                return self._person
            recent = itertools.islice(reversed(self._persons), _NAMESAKES)
            return next((name for name in recent if self._pronouns.get(name) == phrase.pronoun), "")
        if phrase.name:
            return self._full(phrase.name)
        for known, name in self._roles.get(phrase.role[-1], ()) if phrase.definite else ():
            if known.issuperset(phrase.role) and not known.difference(phrase.role) & _DEPUTIES:
                return name
        return phrase.written

    def _full(self, name: str) -> str:
        """Return the longest form of `name`; of several namesakes the one named first."""
        words = name.split(" ")
        if words[-1].endswith(("'s", "’s")) and (len(words) > 1 or words[-1][:-2] in self._bare):
            return self._full(name[:-2])  # "Doe's said no": Doe has
        known = self._names.get(words[-1], [])
        if len(words) == 1:
            return known[0] if known else name
        return max((other for other in known if set(words) <= set(other.split(" "))), key=len, default=name)

    @staticmethod
    def _is_person(name: str) -> bool:
        """Tell whether `name` looks like that of one person, or is a role that one person has."""
        *first, last = name.split(" ")
        if name[:1].islower():
            noun = name.partition(" of ")[0].split(" ")[-1]
            return kind(noun) == "title" and not noun.endswith("s")
        organised = (kind(w) == "body" or w in JOINTS - PARTICLES or w.isupper() for w in [*first, last])
        return bool(first) and not any(organised)
