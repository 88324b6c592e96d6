"""Bringing the catalogue in step with files: what is new, changed, unchanged and gone.

A file is recognised by size and time of change, then by SHA-256, without being read as articles again. What is embedded
is kept at once, so that no kill loses it; a file's articles change in one transaction.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.chunking import EMBED_TEXT_VERSION
from rag.corpus import KNOWN, FileReader, Limits, Result, Skipped, find_files, scan, special
from rag.errors import CatalogueError, CorpusError
from rag.index import derived
from rag.index.catalogue import Catalogue
from rag.index.lock import only_writer
from rag.index.schema import FILE, Manifest, forget_damaged
from rag.index.settle import Settler, chunks, manifest_of
from rag.languages import is_foreign
from rag.types import Article, Embedder

Progress = Callable[[float, int], None]
"""Called with files done, a part of one where it is long, and files in all."""

UPLOADS = "uploads"
"""The folder within an index that may be a root of it: articles that readers brought."""
_BATCH_CHARS = 500_000


@dataclass(slots=True)
class Report:
    """What a sync did to files and articles, what was skipped, and what the index holds now.

    `added` to `removed` count files; `new`, `corrected` and `withdrawn` articles; `left_out` are those that a person
    removed before. `foreign` are the languages of articles that the embedder does not know, with how many are in each.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    kept_missing: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    embedded: int = 0
    new: int = 0
    corrected: int = 0
    withdrawn: int = 0
    left_out: int = 0
    articles: int = 0
    passages: int = 0
    foreign: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its articles, and what it looked like."""

    path: str
    articles: list[Article]
    seen: tuple[int, int, str]


def sync(
    roots: Sequence[Path],
    folder: Path,
    embedder: Embedder,
    *,
    passage_tokens: int,
    max_file_bytes: int,
    limits: Limits | None = None,
    columns: Mapping[str, str] | None = None,
    piped: Mapping[str, bytes] | None = None,
    rebuild: bool = False,
    prune: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> Report:
    """Bring the index in `folder` in step with the files beneath `roots`; without roots, with those it knows.

    `columns` names the columns of tables beneath `roots` that hold an article's fields, and is remembered with them.
    `piped` are contents that lie in no file, by path: read besides, or, without roots, alone.

    A file that vanished beneath a root is removed; a root that itself vanished, or is empty, removes
    nothing unless `prune`. `rebuild` makes all passages and vectors anew from the stored texts. Raises
    `CorpusError` where there is nothing to index, `CatalogueError` where the index cannot be written or was made
    in another way.
    """
    if roots or not piped:
        check_roots(roots, folder)
    with only_writer(folder):
        roots = [root.expanduser().resolve() for root in roots] or ([] if piped else _known_roots(folder))
        catalogue = _open(folder, embedder, passage_tokens, rebuild=rebuild)
        try:
            with FileReader(limits) as reader:
                run = _Sync(catalogue, embedder, reader, folder=folder, max_bytes=max_file_bytes, prune=prune)
                if rebuild:
                    derived.clear(folder, keep=catalogue.revision)
                    run.rebuild(manifest_of(embedder, passage_tokens))
                report = run.run(roots, piped or {}, columns, progress)
            derived.update(folder, catalogue)
            catalogue.shrink_log()
        finally:
            catalogue.close()
    return report


class _Sync:
    def __init__(
        self,
        catalogue: Catalogue,
        embedder: Embedder,
        reader: FileReader,
        *,
        folder: Path,
        max_bytes: int,
        prune: bool,
    ) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._columns: dict[str, dict[str, str]] = {}
        self._folder = folder.resolve()
        self._paths = catalogue.paths()
        self._known = embedder.languages
        self._settler = Settler(catalogue, embedder)
        self._max_bytes = max_bytes
        self._prune = prune
        self._removed_by_hand = catalogue.removed_by_hand()
        self._changed = False
        self._report = Report()

    def run(
        self,
        roots: Sequence[Path],
        piped: Mapping[str, bytes],
        columns: Mapping[str, str] | None,
        progress: Progress,
    ) -> Report:
        known = self._catalogue.files()
        found: dict[str, Path] = {}
        for root in roots:
            files, odd = scan(root)
            found |= {str(path): path for path in files if not self._is_own(path)}
            self._report.skipped += [skipped for skipped in odd if not self._is_own(Path(skipped.path))]
        before = self._catalogue.columns()
        with self._catalogue.transaction():
            for root in roots:
                self._catalogue.add_root(str(root), columns)
        self._columns = self._catalogue.columns()
        anew = [root for root in self._columns if self._columns[root] != before.get(root, {})]
        sure = {path: seen for path, seen in known.items() if not any(Path(path).is_relative_to(r) for r in anew)}
        batch: list[_Read] = []
        for done, path in enumerate(found.values()):
            progress(done, len(found))
            if read := self._read(path, sure.get(str(path))):
                batch.append(read)
            if sum(len(a.text) for r in batch for a in r.articles) >= _BATCH_CHARS:
                self._write(batch, progress, done + 1, len(found))
                batch = []
        for name, data in piped.items():
            if read := self._read_piped(name, data, None if columns else known.get(name), columns):
                batch.append(read)
        self._write(batch, progress, len(found), len(found))
        self._remove(roots, (known.keys() | self._paths) - found.keys())
        if self._changed:
            with self._catalogue.transaction():
                self._catalogue.drop_unused_vectors()  # once: it reads all passages
        progress(len(found), len(found))
        counts = self._catalogue.counts()
        self._report.embedded = self._settler.embedded
        languages = self._catalogue.languages()
        self._report.foreign = {i: n for i, n in languages.items() if i and is_foreign(i, self._known)}
        self._report.articles, self._report.passages = counts["articles"], counts["passages"]
        return self._report

    def rebuild(self, manifest: Manifest) -> None:
        """Embed all articles anew, then put passages made in the way of `manifest` in place of the old, all at once."""
        same = manifest.embedder_digest == self._catalogue.manifest.embedder_digest
        ids = self._catalogue.article_ids()
        for some in chunks(ids):
            self._settler.prepare([self._catalogue.article(i) for i in some], manifest=manifest, anew=same)
        with self._catalogue.transaction():
            self._catalogue.start_over(manifest)
            self._settler.settle(ids)
            self._catalogue.drop_unused_vectors()
            (self._folder / derived.MANIFEST).unlink(missing_ok=True)  # made anew, whatever is there
            derived.update(self._folder, self._catalogue)  # before the swap is seen: searches go on with the old

    def _read(self, path: Path, known: tuple[int, int, str] | None) -> _Read | None:
        """Read a file that is new or has changed; None where there is nothing to do."""
        try:
            str(path).encode()
            stat = path.stat()
            if what := special(stat.st_mode):
                self._report.skipped.append(Skipped(str(path), what))
                return None
            too_large = stat.st_size > self._max_bytes
            if known and known[:2] == (stat.st_size, stat.st_mtime_ns) and (known[2] or too_large):
                self._report.unchanged += 1
                return None
            if not too_large:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                digest = ""
        except UnicodeEncodeError:
            self._report.skipped.append(Skipped(str(path), "its name is not UTF-8; rename it"))
            return None
        except OSError as error:
            self._report.skipped.append(Skipped(str(path), f"cannot be read: {error.strerror}"))
            return None
        seen = (stat.st_size, stat.st_mtime_ns, digest)
        if known and digest and known[2] == digest:
            self._report.unchanged += 1
            with self._catalogue.transaction():
                self._catalogue.put_file(str(path), *seen)
            return None
        results = self._reader.read_file(path, max_bytes=self._max_bytes, columns=self._columns_of(path))
        return self._taken(str(path), list(results), seen, known)

    def _read_piped(
        self, path: str, data: bytes, known: tuple[int, int, str] | None, columns: Mapping[str, str] | None
    ) -> _Read | None:
        """Read what lies in no file: beneath no root, it stays until it is removed, or another of its path comes."""
        seen = (len(data), 0, hashlib.sha256(data).hexdigest())
        if known == seen:
            self._report.unchanged += 1
            return None
        return self._taken(path, list(self._reader.read(path, data, columns=columns)), seen, known)

    def _taken(
        self, path: str, results: Sequence[Result], seen: tuple[int, int, str], known: tuple[int, int, str] | None
    ) -> _Read | None:
        """Count what reading gave; None where that is nothing, of a file that gave nothing before."""
        read = [result for result in results if isinstance(result, Article)]
        articles = [article for article in read if article.id not in self._removed_by_hand]
        self._report.left_out += len(read) - len(articles)
        self._report.skipped += [result for result in results if isinstance(result, Skipped)]
        if known or path in self._paths:
            self._report.changed += 1
        elif articles:
            self._report.added += 1
        else:
            return None
        return _Read(path, articles, seen)

    def _columns_of(self, path: Path) -> dict[str, str]:
        """Return the columns that hold what, as said for the nearest root that the file lies beneath."""
        roots = [root for root in self._columns if self._columns[root] and path.is_relative_to(root)]
        return self._columns[max(roots, key=len)] if roots else {}

    def _is_own(self, path: Path) -> bool:
        """Return whether a path is the index's, which may lie beneath its own root; what was uploaded is not."""
        return path.is_relative_to(self._folder) and not path.is_relative_to(self._folder / UPLOADS)

    def _write(self, batch: Sequence[_Read], progress: Progress, upto: int, total: int) -> None:
        if not batch:
            return
        self._settler.prepare(
            [article for read in batch for article in read.articles],
            progress=lambda share: progress(upto - len(batch) * (1 - share), total),
        )
        with self._catalogue.transaction():
            touched: set[str] = set()
            corrected: dict[str, str] = {}
            for read in batch:
                change = self._catalogue.replace_origins(read.path, read.articles)
                self._catalogue.put_file(read.path, *read.seen)
                touched |= change.touched
                corrected |= change.corrected
            self._finish(touched, corrected)

    def _remove(self, roots: Sequence[Path], missing: set[str]) -> None:
        gone: set[str] = set()
        kept: set[str] = set()
        for root in roots:
            beneath = {path for path in missing if Path(path).is_relative_to(root)}
            if beneath and not self._prune and not (root.exists() and find_files(root)):
                self._report.kept_missing.append(str(root))
                kept |= beneath
            else:
                gone |= beneath
        gone -= kept  # roots may lie within each other
        if gone:
            with self._catalogue.transaction():
                touched: set[str] = set()
                for path in sorted(gone):
                    touched |= self._catalogue.replace_origins(path, []).touched
                    self._catalogue.forget_file(path)
                self._finish(touched, {})
        self._report.removed = len(gone)

    def _finish(self, touched: set[str], corrected: dict[str, str]) -> None:
        """Give every touched article its passages, and drop those without an origin and what only they used."""
        gone = self._catalogue.drop_orphans(touched, corrected)
        here = touched - gone
        replaced = {new for old, new in corrected.items() if old in gone and not self._catalogue.passage_hashes(new)}
        self._report.corrected += len(replaced)
        self._report.withdrawn += len(gone) - len(replaced)
        self._report.new += self._settler.settle(sorted(here)) - len(replaced)
        self._catalogue.forget_withdrawals(here)
        if gone:
            forget_damaged(self._folder)
        self._changed = True


