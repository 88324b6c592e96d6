"""How soon a program is of use, told by what it prints."""

import http.server
import threading
from pathlib import Path

import pytest

from benchmarks.start import fetch, seconds


def test_a_program_that_ends_is_timed_to_its_end(tmp_path: Path) -> None:
    assert 0 < seconds("rag --help", tmp_path) < 60


def test_one_that_never_is_of_use_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no index"):
        seconds("rag search, first hit", tmp_path / "none")


@pytest.mark.parametrize(("said", "fits"), [(b"<html></html>", True), (b"starting", False)])
def test_only_a_whole_page_is_served(said: bytes, fits: bool) -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.handle_request).start()
        line = f"rag is ready: http://127.0.0.1:{server.server_port}  (Ctrl-C stops it)"
        if fits:
            fetch(line)
        else:
            with pytest.raises(AssertionError):
                fetch(line)
