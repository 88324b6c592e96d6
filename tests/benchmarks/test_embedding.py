"""How much a text costs the embedder, which its speed is measured by."""

import json
from pathlib import Path

from benchmarks.embedding import operations


def test_operations_are_those_of_the_matrix_products_of_what_is_read(tmp_path: Path) -> None:
    about = {"num_hidden_layers": 3, "hidden_size": 2, "intermediate_size": 5}
    (tmp_path / "config.json").write_text(json.dumps(about), "utf-8")
    projections, inner = 4 * 2 * 2, 2 * 2 * 5  # query, key, value, output; up and down: multiplications a token
    attention = 2 * 4 * 2  # 4 tokens, each with all 4: scores and their weighed sum
    one = 3 * 4 * 2 * (projections + inner + attention)
    assert operations(tmp_path, [4], most=8) == one
    assert operations(tmp_path, [4, 9], most=4) == 2 * one
