"""What an index holds and how it is kept: `rag list`, `show`, `stats`, `remove`, `doctor`, `backup`, `restore`."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli import complete
from rag.cli.options import (
    CollectionOption,
    EmbedderOption,
    FromOption,
    IndexOption,
    JSONOption,
    SourceOption,
    TodayOption,
    ToOption,
    load_settings,
)
from rag.cli.printing import note, open_console, print_json, print_table, safe, say, spinner
from rag.wording import count

if TYPE_CHECKING:
    from rag.index import Catalogue
    from rag.retrieval.versions import Kin
    from rag.types import Article, Origin

_MANY = 1000
"""From here on it is faster to look through all articles at once: 1.7 s for 20,000, looking up each 14 s."""
_BARS = "▁▂▃▄▅▆▇█"


def list_articles(
    *,
    n: Annotated[int, typer.Option("-n", min=1, help="How many, the newest first.")] = 50,
    from_: FromOption = None,
    to: ToOption = None,
    source: SourceOption = None,
    collection: CollectionOption = None,
    today: TodayOption = None,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
) -> None:
    """List the articles of the index, the newest first."""
    from rich.table import Table
    from rich.text import Text

    from rag.retrieval import filters

    settings = load_settings(today=today, index_dir=index_dir)
    with closing(_open(settings.index_dir)) as catalogue:
        within = filters(catalogue, today=settings.day, from_=from_, to=to, sources=source, collection=collection)
        total = catalogue.passing(within)
        rows = list(catalogue.origins(filters=within, limit=n))
        told = _kin(catalogue, [i for i, _ in rows])
        languages = catalogue.languages_of(i for i, _ in rows)
    if as_json:
        found = [_listed(i, origin, languages.get(i)) | _kin_to_json(told.get(i)) for i, origin in rows]
        print_json({"articles": found, "total": total})
        return
    table = Table("id", "published", "title", "source", "also", box=None, pad_edge=False)
    for article_id, origin in rows:
        also = ", ".join(_described(told.get(article_id)))
        cells = (article_id[:8], origin.day or "", origin.title, origin.source or "", also)
        table.add_row(*(Text(_plain(cell)) for cell in cells))
    print_table(table)
    if len(rows) == n < total:
        say(open_console(), f"\nthe newest {n:,}, of {total:,} in all; more: rag list -n {total}", "dim")


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="An id, its beginning, a record's id or a path.", autocompletion=complete.articles
        ),
    ],
    *,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
) -> None:
    """Show an article with where it came from."""
    from dataclasses import asdict

    from rag.index.remove import the_one

    with closing(_open(load_settings(index_dir=index_dir).index_dir)) as catalogue:
        article = catalogue.article(the_one(catalogue, name))
        told = _kin(catalogue, [article.id]).get(article.id)
        language = catalogue.languages_of([article.id]).get(article.id)
    if as_json:
        origins = [asdict(o) for o in article.origins]
        found = {"article_id": article.id, "text": article.text, "language": language, "origins": origins}
        print_json(found | _kin_to_json(told))
        return
    console = open_console()
    say(console, article.origin.title, "bold")
    for origin in article.origins:
        record = f", record {origin.record}" if origin.record else ""
        about = [origin.published, origin.author, origin.source, origin.url, f"{origin.path}{record}"]
        say(console, " · ".join(filter(None, about)), "dim")
    say(console, " · ".join(filter(None, [f"id {article.id}", language and f"language {language}"])), "dim")
    for which, other in _named(told) if told else []:
        about = [other.origin.title, other.origin.day, f"rag show {other.id[:8]}"]
        say(console, f"{which}: {' · '.join(filter(None, about))}", "dim")
    console.print()
    say(console, article.text)


def stats(*, index_dir: IndexOption = None, as_json: JSONOption = False) -> None:
    """Show how many articles there are, of which days and sources."""
    from rag.index import stories

    settings = load_settings(index_dir=index_dir)
    with closing(_open(settings.index_dir)) as catalogue:
        counts, months, sources = catalogue.counts(), catalogue.months(), catalogue.sources()
        copied, languages = len(stories.members(catalogue)), catalogue.languages()
        embedder, revision = catalogue.manifest.embedder, catalogue.revision
    size = sum(path.stat().st_size for path in settings.index_dir.rglob("*") if path.is_file())
    if as_json:
        made = {"bytes": size, "embedder": embedder, "revision": revision, "copies_or_versions": copied}
        by = {"months": months, "sources": sources, "languages": {i or "": n for i, n in languages.items()}}
        print_json({**counts, **made, **by})
        return
    console = open_console()
    say(
        console,
        f"{count(counts['articles'], 'article')}, {count(counts['passages'], 'passage')}, {size / 1e6:,.1f} MB",
        "bold",
    )
    say(console, f"embedder {embedder}; revision of the index {revision}", "dim")
    if copied:
        say(console, f"{copied:,} are copies or versions of another", "dim")
    if len(languages) > 1:
        shown = ", ".join(f"{n:,} {language or 'not told'}" for language, n in languages.items())
        say(console, f"languages: {shown}", "dim")
    undated = months.pop("", 0)
    if months:
        console.print()
        say(console, _timeline(months, console.width))
    if undated:
        say(console, f"{undated:,} without a date", "dim")
    if named := {source: n for source, n in sources.items() if source}:
        console.print()
        for source, n in list(named.items())[:10]:
            say(console, f"{n:>8,}  {source}")


def collect(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Of the collection; none: list all.", autocompletion=complete.collections
        ),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARTICLE]...",
            help="Ids, their beginnings, records' ids or paths.",
            autocompletion=complete.articles,
        ),
    ] = None,
    *,
    out: Annotated[bool, typer.Option("--out", help="Take them out of it; without ARTICLE, all of them.")] = False,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
) -> None:
    """Put articles together under a name; ask within it: rag ask --in NAME."""
    from rag.index.collect import collect as put
    from rag.types import Filters

    folder = load_settings(index_dir=index_dir).index_dir
    if name and (names or out):
        put(name, names or [], folder, out=out)
    with closing(_open(folder)) as catalogue:
        if name and not out and not names:
            rows = list(catalogue.origins(filters=Filters(articles=tuple(catalogue.collection(name)))))
            if as_json:
                languages = catalogue.languages_of(i for i, _ in rows)
                found = [_listed(i, origin, languages.get(i)) for i, origin in rows]
                print_json({"collection": name, "articles": found})
                return
            for article_id, origin in rows:
                typer.echo(f"{article_id[:8]}  {origin.day or '':10}  {_plain(origin.title)}")
            return
        if as_json:
            print_json({"collections": catalogue.collections()})
            return
        for known, n in catalogue.collections().items():
            typer.echo(safe(f"{n:>6,}  {known}"))


def remove(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", help="Ids, their beginnings, records' ids or paths.", autocompletion=complete.articles
        ),
    ],
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Bring removed articles back, by id, at the next sync.")] = False,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
) -> None:
    """Take articles out of the index for good; their files may stay."""
    from rag.index.remove import bring_back
    from rag.index.remove import remove as take_out

    folder = load_settings(index_dir=index_dir).index_dir
    if undo:
        bring_back(names, folder)
        if as_json:
            print_json({"brought_back": names})
        else:
            typer.echo(safe(f"read again at the next sync: rag index --index {folder}"))
        return
    removed = take_out(names, folder)
    if as_json:
        print_json({"removed": [{"article_id": article.id, "title": article.origin.title} for article in removed]})
        return
    for article in removed:
        typer.echo(_plain(f"removed {article.id} {article.origin.title}"))


def doctor(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend all that can be mended.")] = False,
    index_dir: IndexOption = None,
    embedder: EmbedderOption = None,
    as_json: JSONOption = False,
) -> None:
    """Read the whole index and say what is wrong with it."""
    from rag import opening
    from rag.index import doctor as module

    settings = load_settings(index_dir=index_dir, embedder=embedder)
    with spinner("reading the index"):
        findings = module.examine(settings.index_dir)
    done = module.Repair(())
    if repair and findings:
        with spinner("mending"):
            tokens = settings.passage_tokens
            done = module.repair(settings.index_dir, opening.embedder(settings), passage_tokens=tokens)
    if as_json:
        print_json({"findings": [f.what for f in findings], "repaired": repair, "lost": list(done.lost)})
    else:
        for finding in findings:
            typer.echo(_plain(f"{'mended' if repair else 'wrong'}: {finding.what}"))
        for title in done.lost:
            typer.echo(_plain(f"lost: {title}"))
        if not findings:
            typer.echo("the index is sound")
        elif not repair:
            note(f"mend it: rag doctor --repair --index {settings.index_dir}")
        elif done.index_again:
            note(f"read the files again: rag index --index {settings.index_dir}")
    if findings and not repair:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    *,
    index_dir: IndexOption = None,
    as_json: JSONOption = False,
) -> None:
    """Write the index to one file, also while it is in use."""
    from rag.index.backup import backup as write

    write(load_settings(index_dir=index_dir).index_dir, file)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        typer.echo(safe(f"{file}: {size / 1e6:,.1f} MB; bring it back: rag restore {file} --index DIR"))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `rag backup` wrote.")],
    *,
    index_dir: IndexOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an index that is there.")] = False,
    as_json: JSONOption = False,
) -> None:
    """Restore an index from a backup."""
    from rag.index.backup import restore as read

    folder = load_settings(index_dir=index_dir).index_dir
    read(file, folder, force=force)
    with closing(_open(folder)) as catalogue:
        counts = catalogue.counts()
    if as_json:
        print_json({"index": str(folder)} | counts)
    else:
        typer.echo(safe(f"index {folder}: {count(counts['articles'], 'article')}"))


def _listed(article_id: str, origin: "Origin", language: str | None) -> dict[str, Any]:
    keys = ("title", "published", "source", "path", "record", "source_id", "url", "author")
    found = {"article_id": article_id} | {key: getattr(origin, key) for key in keys}
    return found | {"language": language or origin.language}


def _open(folder: Path) -> "Catalogue":
    from rag.index import Catalogue

    return Catalogue.open(folder)


def _kin(catalogue: "Catalogue", article_ids: list[str]) -> "dict[str, Kin]":
    """Return the copies and versions of some articles, by id; texts of articles without any are not read."""
    from rag.index import stories
    from rag.index.catalogue import article_number
    from rag.retrieval.versions import kin

    if len(article_ids) > _MANY:
        told = stories.members(catalogue)
        article_ids = [i for i in article_ids if article_number(i) in told]
    return kin(article_ids, catalogue)


def _kin_to_json(told: "Kin | None") -> dict[str, Any]:
    from rag.types import version_to_json

    return {
        "copies": [a.id for a in told.copies] if told else [],
        "versions": [a.id for a in told.versions] if told else [],
        "later_version": version_to_json(told.later if told else None),
    }


def _named(told: "Kin") -> "Iterator[tuple[str, Article]]":
    yield from (("copy", other) for other in told.copies)
    for other in told.versions:
        yield "a later version of this story" if other == told.later else "another version of this story", other


def _described(told: "Kin | None") -> list[str]:
    if not told:
        return []
    counted = [(len(told.copies), "copy", "copies"), (len(told.versions), "version", "versions")]
    parts = [f"{n:,} {many if n > 1 else one}" for n, one, many in counted if n]
    return [*parts, *(["a later one"] if told.later else [])]


def _timeline(months: dict[str, int], width: int) -> str:
    """Return how many articles there are over time: a bar a month; where that is too wide, a quarter, or a year."""
    from rag.dates import every_month

    counts = [months.get(month, 0) for month in every_month(min(months), max(months))]
    for size, unit in ((1, "month"), (3, "quarter"), (12, "year")):
        parts = [sum(counts[i : i + size]) for i in range(0, len(counts), size)]
        most = max(parts)
        bars = "".join(_BARS[(len(_BARS) - 1) * n // most] for n in parts)
        line = f"{min(months)} {bars} {max(months)}   at most {most:,} a {unit}"
        if len(line) < width:
            break
    return line


def _plain(text: str) -> str:
    return safe(" ".join(text.split()))
