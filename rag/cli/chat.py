"""`rag chat`: questions one after the other, each answered from the articles and the conversation so far.

A line that begins with "/" is a command. In a terminal Ctrl-C stops the answer that runs, Ctrl-D leaves; what is piped
in is answered line by line.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.articles import check_articles, load_assistant
from rag.cli.common import INTERRUPTED, interrupt_sets
from rag.cli.lines import Lines, typed_unseen
from rag.cli.opened import print_opened, print_sources, sources_of
from rag.cli.options import (
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
from rag.cli.printing import detail, how, note, open_console, print_answer, print_error, print_json, say
from rag.errors import RagError, UsageError
from rag.wording import count

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.types import Answer, Filters

HELP = {
    "/sources": "what the last answer rests on, and what else was found",
    "/open N": "the article of source N, around the cited sentence",
    "/from DATE": "only articles of this day or later; without DATE: of any",
    "/to DATE": "only articles of this day or earlier; without DATE: of any",
    "/source NAME": "only articles from this source too; without NAME: from any",
    "/in NAME": "only articles of this collection; without NAME: of all",
    "/new": "begin anew: what was asked before is forgotten, limits stay",
    "/help": "this list",
    "/quit": "leave, as Ctrl-D does",
}


def chat(
    *,
    from_: FromOption = None,
    to: ToOption = None,
    source: SourceOption = None,
    collection: CollectionOption = None,
    today: TodayOption = None,
    index_dir: IndexOption = None,
    llm: LLMOption = None,
    embedder: EmbedderOption = None,
    extractive: ExtractiveOption = None,
    keep_unsupported: KeepOption = False,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Keep the questions for the next time, on this machine.")
    ] = True,
    as_json: JSONOption = False,
) -> None:
    """Ask several questions in a row; /help lists the commands (--json: an answer a line)."""
    settings = load_settings(index_dir=index_dir, embedder=embedder, llm=llm, today=today, extractive=extractive)
    check_articles(settings.index_dir)
    assistant = load_assistant(settings, insist=llm is not None)
    conversation = Conversation(assistant, keep_unsupported=keep_unsupported, as_json=as_json)
    conversation.limit(from_=from_, to=to, sources=source or [], collection=collection)
    lines = Lines(conversation.completions, keep=history)
    if lines.at_a_terminal:
        counts = assistant.index.catalogue.counts()
        note(
            f"{count(counts['articles'], 'article')} · {assistant.models['llm'] or 'no language model'} · /help, /quit"
        )
        threading.Thread(target=_warm_up, args=[assistant], daemon=True).start()
    for line in lines:
        if not conversation.take(line, echo=not lines.at_a_terminal):
            break
    if conversation.failed and not lines.at_a_terminal:
        raise typer.Exit(1)


def _warm_up(assistant: "Assistant") -> None:
    with suppress(RagError):  # the first question will tell
        assistant.warm_up()


@dataclass
class Conversation:
    """What was asked and answered, and what the next question is limited to."""

    assistant: "Assistant"
    keep_unsupported: bool = False
    as_json: bool = False
    answers: "list[Answer]" = field(default_factory=list)
    failed: bool = False
    _limits: dict[str, Any] = field(default_factory=dict)
    _within: "Filters | None" = None

    def limit(self, **limits: Any) -> None:
        """Limit what is searched; raises `UsageError`, and leaves the limits as they were."""
        from rag.retrieval import filters

        wanted = self._limits | limits
        settings = self.assistant.settings
        self._within = filters(self.assistant.index.catalogue, today=settings.day, **wanted)
        self._limits = wanted

    def take(self, line: str, *, echo: bool) -> bool:
        """Answer a line or obey it; return False where it ends the conversation. Errors are said, and it goes on."""
        if line == "/quit":
            return False
        try:
            if line.startswith("/"):
                self._obey(*line.partition(" ")[::2])
            elif line:
                self._ask(line, echo=echo)
        except RagError as error:
            self.failed = True
            if self.as_json:
                print_json({"question": line, "error": str(error)}, line=True)
            print_error(str(error))
        return True

    def completions(self, line: str) -> list[str]:
        """Return what a line may go on as: commands, and names after /source and /in."""
        catalogue = self.assistant.index.catalogue
        named: dict[str, Callable[[], Any]] = {"/source": catalogue.sources, "/in": catalogue.collections}
        command, space, begun = line.partition(" ")
        if not space:
            return [name for usage in HELP if (name := usage.split()[0]).startswith(line)]
        names = named[command]() if command in named else ()
        return [f"{command} {name}" for name in names if name and name.casefold().startswith(begun.casefold())]

    def _ask(self, question: str, *, echo: bool) -> None:
        from rag.types import ALL

        console = open_console()
        cancelled = threading.Event()
        with typed_unseen(), interrupt_sets(cancelled):
            if self.as_json:
                answer = self.assistant.ask(
                    question, history=self.answers, within=self._within or ALL, cancelled=cancelled
                )
                print_json(answer.to_json(), line=True)
            else:
                events = self.assistant.stream(
                    question, history=self.answers, within=self._within or ALL, cancelled=cancelled
                )
                if echo:
                    say(console, f"› {question}", "bold")
                console.print()
                answer = print_answer(events, question, keep_unsupported=self.keep_unsupported)
                if cancelled.is_set() and not answer.refused:
                    note("stopped; what was checked before is shown")
                detail(how(answer))
                console.print()
        if cancelled.is_set() and not sys.stdin.isatty():  # no person is there who would ask on
            raise typer.Exit(INTERRUPTED)
        self.answers.append(answer)

    def _obey(self, command: str, value: str) -> None:
        value = value.strip()
        if command == "/help":
            for usage, about in HELP.items():
                say(open_console(), f"{usage:14} {about}")
            open_console().print()
        elif command == "/new":
            self.answers.clear()
            note(f"a new conversation{self._limits_said()}")
        elif command == "/sources":
            print_sources(self._last())
        elif command == "/open":
            print_opened(self._source(value))
        elif command in {"/from", "/to", "/source", "/in"}:
            self._limit_by(command, value)
        else:
            from rag.settings import near

            known = [usage.split()[0] for usage in HELP]
            raise UsageError(f"there is no {command!r}{near(command, known, whole=True, otherwise='; see /help')}")

    def _limit_by(self, command: str, value: str) -> None:
        if command == "/source":
            self.limit(sources=[*self._limits.get("sources", []), value] if value else [])
        else:
            name = {"/from": "from_", "/to": "to", "/in": "collection"}[command]
            self.limit(**{name: value or None})
        note(f"searching all articles{self._limits_said()}" if not self._within else self._limits_said()[2:])

    def _limits_said(self) -> str:
        from rag.retrieval import describe
        from rag.types import Query

        if not self._within:
            return ""
        undated = self.assistant.index.catalogue.undated(self._within)
        dated = self._within.from_ or self._within.to
        query = Query("", filters=self._within, undated=undated if dated else None)
        return f", {' · '.join(describe(query))}"

    def _last(self) -> "Answer":
        if not self.answers:
            raise UsageError("nothing has been answered yet; ask a question")
        return self.answers[-1]

    def _source(self, number: str) -> Any:
        found = sources_of(self._last())
        if not (number.isdecimal() and 0 < int(number) <= len(found)):
            there = f"1 to {len(found)}" if found else "none"
            raise UsageError(f"no source {number!r}; there are: {there}; see /sources")
        return found[int(number) - 1]
