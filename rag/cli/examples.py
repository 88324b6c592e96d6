"""Examples of every command, for its help and for docs/cli.md; a test reads each as the command line does."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "rag": (
        "rag index articles/",
        'rag ask "What did Asif say about weapons?"',
        "rag chat",
    ),
    "rag ask": (
        'rag ask "What did Asif say about weapons?"',
        'rag ask "When did the ceasefire end?" --from 2022 --source Dawn',
        'rag ask "Who left the weapons behind?" --json | jq -r .text',
        'rag ask "When did the ceasefire end?" --extractive',
    ),
    "rag serve": (
        "rag serve",
        "rag serve --port 9000 --no-page",
        "RAG_SERVER_TOKEN=SECRET rag serve --host 0.0.0.0",
    ),
    "rag chat": (
        "rag chat",
        "rag chat --in taliban --from 2023",
        "rag chat < questions.txt",
        "rag chat --json < questions.txt > answers.jsonl",
    ),
    "rag search": (
        'rag search "night vision goggles" -k 3',
        'rag search "attacks" --from 2023 --newest',
        'rag search "weapons" --json | jq -r ".hits[].title"',
    ),
    "rag statements": (
        "rag statements",
        'rag statements "Asif" --about weapons',
        'rag statements "Asif" --format csv > asif.csv',
    ),
    "rag index": (
        "rag index articles/",
        "rag index",
        "rag index articles/ --watch",
        "rag index --rebuild --embedder models/my-embedder",
    ),
    "rag list": (
        "rag list -n 5",
        "rag list --source Dawn --from 2023",
        'rag list --json | jq -r ".articles[].title"',
    ),
    "rag show": ("rag show 3f2a9c01", "rag show news.jsonl --json"),
    "rag stats": ("rag stats", "rag stats --json"),
    "rag collect": (
        "rag collect taliban 3f2a9c01 5b77e2d0",
        "rag collect",
        "rag collect taliban --out",
    ),
    "rag remove": ("rag remove 3f2a9c01", "rag remove --undo 3f2a9c01"),
    "rag doctor": ("rag doctor", "rag doctor --repair"),
    "rag backup": ("rag backup articles.rag",),
    "rag restore": ("rag restore articles.rag --index elsewhere",),
    "rag models": ("rag models list", "rag models fetch"),
    "rag models list": ("rag models list",),
    "rag models fetch": ("rag models fetch", "rag models fetch qwen2.5-coder-0.5b-instruct"),
    "rag models verify": ("rag models verify",),
    "rag models path": ("rag models path all-minilm-l6-v2",),
    "rag config": ("rag config", "rag config --llm models/my.gguf", "RAG_PASSAGES=8 rag config --verbose"),
    "rag config init": ("rag config init", "rag config init elsewhere/rag.toml"),
    "rag eval": ("rag eval questions.jsonl", "rag eval compare runs/before runs/after"),
    "rag eval run": (
        "rag eval questions.jsonl",
        "rag eval questions.jsonl --limit 20 --retrieval-only",
        "rag eval questions.jsonl --fail-under hit@10=0.9",
    ),
    "rag eval compare": ("rag eval compare runs/before runs/after --fail-if-worse",),
    "rag eval draft": ("rag eval draft -n 20 --out questions.jsonl",),
    "rag eval review": ("rag eval review questions.jsonl",),
}
