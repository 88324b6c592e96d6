"""Whether the articles answer a question: how relevant the best passage is, and the model's own word, weighed together.

Knows nothing about how either was found. The weights are a logistic regression over answerable questions, questions
written to look so, and questions asked of other articles: see docs/benchmarks.md, refusals.
"""

import math

ANSWERED = 0.35
"""A question that is answerable with less probability is declined, and nothing is written."""
UNSURE = 0.1
"""Below, more evidence is not worth reading: see docs/decisions.md."""
QUOTED, EXTRACTED = 0.4, 0.25
"""The best sentence is given in its own words if it answers with this probability: where nothing written held up, which
speaks against it, and where nobody writes."""
_RELEVANCE, _DECLINED, _INTERCEPT = 0.46, -0.38, -0.72
_UNKNOWN = 0.1
"""What a model's word counts as where there is none: the mean for answerable questions."""
_LEAST = 0.005
"""Probabilities beyond this and its counterpart are not believed."""


def answerable(relevance: float, declined: float | None = None) -> float:
    """Return how probable it is that a question can be answered.

    `relevance` is the probability of the best passage, `declined` the one with which the model would begin to decline;
    None without a model.
    """
    weighed = _RELEVANCE * logit(relevance) + _DECLINED * logit(_UNKNOWN if declined is None else declined)
    return 1 / (1 + math.exp(-(weighed + _INTERCEPT)))


def logit(probability: float) -> float:
    """Return the log odds, of nothing beyond what is believed."""
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
