"""Cross-encoders by their folders: tiny ones, made here with random weights."""

import json
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.cross_encoders import CrossEncoderEntailment, CrossEncoderReranker
from rag.errors import ModelError, UsageError
from tests import tiny


def cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """Save a cross-encoder of one layer with random weights."""
    return tiny.save(folder, "BertForSequenceClassification", num_labels=labels)


@pytest.mark.model
def test_a_cross_encoder_gives_each_passage_a_probability(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker.load(cross_encoder(tmp_path / "tiny"), name="tiny")
    scores = reranker.score("goggles ?", ["rain fell .", "goggles .", "rain fell ."])
    assert all(0 < score < 1 for score in scores)
    assert scores[0] == pytest.approx(scores[2])
    assert scores[0] != scores[1]
    assert reranker.score("goggles ?", []) == []


@pytest.mark.model
def test_a_model_with_three_labels_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="3 labels"):
        CrossEncoderReranker.load(cross_encoder(tmp_path / "nli", labels=3), name="nli")


def test_a_folder_without_weights_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        CrossEncoderReranker.load(tmp_path, name="none")


@pytest.mark.model
def test_weights_that_do_not_load_are_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="does not load"):
        CrossEncoderReranker.load(tmp_path, name="broken")


@pytest.mark.model
def test_an_assistant_uses_the_reranker_that_its_settings_name(seed_settings: Settings, tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "tiny")
    settings = Settings.load(index_dir=seed_settings.index_dir, reranker=str(folder))
    assistant = Assistant.load(settings, with_llm=False)
    assert assistant.models["reranker"] == str(folder)
    hits = assistant.search("goggles", k=2)
    expected = CrossEncoderReranker.load(folder, name="tiny").score("goggles", [hit.text for hit in hits])
    assert [hit.score for hit in hits] == pytest.approx(expected, rel=1e-3)


@pytest.mark.model
def test_a_reranker_that_is_nowhere_is_an_error_of_ours(seed_settings: Settings) -> None:
    settings = Settings.load(index_dir=seed_settings.index_dir, reranker="nowhere")
    with pytest.raises(UsageError, match="no file 'nowhere'"):
        Assistant.load(settings, with_llm=False)


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of three labels, the second of which is "entailment"."""
    folder = cross_encoder(tmp_path_factory.mktemp("nli") / "nli", labels=3)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "contradiction", "1": "ENTAILMENT", "2": "neutral"}
    config["label2id"] = {label: int(number) for number, label in config["id2label"].items()}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.model
def test_a_model_for_inference_says_how_probably_a_claim_follows(inference: Path) -> None:
    entailment = CrossEncoderEntailment.load(inference, name="nli")
    one, other = entailment.follows("rain fell .", "goggles ."), entailment.follows("goggles .", "rain fell .")
    assert 0 < one < 1
    assert one != other


@pytest.mark.model
def test_a_model_without_that_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no label 'entailment', only label_0"):
        CrossEncoderEntailment.load(cross_encoder(tmp_path / "reranker"), name="reranker")


@pytest.mark.model
def test_an_assistant_checks_with_the_model_that_its_settings_name(seed_settings: Settings, inference: Path) -> None:
    settings = Settings.load(index_dir=seed_settings.index_dir, nli=str(inference))
    assert Assistant.load(settings, with_llm=False).models["nli"] == str(inference)
