"""Whether the articles answer a question: how relevant the best passage is, the model's own word, and its inside.

Knows nothing about how they were found. The weights come from logistic regressions over answerable questions, questions
written to look so, and questions asked of other articles: see docs/benchmarks.md, refusals.
"""

import math

ANSWERED = 0.45
"""A question that is answerable with less probability is declined, and nothing is written."""
QUOTED, EXTRACTED = 0.35, 0.25
"""The best sentence is given in its own words if it answers with this probability: where nothing written held up, which
speaks against it, and where nobody writes."""
_RELEVANCE, _DECLINED, _INTERCEPT = 0.46, -0.38, -0.72
_INSIDE, _ALONE, _REST, _READ = 0.40, 0.43, 0.27, 0.20
"""How what a model's inside says, of all that was read and of the best sentence alone, is weighed with the rest, and
the intercept: chosen near what `python -m benchmarks.probe --write` tells of several sets, see docs/decisions.md."""
_BROAD = 3.1
"""What a broad question gains: the inside was fitted to questions that ask something particular, and looks for it. See
docs/benchmarks.md, broad questions."""
_UNKNOWN = 0.1
"""What a model's word counts as where there is none: the mean for answerable questions."""
_LEAST = 0.005
"""Probabilities beyond this and its counterpart are not believed."""


def answerable(
    relevance: float,
    declined: float | None = None,
    inside: tuple[float, float] | None = None,
    *,
    broad: bool = False,
) -> float:
    """Return how probable it is that a question can be answered.

    `relevance` is the probability of the best passage, `declined` the one with which the model would begin to decline;
    None without a model. `inside` is what the model's inside says, in log odds, of all that was read and of the best
    sentence alone; None where that is not known. `broad` tells that nothing particular is asked: "Who is Kay Ivey?".
    """
    odds = _INTERCEPT + _RELEVANCE * logit(relevance) + _DECLINED * logit(_UNKNOWN if declined is None else declined)
    if inside is not None:
        of_all, of_best = inside
        odds = _INSIDE * of_all + _ALONE * of_best + _REST * odds + _BROAD * broad + _READ
    return (1 + math.tanh(odds / 2)) / 2  # the logistic function, of any odds


def logit(probability: float) -> float:
    """Return the log odds, of nothing beyond what is believed."""
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
