"""Small pieces of English that the terminal and the page have in common. Knows nothing about what they are said of."""


def count(n: int, noun: str) -> str:
    """Return a number with its noun: "1 article", "1,200 articles"."""
    return f"{n:,} {noun}{'s' * (n != 1)}"
