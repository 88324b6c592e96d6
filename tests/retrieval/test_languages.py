"""Articles and questions in languages that the embedder does not know: words carry the search, and people are told."""

from datetime import date

import pytest

from rag.retrieval import Retriever, describe, read
from rag.types import ALL, Query
from tests.retrieval.conftest import Build

ENGLISH = frozenset({"en"})
ARTICLES = {
    "de": "Die Waffenruhe endete am Montag um Mitternacht. Der Minister sagte, zwölf Menschen seien gestorben.",
    "fr": "Le cessez-le-feu a pris fin lundi à minuit. Le ministre a dit que douze personnes étaient mortes.",
    "es": "El alto el fuego terminó el lunes a medianoche. El ministro dijo que doce personas habían muerto.",
    "ru": "Перемирие закончилось в понедельник в полночь. Министр сказал, что погибли двенадцать человек.",
    "zh": "停火于周一午夜结束。部长说，有十二人死亡。",
    "en": "The ceasefire ended on Monday at midnight. The minister said that twelve people had died.",
}
OTHERS = (
    "Der Regen fiel in den Bergen, und die Bauern der Region warten auf die Ernte der Äpfel.",
    "La pluie est tombée sur les collines, et les agriculteurs attendent la récolte des pommes.",
    "La lluvia cayó sobre las colinas y los agricultores esperan la cosecha de manzanas.",
    "Дождь шёл в горах, и крестьяне этого района ждут урожая яблок.",
    "雨落在山上，农民们等待苹果的收成。",
    "Rain fell in the hills, and the farmers of the region wait for the harvest of apples.",
)
QUESTIONS = {
    "de": "Wann endete die Waffenruhe?",
    "fr": "Quand le cessez-le-feu a-t-il pris fin ?",
    "es": "¿Cuándo terminó el alto el fuego?",
    "ru": "Когда закончилось перемирие?",
    "zh": "停火什么时候结束？",
    "en": "When did the ceasefire end?",
}


def ask(retriever: Retriever, question: str) -> Query:
    return read(question, retriever._index, filters=ALL, today=date(2023, 4, 20))


@pytest.mark.parametrize("language", QUESTIONS)
def test_words_find_the_article_in_the_language_of_the_question(build: Build, language: str) -> None:
    retriever = build(*ARTICLES.values(), *OTHERS, languages=ENGLISH)
    query = ask(retriever, QUESTIONS[language])
    hits = retriever.search(query, k=3)
    assert query.language == language
    assert hits[0].article.text == ARTICLES[language]
    [*_, best] = retriever.evidence(query, hits, max_tokens=60, enough=0.8)
    assert best.quote.startswith(ARTICLES[language][:10])


def test_a_vector_that_means_nothing_counts_for_nothing(build: Build) -> None:
    """The toy embedder sees goggles in one article, as a real one sees chance likenesses in a language not its own."""
    noise = "Goggles goggles goggles. Der Regen fiel in den Bergen, und die Bauern warten auf die Ernte der Äpfel."
    retriever = build(ARTICLES["de"], noise, languages=ENGLISH)
    query = ask(retriever, "Wann endete die Waffenruhe, fragt der Verkäufer von Goggles?")
    unread = {hit.article.text: hit.score for hit in retriever.search(query, k=2)}
    retriever._embedder.languages = None
    read_ = {hit.article.text: hit.score for hit in retriever.search(query, k=2)}
    assert unread[noise] < read_[noise] / 2
    assert unread[ARTICLES["de"]] > 2 * unread[noise]


def test_an_article_in_another_language_is_unread_for_any_question(build: Build) -> None:
    noise = "Goggles goggles goggles. Der Regen fiel in den Bergen, und die Bauern warten auf die Ernte der Äpfel."
    retriever = build(noise, "Goggles were seen on the hills.", languages=ENGLISH)
    query = ask(retriever, "Who has seen the goggles on the hills?")
    assert retriever._unread(query, set(retriever._index.catalogue.article_ids())) == {
        hit.article.id for hit in retriever.search(query, k=2) if hit.article.text == noise
    }


def test_it_is_said_in_one_line(build: Build) -> None:
    retriever = build(ARTICLES["de"], languages=ENGLISH)
    query = ask(retriever, QUESTIONS["de"])
    note = "the question is in German, which toy does not know: words carry the search"
    assert (query.note, describe(query)) == (note, [note])
    assert ask(retriever, QUESTIONS["en"]).note is None


def test_nothing_is_claimed_of_an_embedder_whose_languages_are_not_known(build: Build) -> None:
    query = ask(build(ARTICLES["de"]), QUESTIONS["de"])
    assert (query.language, query.note) == ("de", None)
