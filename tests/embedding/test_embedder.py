"""The embedder's folder, as far as it can be judged without weights."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rag.embedding import SentenceTransformerEmbedder
from rag.errors import ModelError
from tests.conftest import Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two files that are looked for, and no weights in them."""
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    return tmp_path


@pytest.mark.parametrize("needed", ["modules.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused_by_that_name(folder: Path, needed: str) -> None:
    (folder / needed).unlink()
    with pytest.raises(ModelError, match=f"{needed} is missing") as raised:
        SentenceTransformerEmbedder.open(folder, name="x")
    assert str(folder) in str(raised.value)


def test_pickled_weights_are_no_substitute(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        SentenceTransformerEmbedder.open(folder, name="x")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rag models list"):
        SentenceTransformerEmbedder.open(tmp_path / "none", name="x")


def test_the_digest_is_that_of_the_weights_and_opening_does_not_load_them(folder: Path) -> None:
    embedder = SentenceTransformerEmbedder.open(folder, name="x")
    assert embedder.digest == hashlib.sha256(b"no weights").hexdigest()
    assert embedder.name == "x"


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\n---\n# A model", {"en"}),
        ("---\nlanguage:\n- en\n- de\n---\n", {"en", "de"}),
        ("---\nlanguage:\n- multilingual\n- en\n---\n", None),
        ("---\nlanguage: [1, 2]\n---\n", None),
        ("---\nlanguage: !!python/object/apply:os.system ['false']\n---\n", None),
        ("---\nlicence: mit\n---\n", None),
        ("---\n[broken\n---\n", None),
        ("# No card", None),
        (None, None),
    ],
)
def test_the_languages_are_those_of_the_model_card(folder: Path, card: str | None, languages: set[str] | None) -> None:
    known = None if languages is None else frozenset(languages)
    if card is not None:
        (folder / "README.md").write_text(card)
    assert SentenceTransformerEmbedder.open(folder, name="x").languages == known


def test_languages_that_are_known_need_no_card(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlanguage: de\n---\n")
    embedder = SentenceTransformerEmbedder.open(folder, name="x", languages=frozenset({"en"}))
    assert embedder.languages == frozenset({"en"})


@pytest.mark.model
def test_a_multilingual_folder_is_used_by_its_path_end_to_end(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny model with weights made by chance: what counts is that its card is believed and its vectors are kept."""
    monkeypatch.setenv("RAG_MODELS_DIR", str(tmp_path / "none"))
    model = make_model(tmp_path / "tiny")
    (model / "README.md").write_text("---\nlanguage: [en, de]\n---\n")
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Die Waffenruhe endete am Montag um Mitternacht in der Stadt.")
    (tmp_path / "news" / "b.txt").write_text("Le cessez-le-feu a pris fin lundi à minuit dans la ville.")
    outcome = run("index", tmp_path / "news", "--embedder", model)
    assert (outcome.code, "2 newly embedded" in outcome.out) == (0, True)
    assert f"1 of 2 articles is in French, which {model} does not know" in outcome.err
    found = run("search", "Wann endete die Waffenruhe?", "--embedder", model)
    assert found.out.startswith("1. Die Waffenruhe")
    assert "does not know" not in found.err


def make_model(folder: Path) -> Path:
    """Make a sentence-transformers folder of a BERT with 16 dimensions and the letters as its words."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    letters = [chr(c) for c in range(33, 256)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    plain = folder.with_name("plain")
    plain.mkdir()
    (plain / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    sizes: dict[str, Any] = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(words), num_hidden_layers=1, **sizes)).save_pretrained(plain)
    tokenizer: Any = AutoTokenizer  # reads vocab.txt
    tokenizer.from_pretrained(plain).save_pretrained(plain)
    body = Transformer(str(plain), max_seq_length=128)
    SentenceTransformer(modules=[body, Pooling(16)], device="cpu").save(str(folder))
    return folder
