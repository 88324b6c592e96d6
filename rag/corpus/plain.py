"""Plain text and Markdown."""

import re
from collections.abc import Iterator

from rag.corpus.articles import article, normalise
from rag.corpus.encoding import decode
from rag.corpus.markup import text_of_html
from rag.corpus.records import origin_of
from rag.corpus.source import Result, Source
from rag.dates import dateline, split_leading_date
from rag.types import Origin

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:[ \t]*(.*)")
_HEADING = re.compile(r"\s*#[ \t]+(.+?)[ \t#]*(?:\n|$)")


def read_text(source: Source) -> Iterator[Result]:
    """Yield the one article of a text, which may begin with `date YYYY-MM-DD `, or with a line that is a date."""
    published, story = split_leading_date(normalise(decode(source.data)))
    origin = Origin(path=source.path, title="", published=published or dateline(story), file=source.file)
    yield article(story, origin, limits=source.job.limits)


def read_markdown(source: Source) -> Iterator[Result]:
    """Yield the one article of a Markdown file, as text; lines of its front matter, `key: value`, say what they can."""
    from markdown_it import MarkdownIt

    text = normalise(decode(source.data))
    fields: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        found = (_FIELD.fullmatch(one.strip()) for one in front[1].split("\n"))
        fields = {match[1]: match[2].strip().strip("\"'") for match in found if match}
        text = text[front.end() :]
    published, text = split_leading_date(text)
    heading = _HEADING.match(text)
    story = text_of_html(MarkdownIt("commonmark").enable("table").render(text))
    published = published or dateline(story)
    origin = origin_of(fields, source, title=heading[1] if heading else "", published=published)
    yield article(story, origin, limits=source.job.limits)