def _known_roots(folder: Path) -> list[Path]:
    catalogue = Catalogue.open(folder)
    try:
        return [Path(root) for root in catalogue.roots()]
    finally:
        catalogue.close()


def check_roots(roots: Sequence[Path], folder: Path) -> None:
    """Raise `CorpusError` where there is nothing to index: before a model is loaded for it."""
    known = _known_roots(folder) if (folder / FILE).is_file() else []
    if not roots and not known:
        raise CorpusError(f"nothing to index: name a folder or file of articles: rag index PATH --index {folder}")
    for root in roots:
        try:
            str(root).encode()
        except UnicodeEncodeError as error:
            raise CorpusError(f"the name of {str(root)!r} is not UTF-8; rename it, then: rag index PATH") from error
        if root.expanduser().resolve() in known:
            continue  # `sync` decides what a folder that vanished means
        if not root.expanduser().exists():
            raise CorpusError(f"no such file or folder: {str(root)!r}; name one: rag index PATH")
        if not find_files(root.expanduser()):
            raise CorpusError(f"no files in {str(root)!r}; put articles there ({KNOWN}), then: rag index PATH")


def _open(folder: Path, embedder: Embedder, passage_tokens: int, *, rebuild: bool) -> Catalogue:
    """Open the catalogue for writing, or make it; raises `CatalogueError` where it was made in another way."""
    if not (folder / FILE).is_file():
        return Catalogue.create(folder, manifest_of(embedder, passage_tokens))
    catalogue = Catalogue.open(folder, writable=True)
    made = catalogue.manifest
    differences = {
        "embedder": (made.embedder, embedder.name, made.embedder_digest != embedder.digest),
        "passage_tokens": (made.passage_tokens, passage_tokens, made.passage_tokens != passage_tokens),
        "embed_text_version": (
            made.embed_text_version,
            EMBED_TEXT_VERSION,
            made.embed_text_version != EMBED_TEXT_VERSION,
        ),
    }
    for name, (was, now, differs) in differences.items():
        if differs and not rebuild:
            catalogue.close()
            raise CatalogueError(
                f"the index in {str(folder)!r} was made with {name} {was!r}, now it is {now!r}; "
                f"build it anew: rag index --rebuild --index {folder}"
            )
    return catalogue
