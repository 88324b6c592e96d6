"""A model compiled once: it agrees with the reference, is kept, and made anew where what is kept is not right."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import Settings, models, opening
from rag.embedding import compiled
from rag.embedding.compiled import Compiled
from rag.embedding.embedder import SentenceTransformerEmbedder
from rag.embedding.reference import Reference
from rag.types import Span
from tests.conftest import offline_environment
from tests.tiny import save

MOST_TOKENS = 8


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder whose tokenizer file cuts off earlier than the model does."""
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    folder = tmp_path_factory.mktemp("tiny")
    whole = SentenceTransformer(str(save(folder / "bert", "BertModel")), device="cpu")
    whole.max_seq_length = MOST_TOKENS
    whole.save(str(folder / "model"))
    file = folder / "model" / "tokenizer.json"
    cutting: Any = Tokenizer.from_file(str(file))
    cutting.enable_truncation(4)
    cutting.save(str(file))
    return folder / "model"


TEXTS = ["rain fell .", "goggles ?", "", "goggles rain fell ? . " * 9]


@pytest.mark.model
def test_it_agrees_with_the_reference_and_is_kept(tiny: Path, tmp_path: Path) -> None:
    made = Compiled.of(tiny, tmp_path / "kept")
    assert made
    reference = Reference(tiny)
    assert (made.dimension, made.max_tokens) == (reference.dimension, reference.max_tokens) == (16, MOST_TOKENS)
    np.testing.assert_allclose(made.embed(TEXTS), reference.embed(TEXTS), atol=0.02)
    assert made.embed([]).shape == (0, 16)
    assert made.tokens("rain  fell?") == reference.tokens("rain  fell?") == [Span(0, 4), Span(6, 10), Span(10, 11)]
    assert len(made.tokens("rain " * 50)) == 50
    before = (tmp_path / "kept" / "model.bin").stat().st_mtime_ns
    again = Compiled.of(tiny, tmp_path / "kept")
    assert again
    np.testing.assert_array_equal(again.embed(TEXTS), made.embed(TEXTS))
    assert (tmp_path / "kept" / "model.bin").stat().st_mtime_ns == before


@pytest.mark.model
def test_lengths_are_padded_so_that_few_shapes_are_met(tiny: Path, tmp_path: Path) -> None:
    made = Compiled.of(tiny, tmp_path / "kept")
    assert made
    shapes, request = set(), made._request

    class Watched:
        def infer(self, inputs: dict[str, Any]) -> Any:
            shapes.add(inputs["input_ids"].shape)
            return request.infer(inputs)

    made._request = Watched()
    for words in range(1, 12):  # from shorter than the step to longer than is read
        made.embed(["rain " * words])
    assert shapes == {(1, MOST_TOKENS)}


@pytest.mark.model
@pytest.mark.parametrize("damage", ["model.bin", "model.xml", "about.json"])
def test_what_has_changed_is_made_anew(tiny: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "kept"
    assert Compiled.of(tiny, folder)
    right = (folder / damage).read_bytes()
    (folder / damage).write_bytes(right[: len(right) // 2])
    assert Compiled.of(tiny, folder)
    assert (folder / damage).stat().st_size >= len(right) - 1


@pytest.mark.model
def test_a_model_that_does_not_agree_runs_as_it_is_and_is_not_tried_again(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_AGREES", 1.1)
    embedder = SentenceTransformerEmbedder.open(tiny, name="tiny", cache=tmp_path)
    np.testing.assert_array_equal(embedder.embed(TEXTS), Reference(tiny).embed(TEXTS))
    monkeypatch.setattr(compiled, "_make", pytest.fail)
    assert Compiled.of(tiny, tmp_path / embedder.digest[:32]) is None


@pytest.mark.model
def test_a_model_that_cannot_be_traced_runs_as_it_is(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(compiled, "_compile", fail)
    embedder = SentenceTransformerEmbedder.open(tiny, name="tiny", cache=tmp_path)
    assert embedder.dimension == 16
    assert embedder.embed(TEXTS).shape == (4, 16)


@pytest.mark.model
def test_where_nothing_can_be_kept_it_runs_as_it_is(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    embedder = SentenceTransformerEmbedder.open(tiny, name="tiny", cache=tmp_path / "file")
    assert embedder.embed(["rain"]).shape == (1, 16)


@pytest.mark.model
def test_ctrl_c_is_a_keyboard_interrupt_also_after_models_came_and_went(tiny: Path, tmp_path: Path) -> None:
    code = (
        "import gc, os, signal, sys\nfrom pathlib import Path\nfrom rag.embedding.compiled import Compiled\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\nsource, kept = map(Path, sys.argv[1:])\n"
        "models = [Compiled.of(source, kept / name) for name in 'abc']\n"
        "while models:\n    del models[0]\n    gc.collect()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\nexcept KeyboardInterrupt:\n    print('interrupted')"
    )
    command = [sys.executable, "-c", code, str(tiny), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr


@pytest.mark.model
def test_the_default_model_is_compiled_and_embeds_a_question_without_torch() -> None:
    settings = Settings.load()
    assert opening.embedder(settings).dimension == 384
    code = (
        "import sys\nfrom rag import Settings\nfrom rag import opening\n"
        "print(opening.embedder(Settings.load()).embed(['What fell?']).shape)\n"
        "print([name for name in ('torch', 'transformers', 'openvino_telemetry.main') if name in sys.modules])"
    )
    environment = offline_environment(RAG_MODELS_DIR=str(settings.models_dir))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["(1, 384)", "[]"]


@pytest.mark.model
def test_the_default_model_agrees_with_the_reference_on_the_seed_article() -> None:
    settings = Settings.load()
    root = Path(__file__).parent.parent.parent
    texts = next((root / "seeds").glob("*.txt")).read_text("utf-8").split("\n\n")
    reference = Reference(models.resolve(settings.embedder, models_dir=settings.models_dir))
    agreement = (opening.embedder(settings).embed(texts) * reference.embed(texts)).sum(axis=1)
    assert agreement.min() > 0.999
