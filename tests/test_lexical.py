"""Words by number: BM25 against cases worked by hand, growth, and queries that try to be more than words."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import WordIndex, content_terms, terms

TEXTS = {3: "The minister attacked the rifles.", 1: "Rain, rain, rain fell.", 2: "Khawāja's ministers fell."}
INDEX = WordIndex.build(TEXTS.items())


def test_bm25_by_hand() -> None:
    lengths = {1: 4, 2: 4, 3: 5}  # of words: Khawāja's is two
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    frequency = 3
    expected = idf * frequency * 2.2 / (frequency + 1.2 * (1 - 0.75 + 0.75 * lengths[1] / (13 / 3)))
    [(number, score)] = INDEX.search(terms("rain"), 5)
    assert number == 1
    assert score == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("minister", {2, 3}),
        ("MINISTERS attacking", {2, 3}),
        ("khawaja", {2}),
        ("Khawája", {2}),
        ("snow", set()),
        ("", set()),
        ("?! 🌧", set()),
        ("word" * 100, set()),
    ],
)
def test_words_are_found_in_any_form(text: str, numbers: set[int]) -> None:
    assert {number for number, _ in INDEX.search(terms(text), 5)} == numbers


@pytest.mark.parametrize(
    "text",
    ['rain AND "', "rain*", "rain^9", "NEAR(rain fell)", "text:rain", "-rain", "rain' OR 1=1 --", "(rain", "\0rain"],
)
def test_operators_are_words_or_nothing(text: str) -> None:
    assert INDEX.search(terms(text), 5)[0][0] == 1


@given(st.text(max_size=200))
def test_any_text_is_a_query(text: str) -> None:
    found = INDEX.search(terms(text), 3)
    assert {number for number, _ in found} <= {1, 2, 3}
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))


def test_a_question_of_ten_thousand_characters_is_a_query() -> None:
    assert INDEX.search(terms("rain and snow " * 714), 1)[0][0] == 1


def test_ties_come_by_number() -> None:
    index = WordIndex.build((n, "rain fell") for n in (9, 4, 7, 1))
    assert [number for number, _ in index.search(terms("rain"), 4)] == [1, 4, 7, 9]


def test_ties_that_would_be_cut_are_all_found() -> None:
    index = WordIndex.build((n, "rain fell") for n in range(100, 0, -1))
    assert [number for number, _ in index.search(terms("rain"), 5)][:5] == [1, 2, 3, 4, 5]


def test_an_index_grows_and_the_old_one_stays_as_it_was(tmp_path: Path) -> None:
    old = WordIndex.build(TEXTS.items(), tmp_path / "a")
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    grown = old.grown([(2**63 - 1, "Snow and rain.")], old=tmp_path / "a", new=tmp_path / "b")
    assert (len(old), len(grown)) == (3, 4)
    assert {number for number, _ in grown.search(terms("rain"), 5)} == {1, 2**63 - 1}
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == before
    whole = WordIndex.build([*TEXTS.items(), (2**63 - 1, "Snow and rain.")])
    assert WordIndex.open(tmp_path / "b").search(terms("rain fell"), 5) == whole.search(terms("rain fell"), 5)


def test_many_steps_of_growth_hold_the_same_as_one(tmp_path: Path) -> None:
    WordIndex.build([(0, "word0 rain")], tmp_path / "0")
    for n in range(1, 12):
        WordIndex.open(tmp_path / str(n - 1)).grown(
            [(n, f"word{n} rain")], old=tmp_path / str(n - 1), new=tmp_path / str(n)
        )
    index = WordIndex.open(tmp_path / "11")
    assert [number for number, _ in index.search(terms("rain"), 20)] == list(range(12))
    assert [index.search(terms(f"word{n}"), 1)[0][0] for n in range(12)] == list(range(12))


def test_an_empty_index_finds_nothing() -> None:
    assert WordIndex.build([]).search(terms("rain"), 5) == []


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Failed to open"):
        WordIndex.open(tmp_path / "missing")


def test_terms_come_in_order_and_are_folded_and_stemmed() -> None:
    assert terms("The Khawāja's ministers, 7,000!") == ["the", "khawaja", "s", "minist", "7", "000"]


def test_content_terms_leave_out_function_words_unless_there_is_nothing_else() -> None:
    assert content_terms("What did the minister say about rain?") == ["minist", "rain"]
    assert content_terms("Who was it?") == ["who", "was", "it"]


def test_rarity_is_that_of_bm25_with_some_texts_added_in_thought() -> None:
    assert INDEX.rarity("rain") == pytest.approx(math.log(1 + 52 / 2))
    assert INDEX.rarity("fell") == pytest.approx(math.log(1 + 51 / 3))
    assert INDEX.rarity("unheard") == pytest.approx(math.log(1 + 53 / 1))


def test_a_search_among_some_numbers_finds_no_others() -> None:
    found = INDEX.search(terms("rain fell"), 5, among=np.array([2, 3]))
    assert [number for number, _ in found] == [2]
    assert found[0][1] == dict(INDEX.search(terms("rain fell"), 5))[2]  # the score is the same as without
    assert INDEX.search(terms("rain"), 5, among=np.array([], np.int64)) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("khwaja", "khawaja"),
        ("kahwaja", "khawaja"),  # two letters swapped are one mistake
        ("khawaja", None),
        ("zardari", None),
        ("rainn", "rain"),
        ("ran", None),
        ("", None),
        ("afghanstn", "afghanistan"),
        ("afgan", None),
    ],
)
def test_a_word_that_is_not_here_is_respelled_as_one_that_is(typed: str, meant: str | None) -> None:
    index = WordIndex.build([(1, "Khawaja of Afghanistan saw rain")])
    assert index.respelled(typed) == meant


def test_a_word_that_is_here_is_never_respelled_and_of_several_the_most_frequent_is_meant() -> None:
    names = [(n, "Khawaja") for n in range(30)] + [(30, "Khwaja"), (31, "Khawajo")]
    index = WordIndex.build(names)
    assert index.respelled("khwaja") is None
    assert index.respelled("khawaji") == "khawaja"


def test_the_vocabulary_grows_with_the_index(tmp_path: Path) -> None:
    old = WordIndex.build([(1, "rain")], tmp_path / "a")
    assert old.respelled("khwaja") is None
    new = old.grown([(2, "Khawaja")], old=tmp_path / "a", new=tmp_path / "b")
    assert new.respelled("khwaja") == "khawaja"


SCRIPTS = {
    "zh": "停火于周一结束。部长说有十二人死亡。",
    "ja": "停戦は月曜日に終わった。大臣は答えなかった。",
    "th": "การหยุดยิงสิ้นสุดแล้วเมื่อวันจันทร์ รัฐมนตรีไม่ตอบ",
    "ko": "정전은 월요일에 끝났다. 장관은 대답하지 않았다.",
    "km": "បទឈប់បាញ់បានបញ្ចប់នៅថ្ងៃចន្ទ",
    "my": "အပစ်အခတ်ရပ်စဲရေး ပြီးဆုံးသွားသည်",
    "ar": "انتهى وقف إطلاق النار يوم الاثنين",
    "ru": "Перемирие закончилось в понедельник, сельскохозяйственный министр молчал.",
    "de": "Die Waffenruhe endete am Montag, sagte die Außenministerin.",
    "hi": "युद्धविराम सोमवार को समाप्त हुआ",
    "el": "Η εκεχειρία έληξε τη Δευτέρα",
}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("停火", "zh"),
        ("部长", "zh"),
        ("死亡人数", "zh"),
        ("停戦", "ja"),
        ("大臣", "ja"),
        ("หยุดยิง", "th"),
        ("รัฐมนตรี", "th"),
        ("정전이", "ko"),
        ("장관", "ko"),
        ("បទឈប់", "km"),
        ("ပြီးဆုံး", "my"),
        ("إطلاق", "ar"),
        ("перемирие", "ru"),
        ("СЕЛЬСКОХОЗЯЙСТВЕННЫЙ", "ru"),
        ("waffenruhe", "de"),
        ("AUSSENMINISTERIN", "de"),
        ("युद्धविराम", "hi"),
        ("εκεχειρία", "el"),
    ],
)
def test_words_of_any_script_are_found(asked: str, language: str) -> None:
    names = list(SCRIPTS)
    index = WordIndex.build(enumerate(SCRIPTS.values()))
    assert names[index.search(terms(asked), 1)[0][0]] == language


def test_scripts_without_spaces_have_pairs_of_letters_as_terms() -> None:
    assert terms("停火了 in 2023年") == ["停火", "火了", "in", "2023", "年"]
    assert terms("火") == ["火"]
    assert terms("停火，部长") == ["停火", "部长"]
    assert all(len(term) > 1 for term in terms("การหยุดยิงสิ้นสุดแล้วเมื่อวันจันทร์"))


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Wann endete die Waffenruhe?", "de", "endete waffenruhe"),
        ("Quand le cessez-le-feu a-t-il pris fin ?", "fr", "cessez feu pris fin"),
        ("¿Cuándo terminó el alto el fuego?", "es", "terminó alto fuego"),
        ("Когда закончилось перемирие?", "ru", "закончилось перемирие"),
        ("停火什么时候结束？", "zh", "停火 结束"),
        ("停戦はいつ終わりましたか", "ja", "停戦 終わり"),
        ("Quando?", "it", "Quando?"),
        ("When did it end?", "en", "end"),
        ("Kdy skončilo příměří?", "cs", "Kdy skončilo příměří"),
    ],
)
def test_content_terms_of_other_languages(question: str, language: str, expected: str) -> None:
    assert content_terms(question, language=language) == terms(expected)
