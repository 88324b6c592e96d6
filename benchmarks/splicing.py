"""Passages read beforehand: `python -m benchmarks.splicing INDEX QUESTIONS.jsonl [--questions 60]`.

llama.cpp can copy what it holds of one sequence into another and move it to other positions. So each article's block of
evidence could be read once, alone after the rules, kept, and joined with others when a question comes: then only the
question is left to read. What is lost is that no block has seen another. Each answerable question is answered both ways
with the same tokens, greedily; told are the time to the first token, how often a reference answer stands in the draft,
how alike the drafts are, and what a block takes on disk.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np

from rag import Assistant, Settings
from rag.evaluation.text_scores import containment
from rag.types import Evidence
from rag.writing import render_evidence

_SEQUENCES = 16
_LONGEST = 60
_EVIDENCE_TOKENS = 160
_ENOUGH = 0.8


@dataclass(slots=True)
class Context:
    """A context whose first sequence is the prompt, and whose others are blocks."""

    model: Any
    context: Any
    rules: int = 0
    """So many tokens of rules begin each sequence."""
    vocabulary: Any = field(init=False)
    memory: Any = field(init=False)

    def __post_init__(self) -> None:
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        self.memory = llama_cpp.llama_get_memory(self.context)

    def read(self, tokens: Sequence[int], *, start: int, sequence: int = 0) -> None:
        """Read tokens at positions from `start` on; the last one's logits are there afterwards."""
        batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, start + i, 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = i == len(tokens) - 1
        if llama_cpp.llama_decode(self.context, batch):
            raise RuntimeError("llama_decode failed")
        llama_cpp.llama_batch_free(batch)

    def forget(self) -> None:
        """Keep the rules alone."""
        for sequence in range(_SEQUENCES):
            llama_cpp.llama_memory_seq_rm(self.memory, sequence, 0 if sequence else self.rules, -1)

    def join(self, sizes: Sequence[int]) -> None:
        """Move the blocks, read in sequences 1 and on, one after the other into the first sequence."""
        moved = 0
        for sequence, size in enumerate(sizes, start=1):
            first = self.rules
            llama_cpp.llama_memory_seq_add(self.memory, sequence, first, first + size, moved)
            llama_cpp.llama_memory_seq_cp(self.memory, sequence, 0, first + moved, first + moved + size)
            llama_cpp.llama_memory_seq_rm(self.memory, sequence, 0, -1)
            moved += size

    def write(self, start: int) -> Iterator[int]:
        """Yield the most probable tokens after what was read, up to the end of the answer."""
        size = llama_cpp.llama_vocab_n_tokens(self.vocabulary)
        while True:
            logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self.context, -1), (size,))
            token = int(logits.argmax())
            if llama_cpp.llama_vocab_is_eog(self.vocabulary, token):
                return
            yield token
            self.read([token], start=start)
            start += 1


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--questions", dest="count", type=int, default=60)
    given = parser.parse_args()
    records = [json.loads(line) for line in given.questions.read_text("utf-8").splitlines()]
    answerable = [r for r in records if r["answerable"] and r["answers"]]
    asked = answerable[:: max(1, len(answerable) // given.count)]
    assistant = Assistant.load(Settings.load(index_dir=given.index))
    assistant.warm_up()
    llm: Any = assistant._llm
    wide = llama_cpp.llama_context_default_params()
    wide.n_ctx, wide.n_batch, wide.n_ubatch, wide.n_seq_max, wide.kv_unified = 4096, 2048, 512, _SEQUENCES, True
    wide.n_threads = wide.n_threads_batch = llm._model.n_threads
    model = llm._model.model
    context = Context(model, llama_cpp.llama_init_from_model(model, wide))
    rows: dict[str, list[Answered]] = {"read whole": [], "joined": []}
    sizes: list[int] = []
    for record in asked[: given.count]:
        query = assistant.query(record["question"])
        hits = assistant.retriever.search(query, k=6)
        evidence = assistant.retriever.evidence(query, hits, max_tokens=_EVIDENCE_TOKENS, enough=_ENOUGH)
        if not evidence:
            continue
        rules, blocks, question = tokens_of(assistant, llm, evidence, query.text)
        if not context.rules:
            context.read(rules, start=0)
            context.rules = len(rules)
        sizes += [len(block) for block in blocks]
        for name, way in (("read whole", whole), ("joined", joined)):
            rows[name].append(way(context, llm, blocks, question, record["answers"]))
    print("| blocks | first token, s | reference answer contained | drafts the same |\n|---|---|---|---|")
    for name, answered in rows.items():
        same = np.mean([a.text == b.text for a, b in zip(answered, rows["read whole"], strict=True)])
        first = statistics.median(a.seconds for a in answered)
        print(f"| {name} | {first:.2f} | {np.mean([a.right for a in answered]):.3f} | {same:.2f} |")
    context.forget()
    kilobytes = llama_cpp.llama_state_seq_get_size(context.context, 0) / context.rules / 1000
    print(f"\n{len(rows['joined'])} questions, {np.mean(sizes):.0f} tokens a block, {kilobytes:.0f} kB a token kept")


@dataclass(frozen=True, slots=True)
class Answered:
    """A draft, the seconds to its first token, and whether a reference answer stands in it."""

    text: str
    seconds: float
    right: float


def tokens_of(
    assistant: Assistant, llm: Any, evidence: Sequence[Evidence], question: str
) -> tuple[list[int], list[list[int]], list[int]]:
    """Return the tokens of the rules, of each article's block, and of the question with what ends the prompt."""

    def tokens(text: str, *, control: bool = False) -> list[int]:
        found: list[int] = llm._model.tokenize(text.encode(), add_bos=False, special=control)
        return found

    messages = assistant._prompts.messages("answer", evidence=render_evidence(evidence)[0], question=question)
    *rules, (content, _), (end, _) = llm._format.pieces(messages)
    *blocks, last = content.split("\n\n")
    read = [token for text, control in rules for token in tokens(text, control=control)]
    return read, [tokens(f"{block}\n\n") for block in blocks], tokens(last) + tokens(end, control=True)


def whole(
    context: Context, llm: Any, blocks: Sequence[list[int]], question: list[int], answers: Sequence[str]
) -> Answered:
    """Read blocks and question as one, then answer."""
    context.forget()
    prompt = [token for block in blocks for token in block] + question
    start = time.perf_counter()
    context.read(prompt, start=context.rules)
    return answer(context, llm, context.rules + len(prompt), answers, start)


def joined(
    context: Context, llm: Any, blocks: Sequence[list[int]], question: list[int], answers: Sequence[str]
) -> Answered:
    """Read each block alone, which is not counted; join them, read the question, then answer."""
    context.forget()
    for sequence, block in enumerate(blocks, start=1):
        llama_cpp.llama_memory_seq_cp(context.memory, 0, sequence, 0, context.rules)
        context.read(block, start=context.rules, sequence=sequence)
    start = time.perf_counter()
    sizes = [len(block) for block in blocks]
    context.join(sizes)
    end = context.rules + sum(sizes)
    context.read(question, start=end)
    return answer(context, llm, end + len(question), answers, start)


def answer(context: Context, llm: Any, end: int, answers: Sequence[str], start: float) -> Answered:
    """Write the answer."""
    tokens = context.write(end)
    first = list(islice(tokens, 1))
    seconds = time.perf_counter() - start
    text = llm._model.detokenize([*first, *islice(tokens, _LONGEST)]).decode("utf-8", "replace")
    return Answered(text, seconds, containment(text, answers))


if __name__ == "__main__":
    main()
