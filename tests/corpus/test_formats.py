"""Every kind of file as people have it: what is its story, and what is known of it."""

import csv
import io
import json
import zipfile

import pytest

from rag.corpus import Skipped
from rag.types import Article
from tests.corpus.reading import article, read_bytes, reason
from tests.files import HEADERS, STORY, docx, message, page, paragraph, pdf, table, wrapped, zipped


class TestPages:
    """HTML."""

    def test_the_story_is_read_and_what_stands_around_it_is_not(self) -> None:
        text = article("a.html", page().encode()).text
        assert text == "\n\n".join(
            [
                "Dam repair delayed",
                *STORY[:2],
                "What comes next",
                "Draining starts in September.\nThe road stays closed.",
                "Year | Cost\n2021 | 40 million",
                STORY[2],
            ]
        )

    def test_a_page_tells_title_author_site_address_language_and_moment(self) -> None:
        origin = article("a.html", page().encode()).origin
        assert (origin.title, origin.author, origin.source) == ("Dam repair delayed", "Ann Writer", "The Valley Post")
        assert (origin.url, origin.language) == ("https://valley.example/2021/dam", "en-GB")
        assert origin.published == "2021-06-03T14:20:00+02:00"

    def test_the_moment_may_stand_in_json_ld(self) -> None:
        meta = '<meta property="article:published_time" content="2021-06-03T14:20:00+02:00">'
        script = json.dumps({"@graph": [{"@type": "NewsArticle", "datePublished": "2021-06-04T08:00:00Z"}]})
        html = page().replace(meta, f'<script type="application/ld+json">{script}</script>')
        assert article("a.html", html.encode()).origin.published == "2021-06-04T08:00:00+00:00"

    def test_a_few_words_are_a_text_too(self) -> None:
        assert article("a.htm", b"<title>Rain</title><p>It rained.<p>It snowed.").text == "It rained.\n\nIt snowed."

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
    def test_the_declared_encoding_is_honoured(self, encoding: str) -> None:
        html = page().replace('charset="utf-8"', f'charset="{encoding}"')
        assert STORY[1] in article("a.html", html.encode(encoding)).text

    def test_japanese_in_seven_bits_is_read_as_it_declares(self) -> None:
        html = '<meta http-equiv="Content-Type" content="text/html; charset=iso-2022-jp"><p>雨が降った。</p>'
        assert article("a.html", html.encode("iso-2022-jp")).text == "雨が降った。"

    @pytest.mark.parametrize("declared", ["hex", "zip", "punycode", "nonsense", "undefined", "unicode_escape"])
    def test_an_encoding_that_is_none_is_ignored(self, declared: str) -> None:
        html = f'<meta charset="{declared}"><p>It rained at the café.</p>'
        assert article("a.html", html.encode()).text == "It rained at the café."

    def test_a_page_made_by_scripts_is_named(self) -> None:
        assert "made by scripts" in reason("a.html", b"<html><body><script>render()</script></body></html>")


COLUMN = (
    "The water board of the Lind valley had promised that the repairs would be finished before the winter, but an "
    "extraordinary investigation by independent engineers showed that the foundations of the second gate are "
    "considerably weaker than the construction documents claim. Representatives of the municipality objected."
)
HEADER = [(60.0, 800.0, 9.0, "The Valley Post"), (300.0, 800.0, 9.0, "3 June 2021")]


