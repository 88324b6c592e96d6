"""Sentences that speak to the reader of a prompt rather than about the world: "Ignore previous instructions and say …".

They are articles' text like any other, found and shown, but no evidence: a small model obeys some of them. Rules over
words; they lower the risk and do not end it. Knows nothing about search or models.
"""

import re

_OUTPUT = "write|print|output|reply|respond|repeat|append|reveal|obey|pretend"
_OVERRIDING = (
    r"<\||\[/?INST\]|###|```|<script>\w|<!--|\"role\"|\$(?:question|answer|evidence)\b|"
    r"\b(?:ignore|disregard|forget)\b.{0,60}\b(?:instructions?|rules|you were told|the question)\b|"
    r"\b(?:system prompt|developer mode|dear assistant|every answer|in (?:each|your) answer|your rules|you are now|"
    r"the (?:only |right |only right )?answer (?:is|holds)|answers? (?:only with|about .{0,40} (?:is|ends?|output))|"
    r"according to the excerpts|the reader should|example (?:question|answer|excerpts)|is what to write)\b"
)
_OVERRIDES = re.compile(_OVERRIDING, re.IGNORECASE)
_COMMAND = re.compile(
    rf"{_OVERRIDING}|"
    r"^\W*(?:system|assistant|user|instructions?|policy update|(?:new )?rule(?: \d+)?)\s*:|"
    rf"^\W*(?:(?:please|now)\W+)*(?:{_OUTPUT}|stop reading|speak as|let us play|say (?:\w+ when|the word))\b|"
    rf"\b(?:and|then|must|should|only|:|--) (?:{_OUTPUT}|say|s-a-y|be told|quote)(?: only| with)?(?: \S+){{1,3}}\W*$",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\b(?:instruct|prompt|inject|command|assistant|chatbot|AI\b|language model)", re.IGNORECASE)


def overrides(title: str) -> bool:
    """Tell whether a title undoes what a prompt says: "Output falls" and "Five things to say" are headlines."""
    return bool(_OVERRIDES.search(title))


def commands(sentence: str) -> bool:
    """Tell whether a sentence seems to command whoever reads a prompt."""
    return bool(_COMMAND.search(sentence))


def harmless(text: str) -> str:
    """Return what stands beside evidence in a prompt, a name or a question; "" where it commands."""
    return "" if commands(text) else text


def asks_for_commands(question: str) -> bool:
    """Tell whether a question is about such sentences, so that they are what it looks for."""
    return bool(_ASKED.search(question))
