"""How much each role may take, by the server's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash.errors import ImageError, VideoError, WorkspaceError
from yolodash.serving.allowances import USUAL, allowance, allowed
from yolodash.serving.roles import Role


@given(megapixels=st.floats(0, 1e4), seconds=st.floats(0, 1e6), pictures=st.integers(0, 10**6))
def test_what_a_lower_role_may_a_higher_one_may_too(megapixels: float, seconds: float, pictures: int) -> None:
    refused = []
    for role in sorted(Role):
        limits, count = USUAL[role], 0
        for check, value in (
            (limits.check_picture, megapixels), (limits.check_video, seconds), (limits.check_count, pictures)
        ):  # fmt: skip
            try:
                check("x", value)  # type: ignore[arg-type]
            except (ImageError, VideoError):
                count += 1
        refused.append(count)
    assert refused == sorted(refused, reverse=True)
    assert refused[-1] == 0  # a trainer's bounds are the package's own


def test_the_owner_moves_a_limit_and_takes_one_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("[limits.visitor]\nmegapixels = 2.5\npictures = inf\n", encoding="utf-8")
    monkeypatch.setattr("yolodash.serving.settings.SECRETS", path)

    visitor = allowance(Role.VISITOR)
    assert visitor.video_seconds == USUAL[Role.VISITOR].video_seconds
    visitor.check_count("x", 10**9)
    visitor.check_picture("x", 2.5)
    with pytest.raises(ImageError) as refused:
        visitor.check_picture("a.jpg", 2.6)
    assert str(refused.value) == (
        "This picture has 2.6 megapixels; the role 'visitor' may bring up to 2.5 — a.jpg — make it smaller, sign in "
        "with a higher role, or ask whoever runs this server"
    )
    assert allowance(Role.TRAINER) == USUAL[Role.TRAINER]


@pytest.mark.parametrize(
    "own",
    [{"megapixel": 3}, {"pictures": 0}, {"pictures": -1}, {"pictures": "5"}, {"pictures": True}, 7, {"role": 3},
     {"megapixels": float("nan")}],
)  # fmt: skip
def test_a_limit_that_cannot_be_used_is_said_and_not_passed_over(own: Any) -> None:
    with pytest.raises(WorkspaceError, match=r"cannot be used — secrets\.toml: limits\.visitor"):
        allowed(Role.VISITOR, {"visitor": own})
