"""Who may what: passwords, patience, the door, and what stays signed in."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from yolodash.data.uploads import new_token, session_path
from yolodash.errors import InputError, OptionError, WorkspaceError
from yolodash.serving import attempts, doors, grants, identity, passwords
from yolodash.serving.attempts import EVERYONE, WITH_ALL, WITH_ONE, Wrong
from yolodash.serving.doors import Way
from yolodash.serving.roles import Role, highest, needed_for, role_called

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
GOOD, OTHER = "four words are good", "another one, as long"


@pytest.fixture(autouse=True)
def alone_here(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("YOLODASH_OPEN", "YOLODASH_DEMO"):
        monkeypatch.delenv(name, raising=False)


def secrets(text: str) -> None:
    Path(".streamlit").mkdir(exist_ok=True)
    Path(".streamlit/secrets.toml").write_text(text, encoding="utf-8")


# passwords


def test_a_password_opens_its_role_and_no_other_does() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    passwords.set_password(Role.ANNOTATOR, OTHER)
    assert passwords.role_of(GOOD) is Role.TRAINER
    assert passwords.role_of(OTHER) is Role.ANNOTATOR
    assert passwords.role_of(GOOD + " ") is None
    assert passwords.role_of("") is None


def test_a_password_is_kept_as_a_salted_hash_that_nobody_else_reads(workspace: Path) -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    first = passwords.kept()[Role.TRAINER]
    passwords.set_password(Role.TRAINER, GOOD)
    assert passwords.kept()[Role.TRAINER] != first
    written = (workspace / "access" / "passwords.json").read_text(encoding="utf-8")
    assert GOOD not in written
    assert stat.S_IMODE((workspace / "access").stat().st_mode) == 0o700


@pytest.mark.parametrize("password", ["", "short", "x" * 2000])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(OptionError, match="10 to 1024"):
        passwords.set_password(Role.TRAINER, password)
    assert passwords.kept() == {}


def test_two_roles_cannot_share_a_password() -> None:
    passwords.set_password(Role.ANNOTATOR, GOOD)
    with pytest.raises(OptionError, match="annotator"):
        passwords.set_password(Role.TRAINER, GOOD)


def test_a_hash_in_the_secrets_counts_and_wins() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    secrets(f'[passwords]\ntrainer = "{passwords.hashed(OTHER)}"\n')
    assert passwords.role_of(GOOD) is None
    assert passwords.role_of(OTHER) is Role.TRAINER


@pytest.mark.parametrize(
    "kept", ["", "plain", "scrypt$16384$8$1$zz$zz", "scrypt$3$8$1$00$00", "scrypt$1073741824$8$1$00$00", "a$b$c$d$e$f"]
)
def test_a_damaged_hash_opens_nothing(kept: str) -> None:
    assert not passwords.matches(GOOD, kept)


@pytest.mark.parametrize("content", ["{", "[]", "\x00"])
def test_damaged_passwords_let_nobody_in(workspace: Path, content: str) -> None:
    passwords.folder().joinpath("passwords.json").write_text(content, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="nobody is let in"):
        doors.door("127.0.0.1", {})


def test_damaged_secrets_let_nobody_in() -> None:
    secrets("[passwords\n")
    with pytest.raises(WorkspaceError, match="nobody is let in"):
        doors.door("127.0.0.1", {})


def access(*words: str, typed: str = "") -> int:
    """Run the command with one line on a pipe; gives its exit code."""
    from yolodash.cli import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(typed))
        return main(["access", *words])


def test_the_command_sets_a_password_that_is_no_argument_and_says_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert access("set", "trainer", typed=GOOD + "\n") == 0
    assert GOOD not in capsys.readouterr().out
    assert passwords.role_of(GOOD) is Role.TRAINER
    assert access("set", "trainer", GOOD) == 2
    assert access("list") == 0
    assert "trainer: password set" in capsys.readouterr().out
    assert access("remove", "trainer") == 0
    assert passwords.role_of(GOOD) is None


def test_the_command_tells_what_is_wrong_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert access("set", "king", typed=GOOD + "\n") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "visitor, annotator, trainer" in said


# patience


def test_the_first_wrong_passwords_cost_nothing_and_then_each_doubles_the_wait() -> None:
    waits = [WITH_ONE.seconds(wrong) for wrong in range(7)]
    assert waits == [0, 0, 0, 1, 2, 4, 8]
    assert WITH_ONE.seconds(10**6) == WITH_ONE.longest
    assert WITH_ALL.seconds(10**6) == WITH_ALL.longest


@given(some.integers(0, 5000), some.floats(-1e6, 1e6))
def test_nobody_waits_longer_than_the_longest_whatever_the_clock_does(wrong: int, passed: float) -> None:
    book = {"me": Wrong(wrong, 1e9), EVERYONE: Wrong(wrong, 1e9)}
    assert 0 <= attempts.wait(book, "me", 1e9 + passed) <= WITH_ONE.longest


def test_one_session_waits_and_another_does_not() -> None:
    book: dict[str, Wrong] = {}
    for second in range(5):
        book = attempts.after_wrong(book, "guesser", float(second))
    assert attempts.wait(book, "guesser", 4.0) == 4.0
    assert attempts.wait(book, "guesser", 8.5) == 0.0
    assert attempts.wait(book, "teacher", 4.0) == 0.0


def test_guesses_from_ever_new_sessions_slow_down_too_and_the_book_stays_small() -> None:
    book: dict[str, Wrong] = {}
    for guess in range(3000):
        book = attempts.after_wrong(book, f"session {guess}", 1000.0)
    assert attempts.wait(book, "yet another", 1000.0) == WITH_ALL.longest
    assert len(book) <= attempts.MOST_SESSIONS + 2


def test_after_a_quiet_hour_all_is_forgotten() -> None:
    book = attempts.after_wrong({"me": Wrong(50, 0.0), EVERYONE: Wrong(50, 0.0)}, "me", 4000.0)
    assert book["me"].count == book[EVERYONE].count == 1


def test_a_wrong_password_too_many_is_not_even_tried_and_a_right_one_must_wait() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    for _ in range(WITH_ONE.free):
        with pytest.raises(InputError, match="opens nothing"):
            attempts.sign_in("me", "wrong one, wrong one")
    with pytest.raises(InputError, match="Too many"):
        attempts.sign_in("me", GOOD)
    assert attempts.sign_in("another", GOOD) is Role.TRAINER


def test_the_right_password_clears_the_count() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    for _ in range(2):
        for _ in range(WITH_ONE.free - 1):
            with pytest.raises(InputError, match="opens nothing"):
                attempts.sign_in("me", "wrong one, wrong one")
        assert attempts.sign_in("me", GOOD) is Role.TRAINER


# the door


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_alone_on_loopback_everything_is_allowed(address: str) -> None:
    assert doors.door(address, {"Host": "localhost:8501"}) == doors.Door(Way.ALONE, Role.TRAINER)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "192.168.1.20", "::", "example.org", "127.0.0.1.evil.org"])
def test_on_any_other_address_it_is_closed(address: str | None) -> None:
    assert doors.door(address, {}) == doors.Door(Way.CLOSED, None)


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "10.0.0.7"}, {"forwarded": "for=10.0.0.7"}, {"Host": "demo.example.org"}, {"Host": "evil:80"}],
)
def test_a_proxy_in_front_of_loopback_does_not_make_strangers_trainers(headers: dict[str, str]) -> None:
    assert doors.door("127.0.0.1", headers).way is Way.CLOSED


def test_the_owner_can_say_that_everyone_may_do_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_OPEN", "1")
    assert doors.door("0.0.0.0", {}) == doors.Door(Way.OPEN, Role.TRAINER)
    monkeypatch.setenv("YOLODASH_OPEN", "0")
    assert doors.door("0.0.0.0", {}).way is Way.CLOSED


def test_in_demo_mode_nobody_is_more_than_a_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_DEMO", "1")
    monkeypatch.setenv("YOLODASH_OPEN", "1")
    assert doors.door("0.0.0.0", {}) == doors.Door(Way.OPEN, Role.VISITOR)
    assert highest() is Role.VISITOR


def test_with_a_password_visitors_come_in_unasked_unless_they_have_one_too() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    assert doors.door("0.0.0.0", {}) == doors.Door(Way.PASSWORD, Role.VISITOR)
    assert doors.door("127.0.0.1", {}) == doors.Door(Way.PASSWORD, Role.VISITOR)
    passwords.set_password(Role.VISITOR, OTHER)
    assert doors.door("0.0.0.0", {}) == doors.Door(Way.PASSWORD, None)


def test_a_provider_of_identities_comes_first() -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    secrets('[auth]\nclient_id = "yolodash"\n')
    assert doors.door("0.0.0.0", {}) == doors.Door(Way.IDENTITY, None)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "Ada@Example.org"}, Role.TRAINER),
        ({"email": "bob@example.org"}, Role.VISITOR),
        ({"email": "bob@example.org", "groups": ["course"]}, Role.ANNOTATOR),
        ({"email": "ada@example.org", "email_verified": False}, None),
        ({"email": "ada@example.org.evil.net"}, None),
        ({"email": "*"}, None),
        ({"groups": "course"}, None),
        ({}, None),
    ],
)
def test_who_is_vouched_for_has_the_highest_role_whose_rule_fits(claims: dict[str, object], role: Role | None) -> None:
    rules = {"trainer": ["ada@example.org"], "annotator": ["group:course"], "visitor": ["@example.org"]}
    assert identity.role_of(claims, rules) is role


# roles and pages


def test_a_page_that_nobody_thought_of_is_the_trainers() -> None:
    assert needed_for("something_new") is Role.TRAINER


def test_each_role_opens_what_the_lower_ones_do_and_more() -> None:
    opens = [{page for page in PAGES if role >= needed_for(page)} for role in Role]
    assert opens[0] < opens[1] < opens[2] == set(PAGES)
    assert not {"train", "runs", "compare", "annotate", "status"} & opens[0]
    assert {"home", "detect_image", "learn_yolo"} <= opens[0]


def test_a_role_is_found_by_its_word_only() -> None:
    assert [role_called(role.word) for role in Role] == list(Role)
    with pytest.raises(OptionError):
        role_called("TRAINER")


# grants


def test_who_signed_in_stays_signed_in_until_the_password_changes() -> None:
    token = new_token()
    passwords.set_password(Role.TRAINER, GOOD)
    grants.grant(token, Role.TRAINER)
    assert grants.granted(token) is Role.TRAINER
    assert grants.granted(new_token()) is None
    passwords.set_password(Role.TRAINER, OTHER)
    assert grants.granted(token) is None


def test_who_signs_out_is_out() -> None:
    token = new_token()
    passwords.set_password(Role.TRAINER, GOOD)
    grants.grant(token, Role.TRAINER)
    grants.withdraw(token)
    assert grants.granted(token) is None


@pytest.mark.parametrize(
    "note",
    ["", "{", '{"role": "trainer"}', '{"role": "trainer", "until": 9e99, "by": "x"}', '{"role": "king", "until": 1}'],
)
def test_a_note_that_is_none_signs_nobody_in(note: str) -> None:
    token = new_token()
    passwords.set_password(Role.TRAINER, GOOD)
    grants.grant(token, Role.TRAINER)
    (session_path(token) / "signed_in.json").write_text(note, encoding="utf-8")
    assert grants.granted(token) is None


def test_a_role_for_life_is_none() -> None:
    token = new_token()
    passwords.set_password(Role.TRAINER, GOOD)
    grants.grant(token, Role.TRAINER)
    path = session_path(token) / "signed_in.json"
    path.write_text(path.read_text().replace('"until": ', '"until": 9'), encoding="utf-8")
    assert grants.granted(token) is None
