"""What may be chosen."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from limner.scheduling import Limiter
from limner.server.preferences import Preferences, PreferencesChange

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.lists(st.dictionaries(st.sampled_from(["name", "limit", "per"]), st.integers(), max_size=2)),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*Preferences.model_fields, "other"]), VALUES, max_size=4))
def test_whatever_is_taken_can_be_used(choices: dict[str, Any]) -> None:
    """Settings are refused, or a limiter and a prompt can be made with them."""
    try:
        change = PreferencesChange.model_validate(choices).model_dump(exclude_unset=True)
        chosen = {name: value for name, value in change.items() if value is not None}
        now = Preferences.model_validate(Preferences().model_dump() | chosen)
    except ValidationError:
        return
    assert "other" not in choices
    Limiter(**now.limits())
    assert "a fox" in now.compose("a fox", {}, now.negative_prompt).prompt
    assert Preferences.model_validate_json(now.model_dump_json()) == now


def test_every_setting_can_be_changed_and_brought_back() -> None:
    """The change has the fields of the settings, each of which may be left out or be null."""
    assert set(PreferencesChange.model_fields) == set(Preferences.model_fields)
    nothing = PreferencesChange.model_validate(dict.fromkeys(Preferences.model_fields))
    assert set(nothing.model_dump(exclude_unset=True).values()) == {None}
    assert PreferencesChange.model_validate({}).model_dump(exclude_unset=True) == {}
