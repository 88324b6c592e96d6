"""An answer as HTML: escaped, marked in place, in an order that does not change while it grows."""

import re
from dataclasses import replace

import pytest

from rag.index.rows import Withdrawal
from rag.retrieval.said import Said
from rag.types import (
    Answer,
    Article,
    Checked,
    Claim,
    Draft,
    Evidence,
    Filters,
    Found,
    Origin,
    Passage,
    Query,
    Statement,
    Timings,
)
from rag.web import answers, notices
from rag.web.judging import REASONS
from tests.web.helpers import ARTICLE, CITATION, HIT, answer


def test_text_of_articles_questions_and_answers_is_escaped() -> None:
    html = answers.answer(0, answer()) + answers.question(0, "<img src=x>") + answers.failed(0, "<u>", "<img>")
    html += answers.about(Origin("x", "Title", published="<s>2023</s>"))
    for tag in ("<script>", "<i>", "<img", "<u>", "<b>Title</b></b>", "<s>"):
        assert tag not in html
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt; said *no* &amp; left.</mark>" in html


def test_a_message_is_one_line_so_that_no_markdown_is_read_in_it() -> None:
    assert "\n" not in answers.answer(0, answer()) + answers.question(0, "a\n\nb")


def test_quotes_cannot_end_an_attribute() -> None:
    origin = Origin("x", 'a" onclick="alert(1)')
    article = Article("b" * 32, "He left.", (origin,))
    html = answers.answer(0, answer(hits=(), citations=(), claims=(Claim('" autofocus onfocus="', "supported"),)))
    html += answers.about(article.origin) + answers.question(0, '" onload="')
    assert not re.search(r'<[^>]*" on', html)


def test_a_marker_names_its_source_and_opens_the_exact_span() -> None:
    html = answers.answer(3, answer())
    assert 'data-source="source-3-1"' in html
    assert 'id="source-3-1"' in html
    assert f'data-article="{ARTICLE.id}" data-start="{CITATION.start}" data-end="{CITATION.end}"' in html
    assert 'aria-label="Source 1: &lt;b&gt;Title&lt;/b&gt;"' in html


def test_a_part_of_the_question_that_is_not_answered_is_told() -> None:
    html = answers.answer(0, answer(unanswered=("who <sat>?",)))
    assert "Not in these articles: “who &lt;sat&gt;?”" in html


def test_a_refusal_shows_the_nearest_article_and_no_citation() -> None:
    html = answers.answer(0, answer(claims=(), citations=(), refused=True, reason="not-in-evidence"))
    assert "Not in these articles." in html
    related = f'<li><button type="button" class="link" data-do="open" data-article="{ARTICLE.id}"'
    assert related in html.split("Related, not an answer:")[1]
    assert "<mark>" not in html


def test_what_is_about_something_else_is_not_called_related() -> None:
    far = replace(HIT, score=0.05)
    html = answers.answer(0, answer(hits=(far,), claims=(), citations=(), refused=True, reason="not-in-evidence"))
    assert "Related" not in html
    assert 'class="strip"' not in html
    assert 'class="strip"' in answers.answer(0, answer(hits=(far,))), "it is cited"
    near = tuple(replace(HIT, article=replace(ARTICLE, id=f"{i}" * 32), score=0.5) for i in range(5))
    assert len(answer(hits=(*near, near[0], far)).related) == 3


def test_a_later_version_is_named_beneath_its_source_and_its_title_is_escaped() -> None:
    later = Article("b" * 32, "He came back.", (Origin(path="y.txt", title="<i>Later</i>", published="2023-04-12"),))
    told = 'A later version of this story: <b dir="auto">&lt;i&gt;Later&lt;/i&gt;</b> · <span class="day">2023-'
    assert told in answers.answer(0, answer(hits=(replace(HIT, later=later),)))
    assert told not in answers.answer(0, answer())


def test_a_language_that_the_embedder_does_not_know_is_said() -> None:
    note = "the question is in German, which toy does not know: words carry the search"
    assert f'<span class="chip">{note}</span>' in answers.answer(
        0, answer(query=Query("Who?", language="de", note=note))
    )


def test_the_page_of_a_cited_sentence_is_told() -> None:
    paged = replace(ARTICLE, origins=(replace(ARTICLE.origin, pages=(0, CITATION.start - 1)),))
    html = answers.answer(0, answer(hits=(), citations=(replace(CITATION, article=paged),)))
    assert " · page 2</span>" in html
    assert "page" not in answers.answer(0, answer(hits=()))


def test_withheld_sentences_are_counted_and_struck_in_a_closed_panel() -> None:
    invented = Claim("Invented.", "unsupported", withheld=True, missing=("'90' is not in the source",))
    html = answers.answer(0, answer(claims=(*answer().claims, invented)))
    shown, panel = html.split('<details class="withheld">')
    assert "Invented" not in shown
    assert "1 sentence left out" in panel
    assert "<s>Invented.</s>" in panel
    assert "not supported: &#x27;90&#x27; is not in the source" in panel


