"""A GGUF file under llama-cpp-python, which is imported only when a model is loaded.

Knows nothing about articles, and nothing about threads: one generation at a time, which `rag.scheduler` sees to.
Text of messages is tokenised as plain text: what looks like a control token in an article stays text.
"""

import codecs
import ctypes
import logging
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError, UsageError
from rag.llm.beginnings import Beginnings
from rag.llm.probe import LEAST_HEEDED, Probe, States
from rag.types import Cancelled, Inside, Message, Span

_BATCH = 2048
_MICRO_BATCH = 512
_SPINS = "1000"
"""So often a waiting thread of GNU's OpenMP looks before it sleeps. With 300,000, the default, it keeps a core that the
thread it waits for may need: docs/benchmarks.md, a busy machine."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _ChatFormat:
    """A model's own chat template, from its GGUF file."""

    formatter: Any
    placeholder: str = "\ue000{}\ue000"

    def pieces(self, messages: Sequence[Message]) -> Iterator[tuple[str, bool]]:
        """Yield the prompt in pieces: its text, and whether control tokens may stand in it."""
        stand_ins = [{"role": m.role, "content": self.placeholder.format(i)} for i, m in enumerate(messages)]
        rest: str = self.formatter(messages=stand_ins).prompt
        for i, message in enumerate(messages):
            before, rest = rest.split(self.placeholder.format(i), 1)
            yield before, True
            yield message.content, False
        yield rest, True


