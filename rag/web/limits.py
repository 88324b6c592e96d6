"""What a question is asked within: days, sources, a collection, chosen articles. Fields, and what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import UsageError
from rag.retrieval import filters
from rag.types import Filters
from rag.web.events import QUIET

_DATE = "A day, April 2023, last week"
_TITLE = "Search within"


@dataclass(frozen=True)
class Limits:
    """The fields, in the order in which their values are given to functions, and the frame around them."""

    frame: gr.Accordion
    fields: list[Any]

    @classmethod
    def build(cls) -> "Limits":
        """Add the fields to the page."""
        with gr.Accordion(_title(), open=False, elem_id="limits") as frame:
            with gr.Row():
                first = gr.Textbox("", label="From", placeholder=_DATE, elem_id="from", max_length=60, min_width=130)
                last = gr.Textbox("", label="To", placeholder=_DATE, elem_id="to", max_length=60, min_width=130)
            with gr.Row():
                sources = gr.Dropdown(multiselect=True, label="Sources", elem_id="sources", min_width=130)
                within = gr.Dropdown([("All articles", "")], value="", label="Collection", elem_id="collection",
                                     min_width=130)  # fmt: skip
            chosen = gr.Dropdown(
                [], value=[], multiselect=True, allow_custom_value=True, label="Chosen articles", elem_id="chosen",
                visible=False,
            )  # fmt: skip
        limits = cls(frame, [first, last, sources, within, chosen])
        gr.on([field.change for field in limits.fields], _title_of, limits.fields, frame, **QUIET)
        return limits


def filters_of(
    assistant: Assistant, from_: str, to: str, sources: Sequence[str], collection: str, chosen: Sequence[str]
) -> Filters:
    """Return what the fields hold, in their order; raises `UsageError` for what is no date, or not here any more."""
    reader = assistant.index.catalogue
    here = list(reader.articles(chosen or ()))
    if chosen and not here:
        raise UsageError("the chosen articles are not here any more; choose others in the tab Articles")
    return filters(
        reader,
        today=assistant.settings.day,
        from_=from_,
        to=to,
        sources=sources,
        articles=here,
        collection=collection or None,
    )


def choices(assistant: Assistant) -> list[Any]:
    """Return the fields of sources and collections with what there is now."""
    reader = assistant.index.catalogue
    sources = [source for source in reader.sources() if source]
    collections = list(reader.collections())
    return [
        gr.Dropdown(choices=sources, visible=len(sources) > 1),
        gr.Dropdown(choices=[("All articles", ""), *((name, name) for name in collections)],
                    visible=bool(collections)),
    ]  # fmt: skip


def shown(assistant: Assistant, within: Filters) -> list[Any]:
    """Return the fields holding some limits."""
    chosen = assistant.index.catalogue.articles(within.articles)
    titles = [(article.origin.title, article_id) for article_id, article in chosen.items()]
    return [
        within.from_ or "",
        within.to or "",
        list(within.sources),
        "",
        gr.Dropdown(choices=titles, value=list(chosen), visible=bool(chosen)),
    ]


def _title(*parts: str) -> str:
    return f"{_TITLE}: {' · '.join(parts) or 'all articles'}"


def _title_of(from_: str, to: str, sources: Sequence[str], collection: str, chosen: Sequence[str]) -> gr.Accordion:
    days = f"{from_.strip() or '…'} to {to.strip() or '…'}" if from_.strip() or to.strip() else ""
    articles = f"{len(chosen):,} chosen article{'s' * (len(chosen) != 1)}" if chosen else ""
    return gr.Accordion(label=_title(*filter(None, [days, ", ".join(sources or ()), collection, articles])))
