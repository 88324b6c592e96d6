"""Documents and quotes that questions name, found in an index."""

import json
from pathlib import Path

import pytest

from rag.corpus import article_id
from rag.evaluation.gold import Gold, locate, resolve
from rag.evaluation.questions import Question, Source
from rag.index import Catalogue, sync
from rag.testing import ToyEmbedder

ONE, TWO = "The bridge fell in May.", "Dutch engineers\n repaired it."


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "news" / "2023"
    folder.mkdir(parents=True)
    (folder / "one.txt").write_text(ONE)
    records = [{"id": "r2", "text": TWO}, {"id": "r1", "text": ONE}]
    (folder / "many.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    sync([tmp_path / "news"], tmp_path / "index", ToyEmbedder("a"), passage_tokens=32, max_file_bytes=10_000)
    return Catalogue.open(tmp_path / "index")


def asked(*sources: Source) -> list[Question]:
    return [Question(id="q", question="Q?", evidence=sources)]


@pytest.mark.parametrize("doc_id", ["one.txt", "2023/one.txt", "r1", article_id(ONE)])
def test_a_document_is_named_by_id_path_or_record(catalogue: Catalogue, doc_id: str) -> None:
    assert resolve(asked(Source(doc_id=doc_id)), catalogue).gold == {"q": (Gold(article_id(ONE)),)}


def test_the_whole_path_names_it_too(catalogue: Catalogue, tmp_path: Path) -> None:
    path = str((tmp_path / "news" / "2023" / "one.txt").resolve())
    assert resolve(asked(Source(doc_id=path)), catalogue).gold["q"] == (Gold(article_id(ONE)),)


def test_part_of_a_name_is_no_name(catalogue: Catalogue) -> None:
    assert resolve(asked(Source(doc_id="ne.txt")), catalogue).missing_documents == ("ne.txt",)


def test_quotes_become_spans_of_the_stored_text(catalogue: Catalogue) -> None:
    resolved = resolve(asked(Source(doc_id="r2", quote="Dutch  engineers repaired", grade=2)), catalogue)
    gold = resolved.gold["q"][0]
    assert gold == Gold(article_id(TWO), 2, 0, len("Dutch engineers\n repaired"))
    assert resolved.missing_quotes == 0


def test_what_is_missing_is_counted_and_the_rest_kept(catalogue: Catalogue) -> None:
    resolved = resolve(asked(Source(doc_id="gone"), Source(doc_id="r2", quote="never said")), catalogue)
    assert resolved.gold["q"] == (Gold(article_id(TWO)),)
    assert (resolved.missing_documents, resolved.missing_quotes) == (("gone",), 1)


@pytest.mark.parametrize(
    ("quote", "span"),
    [("a  b", (2, 6)), ("(x)", (7, 10)), ("A B", None), ("", None), (" \n", None), ("b (", (5, 8))],
)
def test_locate(quote: str, span: tuple[int, int] | None) -> None:
    assert locate(quote, "z a\n\tb (x)"[:3] + "\n\t" + "b (x)") == span


def test_spans_that_touch_do_not_overlap() -> None:
    gold = Gold("a", start=10, end=20)
    assert gold.overlaps("a", 19, 30)
    assert gold.overlaps("a", 0, 99)
    assert not gold.overlaps("a", 20, 30)
    assert not gold.overlaps("a", 0, 10)
    assert not gold.overlaps("b", 10, 20)
    assert not Gold("a").overlaps("a", 0, 99)
