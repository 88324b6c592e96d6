"""Lines with boxes become text: nothing is lost, and pages begin where they are said to."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.corpus.layout import HYPHEN, Line, text_of

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=8).map(" ".join)
LINE = st.tuples(WORDS, st.sampled_from(["", ".", ",", HYPHEN, "-"]), st.sampled_from([0, 12, 260]))
PAGES = st.lists(st.lists(LINE, max_size=9), min_size=1, max_size=4)


def placed(page: list[tuple[str, str, int]], number: int) -> list[list[Line]]:
    """Return lines from top to bottom, each on a height of its own page alone, so that none repeats."""
    return [
        [Line(f"{words}{end}", 60 + indent, 60 + indent + 5 * len(words), 700 - 14 * n - number, 710 - 14 * n - number)]
        for n, (words, end, indent) in enumerate(page)
    ]


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha())


@settings(deadline=None)
@example([[("a", HYPHEN, 0)], [], [("a", "", 0)]])
@given(PAGES)
def test_no_letter_is_lost_and_pages_begin_where_they_are_said_to(pages: list[list[tuple[str, str, int]]]) -> None:
    text, starts = text_of([placed(page, 7 * number) for number, page in enumerate(pages)])
    assert letters(text) == letters("".join(words for page in pages for words, _, _ in page))
    assert len(starts) == len(pages)
    assert list(starts) == sorted(starts)
    assert starts[0] == 0
    assert HYPHEN not in text
    for number, page in enumerate(pages):
        end = starts[number + 1] if number + 1 < len(pages) else len(text)
        assert letters(text[starts[number] : end]) == letters("".join(words for words, _, _ in page))


def test_a_table_keeps_its_rows() -> None:
    rows = [
        [Line(str(n), 60, 70, 700 - 12 * n, 710 - 12 * n), Line("rain", 200, 230, 700 - 12 * n, 710 - 12 * n)]
        for n in range(4)
    ]
    assert text_of([rows])[0] == "0 rain\n1 rain\n2 rain\n3 rain"


def test_a_heading_across_two_columns_stands_before_both() -> None:
    def row(y: float, *parts: tuple[str, float]) -> list[Line]:
        return [Line(text, left, left + 200, y, y + 10) for text, left in parts]

    body = [
        row(700 - 12 * n, (f"left line number {n} goes on", 60), (f"right line number {n} goes on", 320))
        for n in range(4)
    ]
    wide = Line("A heading that stands across both of the columns", 60, 520, 730, 740)
    text, _ = text_of([[[wide], *body]])
    assert text.index("A heading") < text.index("left line number 0") < text.index("left line number 3")
    assert text.index("left line number 3") < text.index("right line number 0")
