"""Who may open what, through app.py."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words
from PIL import Image as Pillow
from streamlit import config
from streamlit.testing.v1 import AppTest

from yolodash.data.uploads import new_token
from yolodash.serving import attempts, grants, passwords
from yolodash.serving.roles import Role

GOOD = "four words are good"
WRONG = "four words are wrong"
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def on_all_addresses() -> Iterator[None]:
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    yield
    config.set_option("server.address", before)


def with_password() -> None:
    passwords.set_password(Role.TRAINER, GOOD)


def type_password(app: AppTest, password: str) -> AppTest:
    """In the page's own form, which comes after the sidebar's."""
    app.text_input(key="password_page").set_value(password)
    return next(button for button in app.main.button if button.label == "Sign in").click().run()


def test_alone_on_loopback_every_page_opens_and_nobody_is_asked_for_a_password() -> None:
    app = opened("train")

    sound(app)
    assert app.title[0].value == "Train"
    assert "Sign in" not in [button.label for button in app.button]


@pytest.mark.usefixtures("on_all_addresses")
@pytest.mark.parametrize("page", ["", "detect_image", "train"])
def test_on_another_address_without_a_password_there_is_one_sentence_and_nothing_else(page: str) -> None:
    app = opened(page)

    sound(app)
    assert [title.value for title in app.title] == ["YoloDash"]
    assert [text.value for text in app.markdown] == [text.value for text in app.main.markdown]
    assert len(app.markdown) == 1
    assert "python -m yolodash access set trainer" in app.markdown[0].value
    assert not [*app.button, *app.text_input, *app.selectbox, *app.sidebar.children]


@pytest.mark.usefixtures("on_all_addresses")
def test_the_owner_can_open_it_to_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_OPEN", "1")
    app = opened("train")

    sound(app)
    assert app.title[0].value == "Train"


def test_a_visitor_cannot_open_train_and_is_told_why() -> None:
    with_password()
    app = opened("train")

    sound(app)
    assert app.title[0].value == "Not open to you"
    assert "for the role trainer; here you are: visitor" in words(app)


def test_a_visitor_learns_and_detects() -> None:
    with_password()
    for page in ("learn_pixels", "detect_image"):
        app = opened(page)
        sound(app)
        assert "Not open" not in app.title[0].value


def test_the_password_opens_what_was_shut() -> None:
    with_password()
    app = type_password(opened("train"), GOOD)

    sound(app)
    assert app.title[0].value == "Train"


def test_who_is_signed_in_is_told_so_beside_the_page_and_can_leave() -> None:
    with_password()
    token = new_token()
    grants.grant(token, Role.TRAINER)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["session_token"] = token
    app.run()

    sound(app)
    app.button(key="sign_out").click().run()
    sound(app)
    assert grants.granted(token) is None


def test_a_wrong_password_opens_nothing_and_many_must_wait() -> None:
    with_password()
    app = opened("train")
    for _ in range(attempts.WITH_ONE.free):
        app = type_password(app, WRONG)
        assert "opens nothing here" in app.error[0].value
    app = type_password(app, GOOD)

    assert "Too many wrong passwords" in app.error[0].value
    assert app.title[0].value == "Not open to you"


@pytest.mark.usefixtures("on_all_addresses")
def test_where_visitors_have_a_password_too_nothing_is_shown_before_it() -> None:
    passwords.set_password(Role.VISITOR, GOOD)
    app = opened("detect_image")

    sound(app)
    assert app.title[0].value == "YoloDash"
    assert not app.selectbox
    app = type_password(app, GOOD)
    sound(app)
    assert app.title[0].value == "Detect objects in an image"


def test_a_demo_trains_nothing_even_for_who_knows_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_DEMO", "1")
    with_password()
    app = type_password(opened("train"), GOOD)

    assert app.title[0].value == "Not open to you"


def test_damaged_passwords_open_nothing(workspace: Path) -> None:
    passwords.folder().joinpath("passwords.json").write_text("{", encoding="utf-8")
    app = opened("train")

    assert "nobody is let in" in app.error[0].value
    assert not app.title
    assert not app.button


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on which a provider of identities is set up."""
    path = tmp_path / "secrets.toml"
    path.write_text('[auth]\nclient_id = "x"\n[access]\ntrainer = ["ada@example.org"]\n', encoding="utf-8")
    monkeypatch.setattr("yolodash.serving.settings.SECRETS", path)


