"""A form with a field of every kind: the app serves it, and it is the text of a notebook's cell."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from notebook_actions import FormData, FormError, UploadedFile, action
from notebook_actions.fields import Radio, Submit, Textarea
from notebook_actions.page import ActionForm, Page

ELECTIVES = Literal[
    "runes", "divination", "arithmancy", "muggle studies", "alchemy", "ghouls", "music", "art"
]


class Address(BaseModel):
    street: Annotated[str, Field(min_length=3)]
    country: Literal["England", "Scotland", "Wales"] = "Scotland"


class Guest(BaseModel):
    name: str
    age: Annotated[int, Field(ge=0, le=150)] = 17
    vegetarian: bool = False


@action(invalidate=())
async def register(
    name: Annotated[
        str, Field(title="Your name", description="As it stands in the register.", min_length=2)
    ],
    arrival: Annotated[dt.date, Field(description="The train leaves at 11 o’clock.")],
    password: SecretStr,
    address: Annotated[Address, Field(description="Where the owl finds you.")],
    photo: Annotated[UploadedFile | None, Field(description="A portrait, 2 MB at most.")] = None,
    seats: Annotated[int, Field(ge=1, le=6, description="Up to six in a compartment.")] = 1,
    house: Literal["gryffindor", "hufflepuff", "ravenclaw", "slytherin"] = "ravenclaw",
    electives: Annotated[list[ELECTIVES], Field(description="Choose up to two.")] = [],  # noqa: B006
    pets: Annotated[list[Literal["owl", "cat", "toad"]], Field(title="Pets")] = [],  # noqa: B006
    about: Annotated[str, Textarea(rows=3), Field(title="About you")] = "",
    guests: Annotated[list[Guest], Field(title="Guests", min_length=2)] = [],  # noqa: B006
    nicknames: list[str] = [],  # noqa: B006
    newsletter: Annotated[bool, Field(title="Send me the Daily Prophet")] = False,
    *,
    form: FormData,
) -> str:
    """Register for the school year. Everything can be changed until the feast."""
    if name == "Peeves":
        raise FormError(
            "Peeves cannot be registered.",
            {
                "meal": "No feast for ghosts.",
                "pets": "No pets for ghosts.",
                "address": "Ghosts have no address.",
                "guests[1].name": "Ghosts bring no guests.",
                "guests[0]": "A living guest is needed.",
            },
        )
    shown = [f"{seats} seats", house, *pets, str(form["meal"]), *(one.name for one in guests)]
    return ", ".join([f"{name} is registered", *shown, *nicknames])


everything = ActionForm(
    register,
    fields=[
        Radio("meal", ["Feast", "Soup", "Nothing"], label="First meal", required=True),
        Submit("Register"),
        Submit("Check only", "how", formnovalidate=True),
        Submit("Remind me", "how", formnovalidate=True),
    ],
    title="Registration",
)
page = Page("/everything", everything, title="School year")