class LlamaCpp:
    """A GGUF file under llama.cpp: greedy decoding, so the same prompt gives the same text."""

    def __init__(self, model: Any, *, name: str, beginnings: Beginnings, probe: Probe | None = None) -> None:
        from llama_cpp import llama_chat_format

        self._model = model
        self._inside: tuple[Probe, States] | None = None
        if probe and len(probe.weights) == model.n_embd():  # under its name there may be another file
            try:
                self._inside = probe, States(model, [probe.layer], probe.heads)
            except (AttributeError, OSError) as error:
                _log.info("what the inside of %s says is not read: %s", name, error)
        self._beginnings = beginnings
        self._cancelled: Cancelled | None = None
        self.name = name
        self.context_tokens: int = model.n_ctx()
        self._format = _ChatFormat(
            llama_chat_format.Jinja2ChatFormatter(
                template=model.metadata["tokenizer.chat_template"],
                eos_token=_token_text(model, model.token_eos()),
                bos_token=_token_text(model, model.token_bos()),
            )
        )
        self._abort = _set_abort_callback(model, lambda: bool(self._cancelled and self._cancelled.is_set()))

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        name: str,
        context_tokens: int,
        threads: int = 0,
        cache: Path | None = None,
        probe: Probe | None = None,
    ) -> "LlamaCpp":
        """Open a GGUF file with a chat template; `threads` 0 means one for each core. Raises `ModelError`.

        What it has read of the beginnings that prompts share is kept in `cache`. `probe` is what was fitted to it.
        """
        cls.check(path)
        if "OMP_WAIT_POLICY" not in os.environ:
            os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)  # read once, when the library is loaded
        import llama_cpp

        cores = threads or _cores()
        try:
            model = llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_batch=_BATCH,
                n_ubatch=_MICRO_BATCH,
                n_threads=cores,
                n_threads_batch=cores,
                use_mmap=False,  # llama.cpp lays most weights out anew: the pages mapped stay beside them, 0.6 GB
                seed=0,
                verbose=False,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelError(
                f"the language model {str(path)!r} does not load ({error}); check it: rag models verify"
            ) from error
        logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL)  # a prompt that is given up is an error to it
        if "tokenizer.chat_template" not in model.metadata:
            raise ModelError(f"{str(path)!r} has no chat template; use an instruction-tuned model")
        stat = path.stat()
        identity = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns} {llama_cpp.__version__}"
        return cls(model, name=name, beginnings=Beginnings(model, identity=identity, folder=cache), probe=probe)

    @staticmethod
    def check(path: Path) -> None:
        """Raise `ModelError` where `path` is no GGUF file, without opening it as a model."""
        if path.is_file():
            with path.open("rb") as file:
                if file.read(4) == b"GGUF":
                    return
        raise ModelError(f"{str(path)!r} is no GGUF file; name a model of: rag models list")

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt made of `messages` takes."""
        return len(self._prompt(messages)[0])

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        never: str | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[str]:
        """Yield a piece for each token of the answer, "" while a letter is not whole.

        With `never`, its first token does not begin the answer. Raises `UsageError` where prompt and answer exceed
        the window.
        """
        prompt, shared = self._fitting(messages, max_tokens)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        banned = self._first_token(never) if never else None
        with closing(self._generate(prompt, shared, cancelled, banned=banned)) as tokens:
            for token in islice(tokens, max_tokens):
                yield decoder.decode(self._model.detokenize([token]))

    def begins(self, messages: Sequence[Message], text: str, *, cancelled: Cancelled | None = None) -> float:
        """Return how probable it is that the answer begins with the first token of `text`.

        The prompt is read once: `stream` goes on from there. Raises `UsageError` where it exceeds the window.
        """
        import llama_cpp

        first = self._first_token(text)
        with closing(self._generate(*self._fitting(messages, 1), cancelled)) as tokens:
            if next(tokens, None) is None:  # cancelled, or nothing to say
                return 0.0
            pointer = llama_cpp.llama_get_logits_ith(self._model.ctx, -1)
            logits = np.ctypeslib.as_array(pointer, (self._model.n_vocab(),)).astype(np.float64)
            weights = np.exp(logits - logits.max())
            return float(weights[first] / weights.sum())

    def inside(
        self, messages: Sequence[Message], spans: Sequence[Span] = (), *, cancelled: Cancelled | None = None
    ) -> Inside | None:
        """Return what the probe says of a prompt, and how its heads heed spans of the last message; None without one.

        The prompt is read once, as for `begins`; None too where that is given up. Raises `UsageError` where it exceeds
        the window.
        """
        if self._inside is None:
            return None
        probe, states = self._inside
        prompt, shared = self._fitting(messages, 1)
        with closing(self._generate(prompt, shared, cancelled)) as tokens:
            if next(tokens, None) is None or probe.layer not in states.last:
                return None
            rows = [states.seen[head] for head in probe.heads if head in states.seen]
            places = self._places(messages, spans) if rows else []
            heeded = [max(LEAST_HEEDED, float(np.mean([row[place].sum() for row in rows]))) for place in places]
            return Inside(probe.odds(states.last[probe.layer]), tuple(heeded))

    def _first_token(self, text: str) -> int:
        return int(self._model.tokenize(text.encode(), add_bos=False)[0])

    def _fitting(self, messages: Sequence[Message], max_tokens: int) -> tuple[list[int], int]:
        prompt, shared = self._prompt(messages)
        if len(prompt) + max_tokens > self.context_tokens:
            raise UsageError(
                f"prompt of {len(prompt):,} tokens and answer of {max_tokens:,} exceed the window of "
                f"{self.context_tokens:,}; ask in fewer words, or set RAG_CONTEXT_TOKENS higher"
            )
        return prompt, shared

    def _generate(
        self, prompt: list[int], shared: int, cancelled: Cancelled | None, *, banned: int | None = None
    ) -> Generator[int]:
        """Yield tokens until the answer ends or `cancelled` is set."""
        import llama_cpp

        if cancelled and cancelled.is_set():
            return
        vocabulary = llama_cpp.llama_model_get_vocab(self._model.model)
        processors = None if banned is None else llama_cpp.LogitsProcessorList([_FirstIsNot(banned)])
        self._cancelled = cancelled
        try:
            self._beginnings.begin(prompt, shared)
            for token in self._model.generate(prompt, temp=0.0, logits_processor=processors):
                if llama_cpp.llama_vocab_is_eog(vocabulary, token):
                    return
                yield token
                if cancelled and cancelled.is_set():
                    return
        except RuntimeError as error:
            self._model.reset()
            if not (cancelled and cancelled.is_set()):
                raise ModelError(f"the language model {self.name!r} failed: {error}") from error
        finally:
            self._cancelled = None

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], int]:
        """Return the tokens of a prompt, and how many are those of its rules: what prompts of a kind share."""
        pieces = self._pieces(messages)
        rules = sum(1 for _ in takewhile(lambda message: message.role == "system", messages))
        return [token for piece in pieces for token in piece], sum(map(len, pieces[: 2 * rules + 1]))

    def _pieces(self, messages: Sequence[Message]) -> list[list[int]]:
        """Return the tokens of each message, and of what stands before, between and after them."""
        return [
            self._model.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=control)
            for text, control in self._format.pieces(messages)
        ]

    def _places(self, messages: Sequence[Message], spans: Sequence[Span]) -> list[slice]:
        """Return for each span of the last message the tokens of the prompt that it touches."""
        import llama_cpp

        *before, content, _ = self._pieces(messages)
        first, text = sum(map(len, before)), messages[-1].content
        vocabulary = llama_cpp.llama_model_get_vocab(self._model.model)
        nowhere = (None, 0, 0, False)  # so that it tells the size, negative: `detokenize` has but 32 bytes a token
        sizes = [-llama_cpp.llama_token_to_piece(vocabulary, token, *nowhere) for token in content]
        ends = np.cumsum(sizes)  # in bytes

        def token(char: int) -> int:
            return first + int(np.searchsorted(ends, len(text[:char].encode("utf-8", "replace")), side="right"))

        return [slice(token(span.start), token(span.end - 1) + 1) for span in spans]


class _FirstIsNot:
    """Keeps one token from being the first."""

    def __init__(self, token: int) -> None:
        self._token: int | None = token

    def __call__(self, _tokens: Any, scores: Any) -> Any:
        if self._token is not None:
            scores[self._token] = -np.inf
            self._token = None
        return scores


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _token_text(model: Any, token: int) -> str:
    return str(model.detokenize([token], special=True).decode("utf-8", "replace")) if token >= 0 else ""


def _set_abort_callback(model: Any, aborted: Any) -> Any:
    """Let llama.cpp ask `aborted` while it reads a prompt; the returned object must be kept alive."""
    import llama_cpp

    callback = llama_cpp.ggml_abort_callback(lambda _data: aborted())
    llama_cpp.llama_set_abort_callback(model.ctx, callback, ctypes.c_void_p(0))
    return callback