def vouched_for(**claims: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.user = claims
    app.run()
    return app.switch_page("pages/train.py").run()


@pytest.mark.usefixtures("provider", "on_all_addresses")
def test_with_a_provider_nothing_is_shown_before_the_sign_in() -> None:
    app = vouched_for()

    sound(app)
    assert app.title[0].value == "YoloDash"
    assert [button.key for button in app.main.button] == ["sign_in_provider"]


@pytest.mark.usefixtures("provider", "on_all_addresses")
def test_whom_the_provider_vouches_for_has_the_role_of_the_rules() -> None:
    app = vouched_for(is_logged_in=True, email="ada@example.org")

    sound(app)
    assert app.title[0].value == "Train"


@pytest.mark.usefixtures("provider", "on_all_addresses")
def test_an_account_without_a_role_is_told_so() -> None:
    app = vouched_for(is_logged_in=True, email="eve@example.org")

    sound(app)
    assert "nobody gave this account a role" in words(app)


def annotating(page: str, **address: str) -> AppTest:
    """A page, opened by an annotator of a server with passwords."""
    with_password()
    token = new_token()
    grants.grant(token, Role.ANNOTATOR)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["session_token"] = token
    app.run()
    app.switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_an_annotator_reads_no_folder_of_the_server() -> None:
    everything = ways(opened("datasets"))
    passwords.set_password(Role.ANNOTATOR, "an annotator's words")
    app = annotating("augment", data=str(ROOT / "tests"))
    assert "nobody below the role 'trainer'" in app.error[0].value

    assert ways(annotating("datasets")) == everything[:-1]


def links(app: AppTest) -> dict[str, tuple[bool, str]]:
    """The pages that the middle links to, on each link's label: whether it leads nowhere, and what it explains."""
    found = [element.proto for element in app.main if element.type == "page_link"]
    return {proto.label.strip("*"): (proto.disabled, proto.help) for proto in found}


def test_home_marks_what_is_closed_to_a_visitor_and_for_whom_it_is() -> None:
    app = opened()
    everything = links(app)
    assert len(everything) >= 14
    assert not any(disabled for disabled, _help in everything.values())

    with_password()
    app = opened()
    sound(app)
    closed = {label: told for label, (disabled, told) in links(app).items() if disabled}
    assert set(links(app)) == set(everything)
    assert closed == {
        "2 · A data set": "This page is for the role annotator.",
        "3 · Train": "This page is for the role trainer.",
        "4 · Compare": "This page is for the role trainer.",
        "6 · Video": "This page is for the role annotator.",
    }
    assert words(app).count(":material/lock: for the role") == len(closed)
    assert "Look inside the networks that are here" in words(app)


@pytest.fixture
def small_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(
        "[limits.visitor]\nmegapixels = 0.01\npictures = 1\nnetwork_size = 416\n[limits.annotator]\nvideo_seconds = 1\n"
    )
    monkeypatch.setattr("yolodash.serving.settings.SECRETS", path)


def picture(width: int, height: int) -> tuple[str, bytes, str]:
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height), (200, height, 40)).save(buffer, "PNG")
    return f"{width}.png", buffer.getvalue(), "image/png"


@pytest.mark.usefixtures("small_limits")
def test_a_visitor_is_refused_what_is_over_the_limit_and_a_trainer_is_not() -> None:
    large, small = picture(200, 100), picture(100, 100)
    app = opened("detect_image")
    app.file_uploader[0].set_value([large]).run()
    sound(app)
    assert app.selectbox(key="sample").value.startswith("upload:")
    assert "1280" in app.selectbox(key="size").options

    with_password()
    app = opened("detect_image", size="1280")
    app.file_uploader[0].set_value([large, small, picture(50, 50)]).run()
    assert [error.value.split("**")[1] for error in app.error] == [
        r"This picture has 0\.02 megapixels; the role 'visitor' may bring up to 0\.01",
        "The role 'visitor' may keep up to 1 pictures, and as many are here",
    ]
    assert app.selectbox(key="sample").value.startswith("upload:")
    assert app.selectbox(key="size").options == ["320", "416"]
    assert app.selectbox(key="size").value is None


@pytest.mark.usefixtures("small_limits")
def test_an_annotator_has_a_part_of_a_long_video_looked_at() -> None:
    passwords.set_password(Role.ANNOTATOR, "an annotator's words")
    app = annotating("detect_video")
    assert "Up to 1 s in one go" in words(app)
    app.button(key="video_run").click().run()
    assert "the role 'annotator' may have up to 1 s looked at in one go" in app.error[0].value


def ways(app: AppTest) -> list[str]:
    """The ways in which the page Data sets takes pictures in; the last of all is a path on the server."""
    sound(app)
    shown = next(one for one in app.get("button_group") if one.key == "datasets_how")
    return [str(option) for option in shown.options]