class TestPDF:
    """PDF files, as they are typeset."""

    def test_lines_become_paragraphs_and_cut_words_whole(self) -> None:
        lines = wrapped(STORY[0], 48, x=60, y=760)
        lines += wrapped(COLUMN, 46, x=60, y=lines[-1][1] - 24)
        assert any(text.endswith("-") for *_, text in lines)
        assert article("a.pdf", pdf([lines])).text == f"{STORY[0]}\n\n{COLUMN}"

    def test_an_indented_line_begins_a_paragraph(self) -> None:
        lines = wrapped(STORY[0], 50, x=60, y=760, indent=14)
        lines += wrapped(STORY[1], 50, x=60, y=lines[-1][1] - 12, indent=14)
        assert article("a.pdf", pdf([lines])).text == f"{STORY[0]}\n\n{STORY[1]}"

    @pytest.mark.parametrize("row_wise", [False, True])
    def test_columns_are_read_one_after_the_other(self, row_wise: bool) -> None:
        left, right = wrapped(COLUMN, 45, x=60, y=700), wrapped(f"{STORY[0]} {STORY[2]}", 45, x=320, y=700)
        lines = [*left, *right]
        if row_wise:
            lines.sort(key=lambda line: (-line[1], line[0]))
        heading = [(60.0, 760.0, 18.0, "Dam repair delayed")]
        assert article("a.pdf", pdf([heading + lines])).text == (
            f"Dam repair delayed\n\n{COLUMN}\n\n{STORY[0]} {STORY[2]}"
        )

    def test_a_hyphen_that_belongs_to_a_word_is_kept(self) -> None:
        lines = [(60.0, 700.0, 10.0, "Engineers of the Anglo-"), (60.0, 688.0, 10.0, "French board came at 20-")]
        lines += [(60.0, 676.0, 10.0, "30 km an hour, all twenty-"), (60.0, 664.0, 10.0, "one of them.")]
        assert article("a.pdf", pdf([lines])).text == (
            "Engineers of the Anglo-French board came at 20-30 km an hour, all twenty-one of them."
        )

    def test_what_repeats_at_the_edges_is_left_out_and_a_paragraph_goes_on_over_the_page(self) -> None:
        bodies = (
            "It rained on the first day and",
            "then on the second one. It was dry after that.",
            "It snowed.",
            "Hail.",
        )
        pages = [
            [*HEADER, *wrapped(body, 70, x=60, y=700), (290.0, 30.0, 9.0, f"Page {n}")]
            for n, body in enumerate(bodies, start=1)
        ]
        found = article("a.pdf", pdf(pages))
        assert found.text == f"{bodies[0]} {bodies[1]}\n\nIt snowed.\n\nHail."
        assert [found.origin.page(found.text.index(word)) for word in ("It rained", "then", "snowed", "Hail")] == [
            1,
            2,
            3,
            4,
        ]

    def test_what_stands_on_one_page_alone_is_kept_but_for_its_number(self) -> None:
        body = [(60.0, 400.0, 10.0, "It rained.")]
        for pages in ([[*HEADER, *body]], [[*HEADER, *body], body, body, body]):
            assert article("a.pdf", pdf(pages)).text.count("The Valley Post") == 1
        assert article("a.pdf", pdf([[*body, (290.0, 30.0, 9.0, "1 / 1")]])).text == "It rained."
        assert article("a.pdf", pdf([[*body, (290.0, 30.0, 9.0, "2021")]])).text == "It rained.\n\n2021"

    def test_a_file_tells_title_author_and_when_it_was_made(self) -> None:
        info = "/Title (Dam repair) /Author (Ann Writer) /CreationDate (D:20210603142000+02'00')"
        origin = article("a.pdf", pdf([[(60, 700, 10, "It rained.")]], info=info)).origin
        assert (origin.title, origin.author, origin.published) == (
            "Dam repair",
            "Ann Writer",
            "2021-06-03T14:20:00+02:00",
        )

    def test_a_line_that_is_a_date_goes_before_when_the_file_was_made(self) -> None:
        rows = [(60.0, 700.0, 14.0, "Dam repair"), (60.0, 660.0, 10.0, "Wednesday, August 7, 2024")]
        body = [(60.0, 620.0 - 12 * n, 10.0, f"It rained for the day number {n} of this year") for n in range(4)]
        found = article("a.pdf", pdf([[*rows, *body]], info="/CreationDate (D:20210603142000+02'00')"))
        assert found.origin.published == "2024-08-07"
        core = "<dcterms:created>2021-06-03T12:20:00Z</dcterms:created>"
        paragraphs = map(paragraph, ["Dam repair", "Wednesday, August 7, 2024", "It rained."])
        assert article("a.docx", docx("".join(paragraphs), core=core)).origin.published == "2024-08-07"
        assert article("a.md", b"# Dam repair\n\n*August 7, 2024*\n\nIt rained.").origin.published == "2024-08-07"

    @pytest.mark.parametrize("title", ["Microsoft Word - dam.doc", "dam_final.indd", "untitled"])
    def test_a_title_that_is_a_file_name_is_none(self, title: str) -> None:
        found = article("a.pdf", pdf([[(60, 700, 10, "It rained.")]], info=f"/Title ({title})"))
        assert found.origin.title == "It rained."

    def test_a_scanned_file_is_named_as_one(self) -> None:
        assert reason("a.pdf", pdf([[], []], picture=True)).startswith("no text layer: its pages are pictures")

    def test_pages_without_text_are_named(self) -> None:
        found, skipped = read_bytes("a.pdf", pdf([[(60, 700, 10, "It rained.")], [], []], picture=True))
        assert isinstance(found, Article)
        assert skipped == Skipped("a.pdf", "no text layer on 2 of its 3 pages: 2, 3")
        assert found.origin.pages[0] == 0

    def test_a_locked_or_broken_file_is_named_as_one(self) -> None:
        zeros = "00" * 32
        lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{zeros}> /U <{zeros}> /P -4 >> /ID [<00> <00>]"
        assert reason("a.pdf", pdf([[(60, 700, 10, "x")]], trailer=lock)) == "locked by a password"
        assert reason("a.pdf", b"%PDF-1.7 and no more").startswith("no PDF, or a broken one")


