"""Sentences of a draft without what points at passages."""

import pytest

from rag.citations import clean, numbers_next


@pytest.mark.parametrize(
    ("sentence", "cleaned"),
    [
        ("Rain fell.", "Rain fell."),
        ("Rain fell [1].", "Rain fell."),
        ("Rain fell. [1][2]", "Rain fell."),
        ("Rain fell [1, 3][2].", "Rain fell."),
        ("Rain fell [2–4].", "Rain fell."),
        ("- Rain fell.", "Rain fell."),
        ("• rain fell.", "Rain fell."),
        ("Answer: rain fell.", "Rain fell."),
        ("According to the excerpts, rain fell.", "Rain fell."),
        ("According to passage 2, rain fell.", "Rain fell."),
        ("According to the information provided, rain fell.", "Rain fell."),
        ("The passage states that rain fell.", "Rain fell."),
        ("The article states that rain fell.", "Rain fell."),
        ("- According to the excerpt above, the passage says that rain fell.", "Rain fell."),
        ("According to Lind, rain fell.", "According to Lind, rain fell."),
        ("He read it [sic] aloud.", "He read it [sic] aloud."),
        ("[1]", ""),
        ("Rain fell (passage 2).", "Rain fell."),
        ("Rain fell, as stated in the excerpts.", "Rain fell."),
        ("Rain fell, according to passage [3].", "Rain fell."),
        ("Based on the provided text, rain fell.", "Rain fell."),
        ("1. Rain fell.", "Rain fell."),
        ("1936.", "1936."),
        ("Rain fell【2】.", "Rain fell."),
        ("Rain fell (1953).", "Rain fell (1953)."),
        ("Yes, rain fell.", "Rain fell."),
        ("No: rain did not fall.", "Rain did not fall."),
        ("No–one came.", "No–one came."),
        ("Answer: yes — according to the passage, rain fell.", "Rain fell."),
        ("No. 10 was dry.", "No. 10 was dry."),
        ("No rain fell.", "No rain fell."),
        ('"Yes, rain fell," he said.', '"Yes, rain fell," he said.'),
        ("YES", "YES."),
        ("KYIV, Ukraine (AP) — Rain fell.", "Rain fell."),
        ("ST. LOUIS - Rain fell.", "Rain fell."),
        ("LONDON — “Rain,” he said.", "“Rain,” he said."),
        ("NEW YORK, June 3 (Reuters) - Rain fell.", "Rain fell."),
        ("MOSCOW/KYIV (AP) — Rain fell.", "Rain fell."),
        ("SÃO PAULO — Rain fell.", "Rain fell."),
        ("NASA — the space agency — found rain.", "NASA — the space agency — found rain."),
        ("NATO – which he led – said no.", "NATO – which he led – said no."),
        ("ENGLAND - 2, FRANCE - 1.", "ENGLAND - 2, FRANCE - 1."),
        ("COVID-19 spread.", "COVID-19 spread."),
        ("UK-based firms fell.", "UK-based firms fell."),
        ("Élodie Noé", "Élodie Noé."),
        ("7 [2]", "7."),
        ("He left (in 1953)", "He left (in 1953)"),
        ("下雨", "下雨"),
        ("", ""),
    ],
)
def test_clean_takes_off_markers_and_phrases_that_point_at_passages(sentence: str, cleaned: str) -> None:
    assert clean(sentence) == cleaned


@pytest.mark.parametrize(
    ("sentence", "told"), [("2.", True), ("(12)", True), ("1936.", False), ("2 dams.", False), ("32%.", False)]
)
def test_the_number_of_a_list_is_told_from_an_answer(sentence: str, told: bool) -> None:
    assert numbers_next(sentence) is told
