"""Models of one layer with random weights, made here, for tests of what runs them."""

import importlib
from pathlib import Path
from typing import Any

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "goggles", "rain", "fell", "?", "."]


def save(folder: Path, kind: str, **config: int) -> Path:
    """Save a model of the transformers class `kind` with its tokenizer."""
    import torch

    transformers: Any = importlib.import_module("transformers")
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    shape = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        **config,
    )
    getattr(transformers, kind)(shape).save_pretrained(folder, safe_serialization=True)
    return folder
