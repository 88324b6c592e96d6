"""`rag index`, `rag search`, `rag ask`."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import INTERRUPTED, interrupt_sets
from rag.cli.options import (
    ArticleOption,
    CollectionOption,
    EmbedderOption,
    ExtractiveOption,
    FromOption,
    IndexOption,
    JSONOption,
    KeepOption,
    LLMOption,
    SourceOption,
    TodayOption,
    ToOption,
    load_settings,
)
from rag.cli.printing import (
    detail,
    how,
    note,
    print_answer,
    print_error,
    print_hits,
    print_json,
    print_report,
    print_searched,
    progress_bar,
    spinner,
)

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.settings import Settings


def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Folders or files of articles; - reads standard input; none: those given before."
        ),
    ] = None,
    *,
    columns: Annotated[
        str | None,
        typer.Option(metavar="FIELD=COLUMN,...", help="Which columns of tables hold what: text=body,title=headline."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of what is read from standard input: news.csv.")
    ] = None,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Embed all articles anew, with another embedder for instance.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles even where a whole folder vanished or is empty.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep running, and index every change.")] = False,
    as_json: JSONOption = False,
) -> None:
    """Read the articles beneath each PATH into the index; only what changed is read again."""
    from rag import opening
    from rag.corpus import KNOWN, Limits
    from rag.errors import CorpusError
    from rag.index import check_roots, sync

    settings = load_settings(index_dir=index_dir, embedder=embedder)
    mapped = _columns(columns)
    roots = [path for path in paths or [] if str(path) != "-"]
    piped = _standard_input(name, settings.file_bytes) if len(roots) < len(paths or []) else {}
    if roots or not piped:
        check_roots(roots, settings.index_dir)
    model = opening.embedder(settings)

    def run(piped: dict[str, bytes], *, rebuild: bool = False) -> bool:
        """Sync and report; return False where everything was skipped."""
        with progress_bar("files") as progress:
            report = sync(
                roots,
                settings.index_dir,
                model,
                passage_tokens=settings.passage_tokens,
                max_file_bytes=settings.file_bytes,
                limits=Limits.of(settings),
                columns=mapped,
                piped=piped,
                rebuild=rebuild,
                prune=prune,
                progress=lambda done, total: progress("indexing", done, total),
            )
        if as_json:
            print_json({"index": str(settings.index_dir)} | asdict(report), line=watch)
        else:
            print_report(report, settings.index_dir, embedder=model.name)
        return bool(report.articles or not report.skipped)

    try:
        found = run(piped, rebuild=rebuild)
    except KeyboardInterrupt:
        goes_on = "" if piped or rebuild else "; what was done so far is kept, and the same command goes on"
        note(f"stopped{goes_on}")
        raise typer.Exit(INTERRUPTED) from None
    if not (found or watch):
        raise CorpusError(f"the index holds no articles; put some there ({KNOWN}), then: rag index PATH")
    if watch:
        _follow(lambda: run({}), settings.index_dir)


def _columns(text: str | None) -> dict[str, str] | None:
    """Read `--columns`; raises `UsageError`."""
    from rag.corpus import NAMES
    from rag.errors import UsageError

    if text is None:
        return None
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    columns = {field.strip(): column.strip() for field, _, column in pairs}
    for field, column in columns.items():
        if field not in NAMES or not column:
            raise UsageError(f"--columns {text!r}: {field!r} should be one of {', '.join(NAMES)}, as in text=body")
    return columns


def _standard_input(name: str | None, most: int) -> dict[str, bytes]:
    """Return what standard input holds, by the path it goes by: its name, else a hash of it; raises `CorpusError`."""
    import hashlib
    import sys

    from rag.corpus import PIPED
    from rag.errors import CorpusError

    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise CorpusError(f"standard input is longer than {most:,} bytes; allow more: RAG_FILE_BYTES=N rag index -")
    if not data.strip():
        raise CorpusError("nothing came on standard input; pipe an article: rag index - < FILE")
    return {f"{PIPED}{name or hashlib.sha256(data).hexdigest()[:12]}": data}


def _follow(run: Callable[[], object], folder: Path) -> None:
    """Sync whenever something changes beneath the roots of the index, until Ctrl-C."""
    from rag.errors import RagError
    from rag.index.watch import changes

    note("following changes; Ctrl-C ends")
    due = True  # something may have changed since the first sync
    for changed in changes(folder):
        if changed or due:
            try:
                run()
                due = False
            except RagError as error:  # another writer, a full disk: tried again soon
                print_error(str(error))
                due = True


def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to look for.")],
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 5,
    from_: FromOption = None,
    to: ToOption = None,
    source: SourceOption = None,
    article: ArticleOption = None,
    collection: CollectionOption = None,
    newest: Annotated[bool, typer.Option("--newest", help="The newest of those that fit first.")] = False,
    today: TodayOption = None,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Find the passages that most probably answer; no language model is used."""
    from rag.assistant import Assistant, check_question
    from rag.retrieval import filters
    from rag.types import found_to_json

    settings = load_settings(index_dir=index_dir, embedder=embedder, today=today)
    check_question(question, settings)
    check_articles(settings.index_dir)
    assistant = Assistant.load(settings, with_llm=False)
    within = filters(
        assistant.index.catalogue,
        today=settings.day,
        from_=from_,
        to=to,
        sources=source,
        articles=article,
        collection=collection,
    )
    query = assistant.query(question, within=within)
    query = replace(query, newest=query.newest or newest)
    hits = assistant.retriever.search(query, k=k)
    if as_json:
        print_json(found_to_json(query, hits))
    else:
        print_searched(query, question)
        print_hits(hits)
        if not hits:
            note("nothing was found within these limits")


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    *,
    from_: FromOption = None,
    to: ToOption = None,
    source: SourceOption = None,
    article: ArticleOption = None,
    collection: CollectionOption = None,
    today: TodayOption = None,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    extractive: ExtractiveOption = None,
    keep_unsupported: KeepOption = False,
    as_json: JSONOption = False,
) -> None:
    """Answer a question from the articles: each sentence checked, with a citation."""
    from rag.assistant import check_question
    from rag.retrieval import filters

    settings = load_settings(index_dir=index_dir, embedder=embedder, llm=llm, today=today, extractive=extractive)
    check_question(question, settings)
    check_articles(settings.index_dir)
    assistant = load_assistant(settings, insist=llm is not None, deferred=True)
    within = filters(
        assistant.index.catalogue,
        today=settings.day,
        from_=from_,
        to=to,
        sources=source,
        articles=article,
        collection=collection,
    )
    stopped = threading.Event()
    with interrupt_sets(stopped):
        if as_json:
            answer = assistant.ask(question, within=within, cancelled=stopped)
        else:
            events = assistant.stream(question, within=within, cancelled=stopped)
            answer = print_answer(events, question, keep_unsupported=keep_unsupported)
            detail(how(answer))
    if stopped.is_set():
        if as_json or not answer.refused:  # a refusal says so itself
            note("stopped" if as_json else "stopped; what was checked before is shown")
        raise typer.Exit(INTERRUPTED)
    if as_json:
        print_json(answer.to_json())


