"""Sentences about another person, year or code than the question is about."""

from dataclasses import replace

import pytest

from rag.citations import Checker
from rag.citations.others import about_another, merges
from rag.testing import ToyEmbedder
from rag.types import Evidence
from tests.citations.sources import evidence

PRISON = (
    "Senator Rod Lind was freed on Tuesday. Lind had been in prison. Mayor Mia Berg was freed as well. "
    "Berg served eight years. In addition, she wrote two books. Lind and Berg met. "
    "Berg said he had served well. The Jane Fund gave money."
)


def told(question: str, text: str, sentence: str, *, published: str | None = None, speaker: str | None = None) -> str:
    """Return what is wrong with the sentence that begins so, as an answer, "" where nothing is."""
    span = next(e for e in evidence(text) if e.quote.startswith(sentence))
    origin = replace(span.article.origin, published=published)
    article = replace(span.article, origins=(origin,))
    return about_another(question, Evidence(article, span.start, span.end, speaker=speaker)) or ""


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        ("How many years had Lind done?", "Berg served", "it is about Berg"),
        ("How many years had Rod Lind done?", "Berg served", "it is about Berg"),
        ("How many books did Lind write?", "In addition, she", "it is about Berg"),
        ("How many books did Berg write?", "In addition, she", ""),
        ("How many years had Berg done?", "Berg served", ""),
        ("Who served eight years beside Lind?", "Berg served", ""),
        ("How many years had Lind's friend done?", "Berg served", ""),
        ("How many years did Lind say Berg had done?", "Berg served", ""),
        ("When did Lind meet her?", "Lind and Berg", ""),
        ("How did Lind serve?", "Berg said he", ""),
        ("How much did Lind get?", "The Jane Fund", ""),
        ("How many years had Nowak done?", "Berg served", ""),
        ("How many years were served?", "Berg served", ""),
        ("How many books did Rod Lind write when Berg was freed?", "In addition, she", "it is about Berg"),
        ("How many books did the senator, Rod Lind, write as Berg wrote?", "In addition, she", "it is about Berg"),
        ("How many books did friends of Lind write as Berg wrote?", "In addition, she", ""),
        ("How many books did Lind say Berg had written?", "In addition, she", ""),
    ],
)
def test_a_sentence_about_another_person_is_no_answer(question: str, sentence: str, wrong: str) -> None:
    assert told(question, PRISON, sentence) == wrong


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (
            "How long did Lind lead the library?",
            "Lind followed Berg, who had led it for two years.",
            "it is about Berg",
        ),
        ("How long did Lind lead the library?", "Lind led it after Berg, who had led it for two years.", ""),
        ("How long did Lind lead the library?", "Lind, who led it for two years, followed Berg.", ""),
        ("How long did Lind lead the library?", "Berg followed the man who had led it for Lind.", ""),
        ("How long did Lind lead the library?", "Lind joined Pilots, who had led it for two years.", ""),
        ("Whom did Lind follow?", "Lind followed Berg, who had led it for two years.", ""),
        ("When did Lind resign?", "Lind followed Berg, who had led it for two years.", ""),
    ],
)
def test_what_is_told_of_another_within_a_sentence_is_no_answer(question: str, sentence: str, wrong: str) -> None:
    assert told(question, f"{PRISON} {sentence}", sentence) == wrong


def test_a_claim_does_not_rest_on_what_is_told_of_another_within_a_sentence() -> None:
    sources = evidence(f"{PRISON} Lind followed Berg, who had led the library for two years.")
    checker = Checker("What of the library?", sources, ToyEmbedder())
    assert checker.check("Lind had led the library for two years.")[0].missing == ("a source is about Berg",)
    assert not checker.check("Berg had led the library for two years.")[0].withheld


def test_what_somebody_says_of_themselves_is_about_them() -> None:
    text = PRISON + " I got my doctorate in Riverton."
    assert told("Where did Lind get a doctorate?", text, "I got", speaker="Mia Berg") == "it is about Mia Berg"
    assert told("Where did Berg get a doctorate?", text, "I got", speaker="Mia Berg") == ""
    assert told("Where did Lind get a doctorate?", text, "I got") == ""