def test_a_partly_supported_sentence_says_what_is_missing() -> None:
    claim = Claim("Rain fell.", "partly", (1,), missing=("'<b>' is not in the source",))
    html = answers.answer(1, Answer("Rain?", Query("Rain?"), (), claims=(claim,)))
    assert "(partly supported; &#x27;&lt;b&gt;&#x27; is not in the source)</span>" in html


def test_what_was_searched_is_shown_as_chips_where_it_is_more_than_the_question() -> None:
    within = Filters(from_="2023-04-01", sources=("A & B",), articles=("x", "y"))
    query = Query(
        "Who left <them>?", after="Who <came>?", respelled=(("Khwaja", "khawaja"),), filters=within, undated=2
    )
    html = answers.answer(0, answer(question="And them?", query=query))
    assert 'data-do="search" data-turn="0" aria-label="Change: Who left &lt;them&gt;?"' in html
    for words in ("only since 2023-04-01 (2 undated left out)", "only from A &amp; B", "only in 2 chosen articles"):
        assert f">{words}</button>" in html
    assert [re.findall(r'data-limit="(\w+)"', html)] == [["dates", "sources", "articles"]]
    assert "Khwaja also as khawaja" in html
    assert "going on from “Who &lt;came&gt;?”" in html
    assert "Searched" not in answers.answer(0, answer(question="Who?", query=Query("Who?")))


def test_of_several_who_may_be_meant_one_can_be_chosen() -> None:
    query = Query("What did Khan say?", speakers=("Imran <Khan>", "Aamir Khan"))
    html = answers.answer(2, answer(question=query.text, query=query))
    choice = 'data-do="retry" data-turn="2" data-whole="What did Imran &lt;Khan&gt; say?"'
    assert choice in html
    assert ">Imran &lt;Khan&gt;?</button>" in html
    assert ">Aamir Khan?</button>" in html


def test_days_that_are_only_preferred_can_be_changed_not_dropped() -> None:
    query = Query("Who?", from_="2023-04-01", to="2023-04-30")
    html = answers.answer(0, answer(query=query))
    assert ">preferring 2023-04-01 to 2023-04-30</button>" in html
    assert 'data-do="drop"' not in html


def test_why_is_closed_and_tells_ranks_verdicts_time_and_models() -> None:
    html = answers.answer(
        0,
        answer(
            claims=(Claim("He left.", "supported", (1,), probability=0.93),),
            evidence=(Evidence(ARTICLE, 3, 9, probability=0.12), Evidence(ARTICLE, 0, 2, probability=0.61)),
            timings=Timings(search_s=0.04, total_s=2.5, prompt_tokens=300, answer_tokens=20),
            models={"llm": "small", "embedder": "toy", "reranker": None},
            confidence=0.8,
        ),
    )
    panel = html.split('<details class="why">')[1]
    for told in ("Why this answer", "0.50", "#1", "0.93", "passages found after 0.04 s", "300 tokens", "llm small"):
        assert told in panel
    assert "reranker" not in panel
    read = panel.split("<caption>Sentences read</caption>")[1]
    assert re.findall(r'data-start="(\d+)"|<td>(0\.\d\d)</td>', read)[:4] == [
        ("0", ""),
        ("", "0.61"),
        ("3", ""),
        ("", "0.12"),
    ]


def test_of_an_article_that_is_gone_why_shows_no_sentence() -> None:
    gone = Article(ARTICLE.id, "", (Origin("", "An article that is not here any more"),))
    html = answers.answer(0, answer(evidence=(Evidence(gone, 0, 2),)))
    assert "Sentences read" not in html


def test_a_copy_that_was_cut_is_told_in_why_not_in_the_strip() -> None:
    cut = replace(HIT, kept=False, why="says the same as another")
    html = answers.answer(0, answer(hits=(cut,), citations=(), claims=(Claim("He left."),)))
    assert "says the same as another" in html
    assert 'class="strip"' not in html


def test_what_stands_around_a_cited_sentence_ends_between_words() -> None:
    text = f"{'Snow lay. ' * 40}He left. {'Rain fell. ' * 40}"
    article, start = Article("c" * 32, text, ARTICLE.origins), text.index("He left.")
    cited = replace(CITATION, article=article, start=start, end=start + len("He left."))
    html = answers.answer(0, answer(hits=(), citations=(cited,)))
    around = html.split('class="passage" dir="auto">')[1].split("</div>")[0]
    assert re.fullmatch(r"… (\w+\.? )+<mark>He left\.</mark>( \w+\.?)+ …", around)
    words = set(re.findall(r"\w+", around.replace("mark", "")))
    unspaced = replace(article, text="雪" * 400 + "He left." + "雨" * 400)
    html = answers.answer(0, answer(hits=(), citations=(replace(cited, article=unspaced, start=400, end=408),)))
    assert (html.count("雪"), html.count("雨")) == (320, 320), "nothing tells where a word ends"
    assert words == {"Snow", "lay", "He", "left", "Rain", "fell"}


