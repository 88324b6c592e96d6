"""What is counted of a disaster: the dead, the injured and the missing, how it is asked for and in which words told.

Knows nothing about questions' other kinds, verdicts or dates.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from rag.citations.facts import content_words

_ELSE = (
    "after|before|bills|days|did|does|goals|hours|jobs|months|of|points|since|that|votes|weeks|when|while|"
    "who(?:m|se)?|years"
)
"""Between "how many" and the dead these count something else."""
_PEOPLE = "people|persons|men|women|children|others|passengers|workers|villagers|miners|sailors|climbers|residents"


@dataclass(frozen=True)
class Casualties:
    """One kind of them."""

    question: re.Pattern[str]
    """What asks how many there are."""
    sentence: re.Pattern[str]
    """A word with which it may be told."""
    counted: str
    """Words beside which its number stands."""

    @cached_property
    def words(self) -> frozenset[str]:
        """The stems of `counted`."""
        return content_words(self.counted)


def _asked(ends: str, done: str) -> re.Pattern[str]:
    return re.compile(
        rf"\bhow many(?: (?!(?:{_ELSE})\b)[\w’'-]+){{0,6}} (?:{ends})\b"
        rf"|\bhow many(?: [\w’'-]+){{1,3}} did(?: [\w’'-]+){{1,4}} (?:{done})\b",
        re.IGNORECASE,
    )


def _told(begins: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{begins})", re.IGNORECASE)


CASUALTIES = (
    Casualties(
        question=_asked(r"died?|dead|deaths?|killed|perish(?:ed)?|fatalities|lost (?:their )?lives", "kill"),
        sentence=_told(
            r"die[ds]?\b|dying|dead|death|kill|fatal|toll|victim|bod(?:y|ies)|li(?:fe|ves)\b|drown|murder|perish|casualt"
            r"|slain|claim|shot|stab|starv|suffocat|behead|hang|poison|crush|buri|massacre|execut|lost|surviv|corpse|remains"
        ),
        counted="die died kill killed dead death deaths toll fatalities victims bodies perish perished",
    ),
    Casualties(
        question=_asked("injured|injuries|wounded|hurt", "injure|wound|hurt"),
        sentence=_told(
            r"injur|wound|hurt|hospital|treat|casualt|burn|toll|critical|shot|stab|bit|bruis|cuts?\b|broke|sustain"
        ),
        counted="injure injured injuries wound wounded hurt",
    ),
    Casualties(
        question=re.compile(
            rf"\bhow many (?:(?:more )?(?:{_PEOPLE}) )?(?:(?:are|were|is|was|remain(?:ed)?|still|now) )*"
            r"(?:missing|unaccounted for)\b",
            re.IGNORECASE,
        ),
        sentence=_told(
            r"miss|unaccounted|search|trapped|disappear|vanish|lost|still|trace|found|seen|located|heard|accounted"
        ),
        counted="miss missing unaccounted",
    ),
)
