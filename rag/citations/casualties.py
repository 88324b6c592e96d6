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


def _harmed(asked: str, done: str) -> str:
    return (
        rf"\bhow many(?: (?!(?:{_ELSE})\b)[\w’'-]+){{0,6}} (?:{asked})\b"
        rf"|\bhow many(?: [\w’'-]+){{1,3}} did(?: [\w’'-]+){{1,4}} (?:{done})\b"
    )


@dataclass(frozen=True)
class Casualties:
    """One kind of them: the expression that asks for their number, and the words in which it is told."""

    asked: str
    told: str
    """Beginnings of words of sentences that tell it."""
    counted: str
    """Words beside which its number stands."""

    @cached_property
    def question(self) -> re.Pattern[str]:
        """What asks how many there are."""
        return re.compile(self.asked, re.IGNORECASE)

    @cached_property
    def sentence(self) -> re.Pattern[str]:
        """A word with which it may be told."""
        return re.compile(rf"\b(?:{self.told})", re.IGNORECASE)

    @cached_property
    def words(self) -> frozenset[str]:
        """The stems of the words beside which its number stands."""
        return content_words(self.counted)


CASUALTIES = (
    Casualties(
        asked=_harmed(r"died?|dead|deaths?|killed|perish(?:ed)?|fatalities|lost (?:their )?lives", "kill"),
        told=r"die[ds]?\b|dying|dead|death|kill|fatal|toll|victim|bod(?:y|ies)|li(?:fe|ves)\b|drown|murder|perish|casualt"
        r"|slain|claim|shot|stab|starv|suffocat|behead|hang|poison|crush|buri|massacre|execut|lost|surviv|corpse|remains",
        counted="die died kill killed dead death deaths toll fatalities victims bodies perish perished",
    ),
    Casualties(
        asked=_harmed("injured|injuries|wounded|hurt", "injure|wound|hurt"),
        told=r"injur|wound|hurt|hospital|treat|casualt|burn|toll|critical|shot|stab|bit|bruis|cuts?\b|broke|sustain",
        counted="injure injured injuries wound wounded hurt",
    ),
    Casualties(
        asked=rf"\bhow many (?:(?:more )?(?:{_PEOPLE}) )?(?:(?:are|were|is|was|remain(?:ed)?|still|now) )*"
        r"(?:missing|unaccounted for)\b",
        told=r"miss|unaccounted|search|trapped|disappear|vanish|lost|still|trace|found|seen|located|heard|accounted",
        counted="miss missing unaccounted",
    ),
)
