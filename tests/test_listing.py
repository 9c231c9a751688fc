"""What the row of a submission says, and how far one has come."""

from typing import Annotated, Literal

import pytest

from notebook_actions import FormData, action
from notebook_actions.fields import Checkbox, Select
from notebook_actions.page import ActionForm, Page
from notebook_actions.render import Renderer


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "Luna", "fail": "on"}, "Name: Luna · Fail: Yes"),
        ({"fail": "on"}, "Fail: Yes"),
        ({"name": "on"}, "on"),
        ({"name": "Luna", "news": "weekly"}, "Name: Luna · News: Yes"),
        ({"house": "in_the_west", "table": "7"}, "House: In the west · Table: By the window"),
        ([("days", "mon_day"), ("days", "friday")], "Mon day, Friday"),
        ({"sure": "false"}, "Sure: No"),
    ],
)
def test_a_row_says_what_was_submitted_as_a_person_would(sent, said):
    """A tick is a yes, and a choice is called what the form calls it, not what is sent for it."""

    @action
    async def enroll(
        name: str,
        house: Literal["in_the_west"],
        days: list[Literal["mon_day", "friday"]],
        table: Annotated[str, Select(options={"7": "By the window"})],
        sure: bool | None,
        fail: bool = False,
    ): ...

    renderer = Renderer(Page("/", ActionForm(enroll, fields=[Checkbox("news", value="weekly")])))
    assert renderer.described("enroll", FormData(sent)) == said


def test_a_box_in_html_by_hand_is_ticked_too():
    """Where the author reads the raw form data, the form still knows which fields are boxes."""

    @action
    async def enroll(form: FormData): ...

    html = '<input name="name"><input type="checkbox" name="fail"><button>Enroll</button>'
    renderer = Renderer(Page("/", ActionForm(enroll, html=html)))
    sent = FormData({"name": "on", "fail": "on"})
    assert renderer.described("enroll", sent) == "Name: on · Fail: Yes"