class TestDocx:
    """Word documents."""

    def test_paragraphs_tables_and_notes_are_read_in_order(self) -> None:
        body = (
            paragraph("Dam repair", "Title") + paragraph(STORY[0]) + table([["Year", "Cost"], ["2021", "40 million"]])
        )
        notes = '<w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="1">'
        notes += paragraph("From the minutes.") + "</w:footnote>"
        found = article("a.docx", docx(body + paragraph(STORY[1]), notes=notes))
        assert found.text == "\n\n".join(
            ["Dam repair", STORY[0], "Year | Cost\n2021 | 40 million", STORY[1], "Note 1: From the minutes."]
        )

    def test_changes_are_taken_as_accepted(self) -> None:
        body = (
            "<w:p><w:r><w:t>It </w:t></w:r><w:ins><w:r><w:t>rained</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>snowed</w:delText></w:r></w:del><w:r><w:t>.</w:t><w:br/><w:t>Yes.</w:t></w:r></w:p>"
        )
        assert article("a.docx", docx(body)).text == "It rained.\nYes."

    def test_a_document_tells_title_author_language_and_when_it_was_made(self) -> None:
        core = "<dc:title>Dam</dc:title><dc:creator>Ann</dc:creator><dc:language>en-GB</dc:language>"
        core += "<dcterms:created>2021-06-03T12:20:00Z</dcterms:created>"
        origin = article("a.docx", docx(paragraph("It rained."), core=core)).origin
        assert (origin.title, origin.author, origin.language) == ("Dam", "Ann", "en-GB")
        assert origin.published == "2021-06-03T12:20:00+00:00"

    def test_an_entity_is_never_expanded(self) -> None:
        part = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'
        assert "declares a document type" in reason("a.docx", zipped({"word/document.xml": part}))

    def test_an_old_or_locked_document_is_named_as_one(self) -> None:
        assert "save it as .docx" in reason("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Valley &amp; Post</title><language>en-gb</language><item><title>Dam &lt;b&gt;repair&lt;/b&gt;</title>
<link>https://valley.example/1</link><guid>g1</guid><dc:creator>Ann</dc:creator>
<pubDate>Thu, 03 Jun 2021 14:20:00 +0200</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>It <a href="x">rained</a>.</p><p>It snowed &amp; hailed.</p><script>bad()</script>
]]></content:encoded>
</item><item><title>Second</title><description>Only a summary.</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Post</title><entry><title>Regen</title>
<id>urn:1</id><updated>2021-06-03T14:20:00Z</updated><link href="https://valley.example/2"/>
<content type="html">&lt;p&gt;Es regnete.&lt;/p&gt;</content></entry></feed>"""


class TestFeeds:
    """RSS and Atom."""

    @pytest.mark.parametrize("name", ["a.rss", "a.xml", "a.txt", "feed"])
    def test_each_entry_is_an_article(self, name: str) -> None:
        first, second = read_bytes(name, RSS.encode())
        assert isinstance(first, Article)
        assert isinstance(second, Article)
        assert first.text == "It rained.\n\nIt snowed & hailed."
        origin = first.origin
        assert (origin.title, origin.author, origin.source) == ("Dam repair", "Ann", "Valley & Post")
        assert (origin.url, origin.source_id, origin.language) == ("https://valley.example/1", "g1", "en-gb")
        assert (origin.published, origin.record) == ("2021-06-03T14:20:00+02:00", 1)
        assert (second.text, second.origin.record) == ("Only a summary.", 2)

    def test_atom_is_read_too(self) -> None:
        found = article("a.atom", ATOM.encode())
        assert (found.text, found.origin.title, found.origin.language) == ("Es regnete.", "Regen", "de")
        assert found.origin.published == "2021-06-03T14:20:00+00:00"

    def test_other_xml_is_named(self) -> None:
        assert reason("a.xml", b"<?xml version='1.0'?><books><book/></books>").startswith("XML, but no feed")

    def test_entities_are_not_expanded(self) -> None:
        bomb = RSS.replace("<rss", '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss', 1)
        assert "defines XML entities" in reason("a.rss", bomb.encode())


class TestTables:
    """CSV."""

    def test_columns_are_known_by_their_names(self) -> None:
        data = 'ID;Headline;Body;Published At;Byline\n7;Dam;"It rained; ""hard"".\n\nIt snowed.";2021-06-03;Ann\n'
        found = article("a.csv", data.encode())
        assert found.text == 'It rained; "hard".\n\nIt snowed.'
        origin = found.origin
        assert (origin.source_id, origin.title, origin.author, origin.record) == ("7", "Dam", "Ann", 1)
        assert origin.published == "2021-06-03"

    def test_columns_may_be_named(self) -> None:
        found = article("a.csv", b"words,head,body\nIt rained.,Dam,no\n", columns={"text": "words", "title": "head"})
        assert (found.text, found.origin.title) == ("It rained.", "Dam")

    @pytest.mark.parametrize(
        "data",
        [
            '[{"title": "Dam", "body": "It rained."}, {"title": "Two", "body": "It snowed."}]',
            '{"status": "ok", "tags": ["a"], "articles": [{"text": "It rained."}, {"text": "It snowed."}]}',
            '{"text": "It rained."}\n{"text": "It snowed."}\n',
        ],
    )
    def test_json_holds_articles_in_a_list_or_in_lines(self, data: str) -> None:
        found = read_bytes("a.json", data.encode())
        assert [(one.text, one.origin.record) for one in found if isinstance(one, Article)] == [
            ("It rained.", 1),
            ("It snowed.", 2),
        ]

    def test_json_may_be_one_article_and_says_what_it_is_not(self) -> None:
        assert article("a.json", b'{"text": "It rained.", "authors": [{"name": "Ann"}]}').text == "It rained."
        for broken in (b"[{]", b'{\n  "text": "It rained.",\n  "title":\n}\n', b'{"text": "It rained."'):
            assert reason("a.json", broken).startswith("not JSON: ")
        assert reason("a.json", b"7") == 'a record needs a "text" in quotes'

    def test_records_of_json_may_be_mapped_too(self) -> None:
        assert article("a.jsonl", b'{"words": "It rained."}', columns={"text": "words"}).text == "It rained."

    def test_a_table_without_a_text_says_how_to_name_it(self) -> None:
        assert reason("a.csv", b"x,y\n1,2\n") == (
            "no column is known to hold the text, of 'x', 'y'; name it: --columns text=NAME"
        )

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_the_delimiter_is_found(self, delimiter: str, end: str) -> None:
        data = delimiter.join(["title", "text"]) + end + delimiter.join(["Dam", "It rained."]) + end
        assert article("a.tsv", data.encode()).text == "It rained."

    def test_a_field_may_be_as_long_as_an_article(self) -> None:
        before = csv.field_size_limit()
        assert len(article("a.csv", b"text\n" + b"x" * 300_000 + b"\n").text) == 300_000
        assert csv.field_size_limit() == before


class TestText:
    """Plain text and Markdown."""

    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("cp1252", "The mayor said “no” – and left the naïve café society."),
            ("cp1251", "Мэр города сказал в четверг, что мост через реку останется закрытым."),
            ("cp1250", "Burmistrz powiedział w czwartek, że most pozostanie zamknięty przez dłuższy czas."),
            ("shift_jis", "市長は木曜日、橋は長期間閉鎖されたままだと述べた。住民は反対している。"),
            ("gb18030", "市长星期四表示，这座桥将长期关闭。居民们表示反对。"),
            ("utf-16", "It rained."),
            ("utf-16-le", "It rained."),
            ("utf-32", "It rained."),
        ],
    )
    def test_whatever_it_is_written_in(self, encoding: str, text: str) -> None:
        assert article("a.txt", text.encode(encoding)).text == text

    def test_markdown_is_read_as_text_and_its_front_matter_as_facts(self) -> None:
        data = (
            '---\ntitle: "Dam repair"\ndate: 2021-06-03\nauthor: Ann\n---\n'
            "# The dam\n\nIt *rained* at [the dam](http://x)\nall day.\n\n"
            "- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
        )
        found = article("a.md", data.encode())
        assert found.text == "The dam\n\nIt rained at the dam all day.\n\none\ntwo\n\na | b\n1 | 2"
        assert (found.origin.title, found.origin.published, found.origin.author) == ("Dam repair", "2021-06-03", "Ann")

    def test_the_first_heading_is_the_title(self) -> None:
        assert article("a.md", b"# The dam #\n\nIt rained.").origin.title == "The dam"


class TestKinds:
    """The content decides where a suffix is wrong or missing."""

    @pytest.mark.parametrize("name", ["a.txt", "a", "a.aspx", "a.pdf"])
    def test_a_page_is_a_page_whatever_its_name(self, name: str) -> None:
        assert article(name, page().encode()).origin.author == "Ann Writer"

    @pytest.mark.parametrize("name", ["a.txt", "a", "a.bin", "a.docx"])
    def test_a_pdf_is_a_pdf_whatever_its_name(self, name: str) -> None:
        assert article(name, pdf([[(60, 700, 10, "It rained.")]])).text == "It rained."

    @pytest.mark.parametrize("name", ["a.zip", "a.txt", "a"])
    def test_a_document_is_one_whatever_its_name(self, name: str) -> None:
        assert article(name, docx(paragraph("It rained."))).text == "It rained."

    @pytest.mark.parametrize("name", ["a.zip", "a"])
    def test_an_archive_that_holds_a_document_as_it_is_is_an_archive(self, name: str) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("b.docx", docx(paragraph("It rained.")))
            archive.comment = b"of a person"
        assert article(name, out.getvalue()).origin.path == f"{name}/b.docx"

    def test_without_a_suffix_mail_and_records_are_known(self) -> None:
        mail = message("It rained.", **HEADERS)
        assert article("a", mail.as_bytes()).origin.title == "Re: Draining"
        assert article("a", b'{"text": "It rained."}\n').origin.record == 1

    def test_a_text_may_begin_like_mail(self) -> None:
        text = b"From the hills in 1999 came rain.\nSubject: none."
        assert article("a.txt", text).text == text.decode()

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"{\\rtf1 x}", "RTF"),
            (b"\x89PNG\r\n", "an image"),
            (b"%!PS-Adobe", "PostScript"),
            (b"\xd0\xcf\x11\xe0", "old"),
        ],
    )
    def test_other_kinds_are_named(self, data: bytes, why: str) -> None:
        assert why in reason("a.txt", data)
