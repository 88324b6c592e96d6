"""Names and passwords: hashed, checked, and a brake on guessing."""

import re
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.web import login
from rag.web.login import Logins


def test_a_password_is_kept_as_a_salted_hash_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "logins"
    login.add("Ann", "correct horse", file)
    login.add("Bea", "correct horse", file)
    text = file.read_text()
    assert "correct horse" not in text
    ann, bea = (line.split(":")[1] for line in text.splitlines())
    assert ann != bea
    assert file.stat().st_mode & 0o077 == 0


def test_only_the_right_password_lets_in(tmp_path: Path) -> None:
    file = tmp_path / "logins"
    login.add("Ann", "correct horse", file)
    logins = Logins.read(file)
    assert logins("Ann", "correct horse")
    for name, password in (("Ann", "wrong"), ("Ann", ""), ("Bea", "correct horse"), ("", ""), ("Ann", "\ud800")):
        assert not logins(name, password)


def test_a_new_password_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "logins"
    login.add("Ann", "correct horse", file)
    login.add("Ann", "another horse", file)
    logins = Logins.read(file)
    assert logins("Ann", "another horse")
    assert not logins("Ann", "correct horse")


def test_after_wrong_tries_a_name_waits_ever_longer() -> None:
    now = [0.0]
    logins = Logins({"Ann": login.hashed("correct horse"), "Bea": login.hashed("battery staple")}, clock=lambda: now[0])
    for _ in range(5):
        assert not logins("Ann", "wrong")
    assert not logins("Ann", "correct horse"), "it must wait a second"
    assert logins("Bea", "battery staple"), "others need not wait"
    now[0] = 1.5
    assert not logins("Ann", "wrong")
    now[0] = 3.0
    assert not logins("Ann", "correct horse"), "now two seconds"
    now[0] = 4.0
    assert logins("Ann", "correct horse")
    assert logins("Ann", "correct horse")


def test_waiting_has_an_end() -> None:
    now = [0.0]
    logins = Logins({"Ann": login.hashed("correct horse")}, clock=lambda: now[0])
    for _ in range(30):
        now[0] += 1000
        assert not logins("Ann", "wrong")
    now[0] += 1000
    assert logins("Ann", "correct horse")


@pytest.mark.parametrize("name", ["", " ", "a:b", "a\nb", " a"])
def test_a_name_that_could_not_be_read_back_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name"):
        login.add(name, "correct horse", tmp_path / "logins")


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="7 characters"):
        login.add("Ann", "a" * 7, tmp_path / "logins")


@pytest.mark.parametrize("name", ["damaged", "l" * 300, "."])
def test_a_file_that_cannot_be_read_or_written_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("damaged").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=f"'{re.escape(name)}' cannot be .*; name another file"):
        login.add("Ann", "correct horse", Path(name))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"\xff"]


@pytest.mark.parametrize("text", [None, "", "Ann:secret\n", ":scrypt$a$b\n"])
def test_a_file_without_logins_is_an_error_that_says_how_to_add_one(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "logins"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match="--add-login NAME"):
        Logins.read(file)


def test_a_damaged_hash_lets_nobody_in() -> None:
    logins = Logins({"Ann": "scrypt$zz$zz", "Bea": "scrypt$"})
    assert not logins("Ann", "correct horse")
    assert not logins("Bea", "")
