"""The page: its tabs, the reader beside them, and how it is served.

With the modules of the tabs and their limits, the only ones that import gradio.
"""

from pathlib import Path
from typing import Any

import gradio as gr
import platformdirs
from starlette.middleware import Middleware

from rag.assistant import Assistant
from rag.errors import UsageError
from rag.web import judging
from rag.web.articles_tab import Articles
from rag.web.chat import Chat
from rag.web.conversations import Conversations
from rag.web.events import QUIET
from rag.web.login import Logins
from rag.web.past_tab import Past
from rag.web.shield import Shield
from rag.web.statements_tab import statements_tab
from rag.web.uploads import MOST_BYTES

_HERE = Path(__file__).parent
_HOUR_S = 3600


def build(assistant: Assistant, *, data_dir: Path | None = None) -> gr.Blocks:
    """Return the page over an assistant; conversations and judgements are kept in `data_dir`, else the user's own."""
    folder = data_dir or platformdirs.user_data_path("rag", appauthor=False)
    kept = Conversations(folder, place=assistant.settings.index_dir)
    chat = Chat(assistant, kept, judged=folder / judging.FILE)
    articles, past = Articles(assistant), Past(kept)
    with gr.Blocks(title="rag", fill_height=True, analytics_enabled=False, delete_cache=(_HOUR_S, _HOUR_S)) as page:
        with gr.Tabs(selected="ask", elem_id="tabs") as tabs:
            with gr.Tab("Ask", id="ask", elem_id="tab-ask"):
                chat.build()
            with gr.Tab("Articles", id="articles", elem_id="tab-articles"):
                articles.build()
            with gr.Tab("Statements", id="said", elem_id="tab-said"):
                statements_tab(assistant)
            with gr.Tab("Past", id="past", elem_id="tab-past") as past_tab:
                past.build()
        reader = gr.HTML(elem_id="reader")
        actions = gr.HTML(elem_id="actions", js_on_load=(_HERE / "page.js").read_text("utf-8"))
        chat.connect(actions, page)
        articles.connect(actions, reader, tabs, chat.limits, page)
        for added in (articles.bring, articles.pasted, articles.removed):
            added.then(chat.welcome, None, chat.welcoming, **QUIET)
        past.connect(actions, past_tab, tabs, chat)
    return page


def serve(page: gr.Blocks, *, host: str, port: int, logins: Logins | None = None) -> str:
    """Serve the page in the background; return its address. Raises `UsageError` where the port is taken."""
    try:
        _, address, _ = page.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            auth=logins,
            **_looks(host=host),
        )
    except OSError as error:
        another = f"--port {port + 1} (make chat PORT={port + 1})"
        raise UsageError(f"port {port} on {host} is taken; choose another: {another}") from error
    return str(address).rstrip("/")


def mount(page: gr.Blocks, app: Any) -> None:
    """Put the page beneath the other paths of a FastAPI application, which looks after the names it answers to."""
    gr.mount_gradio_app(app, page, path="", show_error=False, **_looks(host=""))


def _looks(*, host: str) -> dict[str, Any]:
    """Return theme, style and what else Gradio is told however the page is served."""
    return {
        "app_kwargs": {"middleware": [Middleware(Shield, host=host)]},
        "theme": gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        "css_paths": [_HERE / "page.css"],
        "ssr_mode": False,
        "enable_monitoring": False,
        "footer_links": [],
        "run_history": False,
        "max_file_size": MOST_BYTES,
        "head": '<meta name="color-scheme" content="light dark">',
    }
