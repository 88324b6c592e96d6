"""What `import rag` gives, and what it costs."""

import subprocess
import sys

import pytest

import rag
from rag import assistant, errors, settings, types

HEAVY = ("torch", "faiss", "gradio", "llama_cpp", "sentence_transformers", "openvino", "numpy")


def loaded_after(code: str) -> set[str]:
    """Return which heavy libraries are loaded in a new process once it has run `code`."""
    code += f"\nimport sys\nprint('loaded:', *(name for name in {HEAVY} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    last = result.stdout.splitlines()[-1]
    assert last.startswith("loaded:")
    return set(last.split()[1:])


def test_the_exported_names_are_exactly_the_public_ones() -> None:
    public = {
        "Answer": types.Answer,
        "Assistant": assistant.Assistant,
        "Citation": types.Citation,
        "Claim": types.Claim,
        "Hit": types.Hit,
        "RagError": errors.RagError,
        "Settings": settings.Settings,
    }
    assert {name: getattr(rag, name) for name in rag.__all__} == public
    assert rag.__all__ == sorted(public)


def test_a_name_that_is_not_exported_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Index'"):
        _ = rag.Index


def test_the_check_for_heavy_libraries_sees_them() -> None:
    assert loaded_after("import numpy") == {"numpy"}


def test_importing_rag_loads_no_heavy_library() -> None:
    assert loaded_after("import rag") == set()


def test_help_loads_no_heavy_library() -> None:
    code = """
import sys
from rag.__main__ import main
sys.argv = ["rag", "--help"]
try:
    main()
except SystemExit as end:
    assert end.code == 0
"""
    assert loaded_after(code) == set()
