"""Whether a question is answered: relevance, the model's own word, and its inside."""

import pytest

from rag.refusal import ANSWERED, QUOTED, answerable


def test_the_more_relevant_the_more_probable() -> None:
    values = [answerable(relevance, 0.1) for relevance in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert values == sorted(values)
    assert 0 < values[0] < ANSWERED < values[-1] < 1


def test_the_more_the_model_declines_the_less_probable() -> None:
    values = [answerable(0.5, declined) for declined in (1.0, 0.5, 0.1, 0.0)]
    assert values == sorted(values)


def test_a_model_that_declines_for_sure_is_believed_unless_all_else_speaks_against_it() -> None:
    assert answerable(0.5, 1.0) < ANSWERED
    assert answerable(0.99, 0.5) > QUOTED


def test_what_the_models_inside_says_weighs_more_than_all_else() -> None:
    values = [answerable(0.5, 0.1, (inside, inside)) for inside in (-1e4, -1.0, 0.0, 1.0, 1e4)]
    assert values == sorted(values)
    assert answerable(0.9, 0.01, (-2.0, -2.0)) < ANSWERED < answerable(0.1, 0.9, (1.0, 1.0))
    assert 0 <= values[0] < values[-1] <= 1


def test_what_it_says_of_the_best_sentence_alone_weighs_as_much_as_of_all_that_was_read() -> None:
    assert answerable(0.5, 0.1, (-3.0, -3.0)) < ANSWERED
    for told in ((1.0, -3.0), (-3.0, 1.0)):
        assert answerable(0.5, 0.1, (-3.0, -3.0)) < answerable(0.5, 0.1, told) < answerable(0.5, 0.1, (1.0, 1.0))
    assert answerable(0.5, 0.1, (1.0, 1.0)) > ANSWERED


def test_without_a_model_relevance_alone_decides() -> None:
    assert answerable(0.05) < ANSWERED
    assert answerable(0.9) > QUOTED


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_is_not_believed(probability: float) -> None:
    assert answerable(probability, 1 - probability) == answerable(
        abs(probability - 0.001), 1 - abs(probability - 0.001)
    )


def test_a_broad_question_is_not_held_against_what_the_models_inside_looks_for() -> None:
    doubted, lost = (-2.0, -2.0), (-6.0, -6.0)
    assert answerable(0.9, 0.1, doubted) < ANSWERED < answerable(0.9, 0.1, doubted, broad=True)
    assert answerable(0.9, 0.1, lost, broad=True) < ANSWERED
    assert answerable(0.9, 0.1, broad=True) == answerable(0.9, 0.1)