def check_articles(folder: Path) -> None:
    """Raise `CatalogueError` where an index has nothing to ask; that there is none is told later."""
    from rag.errors import CatalogueError
    from rag.index import Catalogue
    from rag.index.schema import FILE

    if (folder / FILE).is_file():
        with closing(Catalogue.open(folder)) as catalogue:
            if not catalogue.counts()["articles"]:
                raise CatalogueError(f"the index in {str(folder)!r} holds no articles; read some: rag index PATH")


def load_assistant(settings: "Settings", *, insist: bool, deferred: bool = False) -> "Assistant":
    """Open the assistant; without the language model, unless one is insisted on, it answers word for word."""
    from rag import models
    from rag.assistant import Assistant

    is_here = partial(models.is_here, models_dir=settings.models_dir)
    if not insist and not settings.extractive and is_here(settings.embedder) and not is_here(settings.llm):
        fetch = f"rag models fetch {settings.llm}"
        note(f"no language model is here: a sentence of the articles answers as it stands; fetch one: {fetch}")
        settings = settings.model_copy(update={"extractive": True})
    with spinner("loading the models"):
        return Assistant.load(settings, deferred=deferred)


def load_for_page(settings: "Settings") -> "Assistant":
    """Open the assistant; without an index it begins with an empty one, without a language model it quotes."""
    from rag import opening
    from rag.index import Catalogue
    from rag.index.schema import FILE
    from rag.index.settle import manifest_of

    if not (settings.index_dir / FILE).exists():
        made = manifest_of(opening.embedder(settings), settings.passage_tokens)
        Catalogue.create(settings.index_dir, made).close()
        note(f"no index in {str(settings.index_dir)!r}: began an empty one; add articles on the page")
    return load_assistant(settings, insist=False)