@pytest.mark.parametrize(
    ("question", "words", "speaker", "wrong"),
    [
        ("What killed Rod Lind?", "Her daughter Mia Berg said it was the heart.", "Mia Berg", ""),
        ("What killed Rod Lind?", "Berg said that her heart failed.", "Mia Berg", "it is about Berg"),
        ("Did they pay for Lind?", "Berg denied that they had paid.", "Mia Berg", ""),
        ("Did they pay for Lind?", "Berg had paid for nobody.", None, "it is about Berg"),
        ("What did Lind ask?", "“He asked for bread,” Berg said.", "Mia Berg", ""),
        ("How old was Rod Lind?", "She was 52, she said.", "Mia Berg", "it is about Berg"),
    ],
)
def test_what_somebody_says_may_be_about_anybody(question: str, words: str, speaker: str | None, wrong: str) -> None:
    assert told(question, f"{PRISON} {words}", words[:16], speaker=speaker) == wrong


def test_whose_relative_somebody_is_does_not_make_the_next_sentence_about_them() -> None:
    text = f"{PRISON} Rod Lind died. Her daughter Mia Berg wept. She was born in Alm."
    assert told("Where was Rod Lind born?", text, "She was born") == ""
    assert told("Where was Rod Lind born?", f"{PRISON} Mia Berg wept. She was born in Alm.", "She was born")
    text = f"{PRISON} Mia Berg wept. Her husband Rod Lind laughed. He was born in Alm."
    assert told("Where was Rod Lind born?", text, "He was born") == ""


@pytest.mark.parametrize(
    ("question", "text", "wrong"),
    [
        ("Did the prime minister resign?", "The interior minister resigned.", "it is about the interior minister"),
        ("Did the interior minister resign?", "The interior minister resigned at noon.", ""),
        ("Did the prime minister resign?", "The interior minister left with the prime minister.", ""),
        ("Did the prime minister resign?", "The interior minister said he had resigned.", ""),
        ("Did the prime minister resign?", "She resigned at noon, as had the interior minister.", ""),
        ("Did the mayor resign?", "The mayor's chief of staff resigned.", "it is about another than the mayor"),
        ("Did the mayor resign?", "The deputy mayor resigned.", "it is about another than the mayor"),
        ("Did the mayor resign?", "The mayor’s aide followed the mayor.", ""),
        ("Did the mayor resign?", "The mayor resigned.", ""),
        ("Did the mayor resign?", "The mayor's resignation was accepted.", ""),
        ("Why did the mayor resign?", "The mayor's aide had lied to parliament.", ""),
        ("Did the defense secretary resign?", "The defence minister resigned.", ""),
        ("Did the environment minister quit?", "The environment and energy minister quit.", ""),
        ("Did Prime Minister Theresa May quit?", "Home Secretary Theresa May quit.", ""),
        ("Did the prime minister resign?", "The interior minister warned that it may come.", ""),
        ("Who is the mayor's deputy?", "The mayor's deputy is new.", ""),
        ("Did the deputy mayor resign?", "The deputy mayor resigned.", ""),
        ("Did the deputy mayor follow the mayor?", "The deputy mayor took over.", ""),
    ],
)
def test_a_sentence_about_another_office_is_no_answer(question: str, text: str, wrong: str) -> None:
    assert told(question, text, text[:5]) == wrong


def test_a_claim_about_an_office_does_not_rest_on_another() -> None:
    sources = evidence("The interior minister of Marovia handed in her resignation at noon.")
    assert merges("Marovia's prime minister resigned at noon.", sources) == "a source is about the interior minister"
    assert merges("Marovia's interior minister resigned at noon.", sources) is None
    deputy = evidence("The deputy mayor, Berg, took over on Monday.")
    assert merges("The deputy mayor took over from the mayor.", deputy) is None
    assert merges("The mayor took over on Monday.", deputy) == "a source is about another than the mayor"
    assert merges("The prime minister resigned.", [*sources, *evidence("The prime minister resigned too.")]) is None


@pytest.mark.parametrize(
    ("question", "text", "published", "wrong"),
    [
        ("Who won in 2018?", "In 2019 Lind won.", "2019-12-14", "it is about 2019"),
        ("Who won in 2018?", "In 2019 Lind won.", "2018-12-14", ""),
        ("Who won in 2019?", "In 2019 Lind won.", None, ""),
        ("Who won in the 1970s?", "In 1972 Lind won.", None, ""),
        ("Who won in 2018?", "Lind won.", None, ""),
        ("Who won in 2018?", "Lind won 2019 votes.", "2018-01-01", ""),
        ("Who won more than 2,018 votes?", "In 2019 Lind won.", None, ""),
        ("How long is a year on K2-33b?", "A year on K2-18b takes 33 days.", None, "it is about K2-18b"),
        ("How long is a year on K2-18b?", "A year on K2-18b takes 33 days.", None, ""),
        ("How many died of COVID-19?", "Of the virus 33 died in E-5 rooms.", None, ""),
        ("How fast is an F-16?", "An F-35 is fast.", None, "it is about F-35"),
    ],
)
def test_a_sentence_about_another_year_or_code_is_no_answer(
    question: str, text: str, published: str | None, wrong: str
) -> None:
    assert told(question, text, text[:3], published=published) == wrong


