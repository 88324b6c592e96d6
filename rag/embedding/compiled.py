"""A sentence-transformers model compiled for this processor by OpenVINO.

The only module that imports openvino and tokenizers. A model is compiled once, from the reference, and kept only if it
agrees with it. The processor decides the precision: bfloat16 where it has it, with vectors at a cosine of 0.9999 to
the reference's, so an index made in one way is searched in the other.
"""

import functools
import hashlib
import json
import math
import os
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from rag.embedding.reference import Reference
from rag.types import Span, Vectors

_BATCH = 16
"""Measured: as fast as 32, in half the memory."""
_STEP = 8
"""Texts are padded to a multiple of so many tokens: OpenVINO keeps code for each shape that it meets."""
_AGREES = 0.999
"""Cosine to the reference, of every probe."""
_CANNOT = "cannot-be-compiled"
_PROBES = (
    "weapons",
    "What did the minister say about weapons on 28 November 2022?",
    "  Ünïcode, “quotes”, 中文 and УКРАЇНА in one line.\nAnd another one. ",
    "The committee met again, and the members were told of what had been found. " * 40,  # longer than is read
)


class Compiled:
    """A compiled model; made by `of`."""

    def __init__(self, folder: Path, source: Path) -> None:
        """Load what `folder` holds; raises `OSError`, `ValueError`, `KeyError`, `RuntimeError` if it is not right."""
        openvino = _openvino()
        about = json.loads((folder / "about.json").read_text("utf-8"))
        if about["openvino"] != openvino.__version__:
            raise ValueError("made by another release")
        for name, digest in about["sha256"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise ValueError(f"{name} has changed")
        self.dimension: int = about["dimension"]
        self.max_tokens: int = about["max_tokens"]
        self._pad: int = about["pad"]
        # LATENCY: all cores work on one batch, whether it holds one question or sixteen passages
        self._model = _core().compile_model(folder / "model.xml", "CPU", {"PERFORMANCE_HINT": "LATENCY"})
        self._inputs = {name for port in self._model.inputs for name in port.names}
        self._request = self._model.create_infer_request()
        self._lock = threading.Lock()
        self._whole = _tokenizer(source)
        self._read = _tokenizer(source)
        self._read.enable_truncation(self.max_tokens)

    @classmethod
    def of(cls, source: Path, folder: Path) -> "Compiled | None":
        """Load what is kept in `folder`, made anew where it is not right; None where `source` cannot be compiled.

        Raises `ModelError` where it does not load at all.
        """
        if _openvino() is None or not (source / "tokenizer.json").is_file():
            return None
        for _ in range(2):
            try:
                return None if (folder / _CANNOT).exists() else cls(folder, source)
            except (OSError, ValueError, KeyError, RuntimeError):
                try:
                    _make(source, folder)
                except OSError:  # nothing can be kept there
                    return None
        return None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1, shape (len(texts), dimension)."""
        ids = [encoding.ids for encoding in self._read.encode_batch([text.strip() for text in texts])]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._run([ids[i] for i in batch])
        return vectors

    def tokens(self, text: str) -> list[Span]:
        """Return the span of every token of `text`, special tokens left out, nothing cut off."""
        encoding = self._whole.encode(text, add_special_tokens=False)
        return [Span(start, end) for start, end in encoding.offsets if end > start]

    def _run(self, ids: Sequence[Sequence[int]]) -> Vectors:
        length = min(math.ceil(max(map(len, ids)) / _STEP) * _STEP, self.max_tokens)
        tokens = np.array([[*one, *[self._pad] * (length - len(one))] for one in ids], np.int64)
        mask = np.array([[1] * len(one) + [0] * (length - len(one)) for one in ids], np.int64)
        inputs = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        with self._lock:
            result = self._request.infer({name: inputs[name] for name in inputs.keys() & self._inputs})
            vectors: Vectors = result[0].copy()
        return vectors


def _make(source: Path, folder: Path) -> None:
    """Compile `source` into `folder`, all at once; where that fails, or does not agree, a mark says so."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / ".lock"), tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as scratch:
        part = Path(scratch) / folder.name
        part.mkdir()
        reference = Reference(source)
        try:
            _compile(reference, part)
            agreement = (Compiled(part, source).embed(_PROBES) * reference.embed(_PROBES)).sum(axis=1)
            agrees = bool(agreement.min() >= _AGREES)
        except Exception:  # whatever a model raises that cannot be traced: the reference runs it
            agrees = False
        if not agrees:
            (part / _CANNOT).touch()
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def _compile(reference: Reference, folder: Path) -> None:
    """Trace the reference, from token numbers to unit vectors, and write the graph with half-precision weights."""
    import torch

    model = reference.model.eval()
    names = [
        name for name in ("input_ids", "attention_mask", "token_type_ids") if name in model.tokenizer.model_input_names
    ]

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> Any:
            features = self.model(dict(zip(names, inputs, strict=True)))
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    openvino = _openvino()
    example = model.tokenizer(["one", "and another"], padding=True, return_tensors="pt")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        graph = openvino.convert_model(Whole(), example_input=tuple(example[name] for name in names))
    for port, name in zip(graph.inputs, names, strict=True):
        port.get_tensor().set_names({name})
    openvino.save_model(graph, folder / "model.xml", compress_to_fp16=True)
    about = {
        "openvino": openvino.__version__,
        "dimension": reference.dimension,
        "max_tokens": reference.max_tokens,
        "pad": model.tokenizer.pad_token_id,
        "sha256": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.xml", "model.bin")
        },
    }
    (folder / "about.json").write_text(json.dumps(about), "utf-8")


def _openvino() -> Any:
    """Import openvino, None where there is none; without its telemetry, which reports each import to its makers."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        return None
    return openvino


@functools.cache
def _core() -> Any:
    """Return OpenVINO's one core of this process.

    Each core has signals handled on a stack of its own, which goes with it: with two, one after the other, the next
    Ctrl-C would be handled on memory that is gone.
    """
    return _openvino().Core()


def _tokenizer(source: Path) -> Any:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()  # the file may cut off earlier than the model does
    return tokenizer
