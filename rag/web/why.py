"""Why an answer came out as it did: passages found, sentences read, each one written with its verdict, time, models.

Knows nothing about Gradio.
"""

import textwrap

from rag.types import Answer, Article, Claim, Evidence, Hit
from rag.web.html import button, inline, more, table

_STAGES = {
    "rewrite_s": "question read",
    "search_s": "passages found",
    "first_word_s": "first word",
    "first_checked_s": "first sentence checked",
    "total_s": "done",
}
_SHOWN = 90
"""So many characters of a passage or sentence are shown."""
_HIT = ("Rank", "Passage", "Relevance", "By meaning", "By words", "What became of it")
_READ = ("Sentence", "Answers with probability")
_CLAIM = ("Sentence", "Verdict", "Probability", "What is missing")


def why(answer: Answer) -> str:
    """Return the panel, closed."""
    parts = []
    if answer.hits:
        rows = [_hit(rank, hit) for rank, hit in enumerate(answer.hits, start=1)]
        parts.append(table(_HIT, rows, caption="Passages found"))
    if read := sorted((one for one in answer.evidence if one.quote), key=lambda one: -(one.probability or 0.0)):
        parts.append(table(_READ, [_sentence(one) for one in read], caption="Sentences read"))
    if answer.claims:
        parts.append(table(_CLAIM, [_claim(claim) for claim in answer.claims], caption="Sentences written"))
    return more("Why this answer", "".join([*parts, _facts(answer)]), style="why")


def _hit(rank: int, hit: Hit) -> list[str]:
    ranks = [f"#{hit.ranks[name]}" if name in hit.ranks else "–" for name in ("dense", "words")]
    place = _place(hit.text, hit.article, hit.passage.start, hit.passage.end)
    return [str(rank), place, f"{hit.score:.2f}", *ranks, inline(hit.why or ("kept" if hit.kept else "cut"))]


def _sentence(one: Evidence) -> list[str]:
    probability = f"{one.probability:.2f}" if one.probability is not None else "–"
    return [_place(one.quote, one.article, one.start, one.end), probability]


def _place(text: str, article: Article, start: int, end: int) -> str:
    """Return how a text begins, which opens it, and its article's title."""
    said = textwrap.shorten(text, _SHOWN, placeholder=" …") or text[:_SHOWN]
    title = button(f'<span dir="auto">{inline(said)}</span>', "open", article=article.id, start=start, end=end)
    return f'{title}<div class="status" dir="auto">{inline(article.origin.title)}</div>'


def _claim(claim: Claim) -> list[str]:
    probability = f"{claim.probability:.2f}" if claim.probability is not None else "–"
    shown = f"<s>{inline(claim.text)}</s>" if claim.withheld else inline(claim.text)
    verdict = f"{claim.verdict or 'not checked'}{', left out' if claim.withheld else ''}"
    return [f'<span dir="auto">{shown}</span>', inline(verdict), probability, inline("; ".join(claim.missing)) or "–"]


def _facts(answer: Answer) -> str:
    """Return how sure, how long and with what, in a list."""
    times = answer.timings
    stages = [
        f"{words} after {seconds:.2f} s"
        for name, words in _STAGES.items()
        if (seconds := getattr(times, name)) is not None
    ]
    if times.prompt_tokens is not None:
        stages.append(f"{times.prompt_tokens:,} tokens read, {times.answer_tokens or 0:,} written")
    models = [f"{kind} {name}" for kind, name in answer.models.items() if name]
    facts = {
        "Answerable": f"probability {answer.confidence:.2f}" if answer.confidence is not None else "",
        "Time": ", ".join(stages),
        "Models": ", ".join(models),
        "Index": f"revision {answer.index_revision}" if answer.index_revision else "",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{inline(text)}</dd>" for name, text in facts.items() if text)
    return f"<dl>{rows}</dl>" if rows else ""