def test_a_year_told_before_holds_on() -> None:
    text = "The year 2018 was dry. Rain came in 2019 alone."
    assert told("When did rain come after 2018?", text, "Rain came") == ""


def test_it_is_neither_shown_nor_quoted() -> None:
    sources = evidence(PRISON)
    checker = Checker("How many years had Lind done?", sources, ToyEmbedder())
    berg = next(e for e in sources if e.quote.startswith("Berg served"))
    assert list(checker.quote(berg)) == []
    claim, citations = checker.check("Berg served eight years.")
    assert (claim.withheld, claim.missing, citations) == (True, ("it is about Berg",), ())


COURT = (
    "Petra Norling, his former assistant, was fined 40,000 crowns and lost her post. Norling typed the permits. "
    "Viktor Hallgren took bribes from six builders, the court found. Hallgren was the head of planning."
)


def test_two_people_are_not_put_into_one_claim() -> None:
    checker = Checker("Did Petra Norling take bribes?", evidence(COURT), ToyEmbedder())
    claim, citations = checker.check("Petra Norling took bribes from six builders and was fined 40,000 crowns.")
    assert (claim.withheld, citations) == (True, ())
    assert merges("Petra Norling took bribes.", evidence(COURT)[:3]) == "a source is about Viktor Hallgren"
    assert merges("Petra Norling was fined and typed the permits.", evidence(COURT)[:2]) is None
    assert merges("Permits were typed.", evidence(COURT)) is None


def test_in_an_interview_what_the_other_says_is_no_answer() -> None:
    text = (
        "Q: What of the bridge?\n\nAnn Poe: The bridge fell in May and was rebuilt of steel.\n\nQ: And you?\n\n"
        "Jan Nowak: I was ten and the bridge was old. Poe told me so.\n\nQ: When?\n\nAnn Poe: In May, I said.\n\n"
        "Q: When?\n\nJan Nowak: In May, I said."
    )
    names = {"Ann Poe": ("fell", "said"), "Jan Nowak": ("ten", "told")}
    sources = [
        replace(e, speaker=next((name for name, words in names.items() if any(w in e.quote for w in words)), None))
        for e in evidence(text)
    ]
    checker = Checker("What did Jan Nowak say of the bridge?", sources, ToyEmbedder(), asked_of=["Jan Nowak"])
    claim, _ = checker.check("Jan Nowak said the bridge fell in May and was rebuilt of steel.")
    assert claim.withheld
    checker = Checker("What did Ann Poe say of the bridge?", sources, ToyEmbedder(), asked_of=["Ann Poe"])
    claim, _ = checker.check("Ann Poe said the bridge fell in May and was rebuilt of steel.")
    assert not claim.withheld


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Was the mill fire arson?", False),
        ("Was the mill fire started on purpose?", False),
        ("Was the mill rebuilt after the fire?", False),
        ("Were workers injured in the mill fire?", True),
        ("Was anybody hurt in the mill fire?", True),
        ("Did anybody die in the mill fire?", False),
        ("What of the mill fire?", True),
        ("Is there a mill?", True),
    ],
)
def test_a_sentence_that_evades_a_yes_or_no_is_no_answer(question: str, *, answers: bool) -> None:
    [span] = evidence("The fire at the mill injured seven workers.", title="Mill fire")
    assert bool(list(Checker(question, [span], ToyEmbedder()).quote(span))) == answers


def test_a_sentence_that_evades_it_gives_way_where_another_does_not() -> None:
    evading, telling = evidence("The fire at the mill was on Monday. Nobody was injured.", title="Mill fire")
    for telling_more, withheld in ((0.9, True), (0.1, False)):
        sources = [replace(evading, probability=0.5), replace(telling, probability=telling_more)]
        checker = Checker("Was anybody hurt in the mill fire?", sources, ToyEmbedder())
        claim, _ = checker.check("The fire at the mill was on Monday.")
        assert claim.withheld == withheld
        assert ("another sentence tells whether it is so" in claim.missing) == withheld
