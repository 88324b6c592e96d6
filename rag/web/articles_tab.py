"""The tab of the articles: finding, choosing, bringing and removing them, and the state of the index.

Also the reader beside all tabs, in which an article is open. Knows nothing about the conversation.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index import Report, doctor, stories
from rag.index.collect import collect
from rag.index.sync import Progress
from rag.retrieval import filters
from rag.types import Origin, Span
from rag.web import articles, limits, uploads
from rag.web.events import QUIET, TELLING
from rag.web.html import error, inline, status
from rag.web.limits import Limits
from rag.wording import count

_PAGE = 50
_WORDED = 200
_CHOSEN = "() => [window.rag.chosen()]"


class Articles:
    """The tab and the reader, over one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def build(self) -> None:
        """Add the components of the tab to the page."""
        with gr.Accordion(
            "Add articles: text, web pages, PDF, Word, mail, archives", open=False, elem_id="add"
        ) as self.adding:
            self.files = gr.File(
                label=f"Files, up to {uploads.MOST_BYTES // 1_000_000} MB each",
                file_count="multiple", file_types=list(uploads.KINDS), height=160, elem_id="files",
            )  # fmt: skip
            with gr.Row():
                self.title = gr.Textbox("", label="Title", elem_id="paste-title", max_length=300, scale=2)
                self.date = gr.Textbox("", label="Date", placeholder="2023-04-11", elem_id="paste-date", max_length=60)
            self.paste = gr.Textbox("", label="Or paste text", lines=5, max_lines=12, elem_id="paste")
            self.add = gr.Button("Add text", size="sm", elem_id="add-text")
            self.added = gr.HTML(elem_id="added", min_height=40)
        self.timeline = gr.HTML(elem_id="timeline")
        with gr.Row(elem_id="find"):
            self.text = gr.Textbox("", label="Search", placeholder="Words of title or text", elem_id="search-articles",
                                   scale=2, min_width=200, max_length=200)  # fmt: skip
            self.source = gr.Dropdown([("All", "")], value="", label="Source", min_width=120, elem_id="source-articles")
            self.first = gr.Textbox("", label="From", placeholder="2023-04", min_width=110, elem_id="from-articles",
                                    max_length=60)  # fmt: skip
            self.last = gr.Textbox("", label="To", placeholder="last week", min_width=110, elem_id="to-articles",
                                   max_length=60)  # fmt: skip
        with gr.Row(elem_id="with-chosen"):
            self.within = gr.Button("Ask within them", size="sm", elem_id="ask-within", min_width=110)
            self.name = gr.Textbox(show_label=False, container=False, placeholder="Name of a collection",
                                   label="Name of a collection", elem_id="collection-name", min_width=140,
                                   max_length=100)  # fmt: skip
            self.collect = gr.Button("Keep as collection", size="sm", elem_id="keep-collection", min_width=120)
            self.remove = gr.Button("Remove …", size="sm", elem_id="remove-chosen", min_width=90)
            self.none = gr.Button("Clear", size="sm", elem_id="choose-none", min_width=70)
        self.told = gr.HTML(elem_id="articles-told")
        self.rows = gr.HTML(elem_id="rows")
        self.more = gr.Button("Show more", size="sm", elem_id="more-articles", visible=False)
        with gr.Accordion("State of the index", open=False, elem_id="state"):
            self.state = gr.HTML()
            self.check = gr.Button("Check the whole index", size="sm", elem_id="check")
            self.findings = gr.HTML(elem_id="findings")
        self.shown = gr.State(_PAGE)
        self.chosen = gr.Textbox("", visible="hidden", elem_id="chosen-articles")

    def connect(self, actions: gr.HTML, reader: gr.HTML, tabs: gr.Tabs, bound: Limits, page: gr.Blocks) -> None:
        """Let the tab act: on the reader, on what questions are asked within, on the page as it begins."""
        found = [self.text, self.source, self.first, self.last, self.shown]
        listed = [self.rows, self.more]
        whole = [self.timeline, self.source, self.state, self.adding, *listed]
        asked = [tabs, *bound.fields, bound.frame]
        gr.on(
            [self.text.change, self.source.change, self.first.change, self.last.change],
            self._search, found[:4], [self.shown, *listed], **QUIET | {"trigger_mode": "always_last"},
        )  # fmt: skip
        self.more.click(self._more, found, [self.shown, *listed], **QUIET)
        self.within.click(self._within, [self.chosen], asked, js=_CHOSEN, **TELLING)
        actions.within(self._within_this, None, asked, **TELLING)
        self.collect.click(
            self._collect, [self.name, self.chosen], [self.told, *bound.fields[2:4]],
            js=_CHOSEN.replace("() => [", "(name) => [name, "), **QUIET,
        )  # fmt: skip
        self.remove.click(self._sure, [self.chosen], [reader], js=_CHOSEN, **QUIET).then(None, js=_READ)
        actions.remove(self._sure_this, None, [reader], **QUIET).then(None, js=_READ)
        self.removed = actions.removed(
            self._remove, None, [reader, self.told], concurrency_id="writing", show_progress="hidden",
            api_visibility="private",
        )  # fmt: skip
        self.none.click(None, js="() => window.rag.clear()")
        actions.open(self._open, None, [reader], **QUIET).then(None, js=_READ)
        actions.month(_month, None, [self.first, self.last], **QUIET)
        self.bring = gr.on(
            [self.files.upload], self._bring, [self.files], [self.added, self.files], concurrency_limit=1,
            concurrency_id="writing", api_visibility="private",
        )  # fmt: skip
        self.pasted = self.add.click(
            self._bring_text, [self.paste, self.title, self.date], [self.added, self.paste, self.title],
            concurrency_limit=1, concurrency_id="writing", api_visibility="private",
        )  # fmt: skip
        for event in (self.bring, self.pasted, self.removed):
            event.then(self._refresh, found, whole, **QUIET)
        self.check.click(self._check, None, self.findings, api_visibility="private")
        page.load(self._refresh, found, whole, **QUIET)

    def _refresh(self, text: str, source: str, first: str, last: str, shown: int) -> list[Any]:
        reader = self._assistant.index.catalogue
        sources = [name for name in reader.sources() if name]
        return [
            articles.timeline(reader.months()),
            gr.Dropdown(choices=[("All", ""), *((name, name) for name in sources)], visible=bool(sources)),
            self._state(),
            gr.skip() if reader.counts()["articles"] else gr.Accordion(open=True),
            *self._list(text, source, first, last, shown),
        ]

    def _search(self, text: str, source: str, first: str, last: str) -> list[Any]:
        return [_PAGE, *self._list(text, source, first, last, _PAGE)]

    def _more(self, text: str, source: str, first: str, last: str, shown: int) -> list[Any]:
        return [shown + _PAGE, *self._list(text, source, first, last, shown + _PAGE)]

    def _list(self, text: str, source: str, first: str, last: str, shown: int) -> list[Any]:
        try:
            found = self._found(text, source, first, last)
        except RagError as problem:
            return [error(str(problem)), gr.Button(visible=False)]
        told = stories.others(self._assistant.index.catalogue, [article_id for article_id, _ in found[:shown]])
        alike = {article_id: 1 + len(others) for article_id, others in told.items()}
        return [articles.rows(found[:shown], total=len(found), alike=alike), gr.Button(visible=len(found) > shown)]

    def _found(self, text: str, source: str, first: str, last: str) -> list[tuple[str, Origin]]:
        """Return the articles that fit, the newest first: all words in the title, or among the best by words."""
        reader = self._assistant.index.catalogue
        within = filters(
            reader, today=self._assistant.settings.day, from_=first, to=last, sources=[source] if source else []
        )
        words = text.casefold().split()
        best = {p.article_id for p, _ in self._assistant.index.search_words(text, _WORDED)} if words else set()
        return [
            (article_id, origin)
            for article_id, origin in reader.origins(filters=within)
            if not words or article_id in best or all(word in origin.title.casefold() for word in words)
        ]

    def _open(self, event: gr.EventData) -> str:
        reader = self._assistant.index.catalogue
        article_id = str(event._data.get("article"))
        found = reader.find(article_id)
        if found is None:
            return articles.gone(reader.withdrawal(article_id))
        start, end = (str(event._data.get(key)) for key in ("start", "end"))
        place = Span(int(start), int(end)) if start.isdecimal() and end.isdecimal() else None
        return articles.article(found, place=place)

    def _within(self, chosen: str) -> list[Any]:
        reader, day = self._assistant.index.catalogue, self._assistant.settings.day
        try:
            within = filters(reader, today=day, articles=chosen.split())
        except RagError as problem:  # removed meanwhile
            gr.Warning(str(problem))
            return [gr.skip() for _ in range(7)]
        return [gr.Tabs(selected="ask"), *limits.shown(self._assistant, within), gr.Accordion(open=False)]

    def _within_this(self, event: gr.EventData) -> list[Any]:
        return self._within(str(event._data.get("articles")))

    def _collect(self, name: str, chosen: str) -> list[Any]:
        if not name.strip():
            return [error("Name the collection first."), gr.skip(), gr.skip()]
        try:
            collect(name.strip(), chosen.split(), self._assistant.settings.index_dir)
        except RagError as problem:
            return [error(str(problem)), gr.skip(), gr.skip()]
        told = f"{count(len(chosen.split()), 'article')} put into “{inline(name.strip())}”"
        return [status(told), *limits.choices(self._assistant)]

    def _sure(self, chosen: str) -> str:
        found = self._assistant.index.catalogue.articles(chosen.split())
        return articles.sure([article.origin.title for article in found.values()], list(found)) if found else ""

    def _sure_this(self, event: gr.EventData) -> str:
        return self._sure(str(event._data.get("articles")))

    def _remove(self, event: gr.EventData) -> tuple[str, str]:
        try:
            gone = uploads.take_out(str(event._data.get("articles")).split(), self._assistant)
        except RagError as problem:
            return "", error(str(problem))
        return "", status(f"{count(len(gone), 'article')} removed.")

    def _bring(self, files: Sequence[str] | None, progress: Any = gr.Progress()) -> tuple[str, None]:  # noqa: B008
        paths = [Path(file) for file in files or ()]
        try:
            report = uploads.add_files(paths, self._assistant, progress=_shown_by(progress))
            return _told(report), None
        except RagError as problem:
            return error(str(problem)), None
        finally:
            for path in paths:
                path.unlink(missing_ok=True)  # Gradio's copy

    def _bring_text(
        self, text: str, title: str, date: str, progress: Any = gr.Progress()  # noqa: B008
    ) -> tuple[str, Any, Any]:  # fmt: skip
        try:
            report = uploads.add_text(text, self._assistant, title=title, date=date, progress=_shown_by(progress))
            return _told(report), "", ""
        except RagError as problem:
            return error(str(problem)), gr.skip(), gr.skip()

    def _state(self) -> str:
        index = self._assistant.index
        counts, manifest = index.catalogue.counts(), index.catalogue.manifest
        facts = {
            "Holds": f"{count(counts['articles'], 'article')}, {count(counts['passages'], 'passage')}",
            "Folder": str(self._assistant.settings.index_dir),
            "Made of": ", ".join(index.catalogue.roots()) or "nothing yet",
            "Embedder": manifest.embedder,
            "Revision": index.catalogue.revision,
        }
        return f"<dl>{''.join(f'<dt>{name}</dt><dd>{inline(text)}</dd>' for name, text in facts.items())}</dl>"

    def _check(self) -> str:
        try:
            found = doctor.examine(self._assistant.settings.index_dir)
        except RagError as problem:
            return error(str(problem))
        if not found:
            return status("The index is sound.")
        mend = f"mend it: rag doctor --repair --index {self._assistant.settings.index_dir}"
        return "".join(error(finding.what) for finding in found) + status(inline(mend))


_READ = "() => window.rag.read()"


def _month(event: gr.EventData) -> list[str]:
    return [str(event._data.get("month"))] * 2


def _shown_by(progress: Any) -> Progress:
    return lambda done, total: progress((done, max(total, 1)), desc="indexing", unit="files")


def _told(report: Report) -> str:
    done = f"{count(report.new + report.corrected, 'new article')}; {count(report.articles, 'article')} in all."
    skipped = "".join(error(f"{Path(s.path).name}: {s.reason}") for s in report.skipped)
    return status(f"{done} You can ask now.") + skipped