def test_articles_read_stand_in_the_order_of_their_best_hits() -> None:
    other = Article("b" * 32, "He left.", (Origin("y.txt", "Other"),))
    hits = (HIT, replace(HIT, article=other), replace(HIT, passage=Passage(ARTICLE.id, 3, 9)))
    html = answers.answer(0, answer(hits=hits, citations=()))
    strip = html.split('class="strip"')[1].split("</div>")[0]
    assert re.findall(r'data-article="(\w)\w+" data-start="(\d+)"', strip) == [("a", "0"), ("b", "0")]


def test_an_article_that_changed_since_is_flagged() -> None:
    gone = Article(ARTICLE.id, "", (Origin("", "An article that is not here any more"),))
    kept = answer(hits=(), citations=(replace(CITATION, article=gone),))
    withdrawn = Withdrawal(ARTICLE.id, "2023-05-01T10:00:00", "c" * 32, by_hand=False)
    html = answers.answer(0, kept, gone={ARTICLE.id: withdrawn})
    assert "An article cited here was corrected on 2023-05-01." in html
    assert f'data-article="{"c" * 32}"' in html
    assert "What it said is not kept." in html
    assert "is not here any more." in answers.answer(0, kept, gone={ARTICLE.id: None})


def test_a_judgement_is_shown() -> None:
    assert "Noted: wrong source" in answers.answer(0, answer(), judged="source")
    html = answers.answer(0, answer())
    assert "Noted" not in html
    assert re.findall(r'data-do="judge" data-turn="0" data-reason="(\w+)"', html) == list(REASONS)


class TestProgress:
    """An answer in the making."""

    def test_the_place_in_the_queue_is_shown_before_and_after_the_search(self) -> None:
        shown = answers.Progress(turn=0, question="Who?").waiting(2)
        assert "2 answers before yours" in shown.html()
        shown = shown.found(Found(Query("Who?"), (HIT,))).waiting(1)
        assert "1 answer before yours" in shown.html()
        assert "before yours" not in shown.waiting(0).html()

    def test_the_running_draft_is_told_apart(self) -> None:
        shown = answers.Progress(turn=0, question="Who?").found(Found(Query("Who?"), (HIT,))).draft(Draft("Some").text)
        assert '<span class="draft">Some</span>' in shown.html()
        assert "Not yet checked" in shown.html()

    def test_what_stands_above_the_text_does_not_change_while_it_grows(self) -> None:
        shown = answers.Progress(turn=0, question="Who?").found(Found(Query("Who?"), (HIT,)))
        grown = shown.draft("Some").checked(Checked(answer().claims[0], (CITATION,)))
        finished = answers.answer(0, answer())
        heads = [html.split('class="text"')[0].count("<button") for html in (grown.html(), finished)]
        assert heads == [1, 1]
        assert shown.html().count('class="strip"') == grown.html().count('class="strip"') == 1


def test_statements_are_listed_with_who_speaks_and_escaped() -> None:
    text = "Asif said <b>no</b>."
    said = Said(Article("a" * 32, text, (Origin("a.txt", "T"),)), Statement(0, len(text), "Asif & Co", direct=False))
    html = notices.statements("<i>", [said])
    assert "Asif said &lt;b&gt;no&lt;/b&gt;." in html
    assert "said by Asif &amp; Co" in html
    assert "No statement by &lt;i&gt; was found" in notices.statements("<i>", [])


def test_without_articles_or_a_model_the_page_says_what_to_do() -> None:
    assert "Upload files" in notices.welcome({"articles": 0, "passages": 0})
    assert "1 article · 8 passages" in notices.welcome({"articles": 1, "passages": 8})
    assert "rag models fetch &lt;x&gt;" in notices.no_model("<x>", is_here=False)
    assert "start without RAG_EXTRACTIVE" in notices.no_model("<x>", is_here=True)


@pytest.mark.parametrize(
    ("servers", "said"), [((), "answered on this machine"), (("a.example",), "answered with models at a.example")]
)
def test_the_page_says_where_questions_go(servers: tuple[str, ...], said: str) -> None:
    assert said in notices.welcome({"articles": 1, "passages": 8}, servers)


def test_an_answer_that_was_stopped_is_not_said_to_be_missing_in_the_articles() -> None:
    html = answers.answer(0, answer(refused=True, reason="cancelled", claims=(), citations=()))
    assert "Stopped." in html
    assert "Not in these articles" not in html
