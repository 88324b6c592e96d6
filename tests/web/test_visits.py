"""Who is asking, and what runs for whom."""

from types import SimpleNamespace

from rag.web.visits import COOKIE, Running, visitor


def request(**values: object) -> SimpleNamespace:
    """Return what Gradio knows of a request."""
    return SimpleNamespace(**{"username": None, "cookies": {}, "session_hash": "page"} | values)


def test_a_login_is_one_visitor_in_every_browser() -> None:
    one, two = (visitor(request(username="Ann", cookies={COOKIE: cookie})) for cookie in ("a", "b"))
    assert one == two


def test_a_browser_is_one_visitor_and_no_other_is_the_same() -> None:
    first, again = (visitor(request(cookies={COOKIE: "secret"}, session_hash=page)) for page in ("p", "q"))
    assert first == again
    assert first != visitor(request(cookies={COOKIE: "other"}))
    assert "secret" not in first


def test_without_a_cookie_each_page_is_a_visitor_and_nobody_poses_as_a_login() -> None:
    assert visitor(request(session_hash="p")) != visitor(request(session_hash="q"))
    assert visitor(request(cookies={COOKIE: "login Ann"})) != visitor(request(username="Ann"))


def test_a_page_has_one_answer_at_a_time_which_can_be_stopped() -> None:
    running = Running()
    event = running.start("page")
    assert event
    assert not event.is_set()
    assert running.start("page") is None
    assert running.start("other")
    running.stop("page")
    assert event.is_set()
    assert running.busy("page"), "until it has ended"
    running.done("page")
    assert not running.busy("page")
    running.stop("page")
    assert running.start("page")


def test_a_page_that_was_left_is_told_from_one_that_was_stopped() -> None:
    running = Running()
    running.leave("page")
    event = running.start("page")
    assert event
    assert not running.left("page")
    running.leave("page")
    assert event.is_set()
    assert running.left("page")
    running.done("page")
    assert not running.left("page")
