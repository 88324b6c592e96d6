"""Mail: a message, a mailbox, what is attached."""

import textwrap

from rag.corpus import Limits, Skipped
from rag.types import Article
from tests.corpus.reading import article, read_bytes, reason
from tests.files import HEADERS, STORY, docx, message, paragraph


class TestMail:
    """Messages and mailboxes."""

    def test_a_message_is_an_article_without_the_one_it_answers(self) -> None:
        text = "Dear Ann,\n\nit starts in May.\n\nMarta\n\nOn 2 June 2021 Ann Writer wrote:\n> When?\n>\n> Ann\n"
        found = article("a.eml", message(text, **HEADERS).as_bytes())
        assert found.text == "Dear Ann,\n\nit starts in May.\n\nMarta"
        origin = found.origin
        assert (origin.title, origin.author) == ("Re: Draining", "Marta Lind <marta@lind.example>")
        assert (origin.published, origin.source_id) == ("2021-06-03T09:12:00+02:00", "17@lind.example")

    def test_answers_between_quoted_lines_keep_them(self) -> None:
        text = "> When?\n\nIn May.\n\n> Where?\n\nHere."
        assert article("a.eml", message(text, **HEADERS).as_bytes()).text == text

    def test_a_message_that_only_quotes_keeps_what_it_quotes(self) -> None:
        assert article("a.eml", message("> It rained.", **HEADERS).as_bytes()).text == "> It rained."

    def test_lines_that_were_cut_to_be_sent_are_joined(self) -> None:
        text = (
            "Dear Ann,\n\n" + "\n".join(textwrap.wrap(" ".join(STORY), 72)) + "\n\n- one\n- two\n\nMarta Lind\nOberlind"
        )
        found = article("a.eml", message(text, **HEADERS).as_bytes())
        assert found.text == "Dear Ann,\n\n" + " ".join(STORY) + "\n\n- one\n- two\n\nMarta Lind\nOberlind"

    def test_html_is_read_where_there_is_no_plain_text(self) -> None:
        mail = message("", **HEADERS)
        mail.set_content("<table><tr><td><p>Hello,</p><p>it <b>rained</b>.</p></td></tr></table>", subtype="html")
        assert article("a.eml", mail.as_bytes()).text == "Hello,\n\nit rained."

    def test_what_is_attached_is_read_in_its_turn(self) -> None:
        attached = {"dam.docx": docx(paragraph("It snowed.")), "../notes.txt": b"Hail fell.", "x.bin": b"\0\1"}
        first, *rest, last = read_bytes("a.eml", message("It rained.", attached, **HEADERS).as_bytes())
        assert isinstance(first, Article)
        assert [(a.text, a.origin.path, a.origin.file) for a in rest if isinstance(a, Article)] == [
            ("It snowed.", "a.eml/dam.docx", "a.eml"),
            ("Hail fell.", "a.eml/.._notes.txt", "a.eml"),
        ]
        assert isinstance(last, Skipped)
        assert last.path == "a.eml/x.bin"

    def test_two_attachments_of_one_name_are_two(self) -> None:
        mail = message("It rained.", {"a.txt": b"It snowed."}, **HEADERS)
        mail.add_attachment(b"Hail fell.", maintype="application", subtype="octet-stream", filename="a.txt")
        _, *rest = read_bytes("a.eml", mail.as_bytes())
        assert [a.origin.path for a in rest if isinstance(a, Article)] == ["a.eml/a.txt", "a.eml/3-a.txt"]

    def test_a_mailbox_holds_many(self) -> None:
        mails = [message(text, **HEADERS).as_bytes() for text in ("It rained.", "It snowed.\n\n>From then on, hail.")]
        box = b"".join(b"From marta Thu Jun  3 09:12:00 2021\n" + mail + b"\n" for mail in mails)
        found = read_bytes("a.mbox", box)
        assert [a.text for a in found if isinstance(a, Article)] == ["It rained.", "It snowed.\n\nFrom then on, hail."]
        assert [a.origin.record for a in found if isinstance(a, Article)] == [1, 2]

    def test_a_message_that_cannot_be_parsed_does_not_hide_the_others(self) -> None:
        broken = b"Subject: Rain\nContent-Disposition: attachment; charset\xff*\n\nIt rained.\n"
        sound = message("It snowed.", {"a.txt": b"Hail fell."}, **HEADERS).as_bytes()
        box = b"".join(b"From marta Thu Jun  3 09:12:00 2021\n" + mail + b"\n" for mail in (sound, broken, sound))
        found = read_bytes("a.mbox", box)
        assert [one.record for one in found if isinstance(one, Skipped)] == [2]
        assert [one.text for one in found if isinstance(one, Article)] == ["It snowed.", "Hail fell."] * 2
        *_, full = read_bytes("a.mbox", box, limits=Limits(archive_bytes=15))  # a limit of the whole ends the reading
        assert full == Skipped(
            "a.mbox", "unpacks to more, over the limit of 15 (RAG_ARCHIVE_BYTES); the rest was left out"
        )

    def test_a_mailbox_without_messages_is_named(self) -> None:
        assert 'begins with "From "' in reason("a.mbox", b"Subject: x\n\nIt rained.\n")
