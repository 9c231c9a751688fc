"""Results of every kind, as cells of a notebook."""

VALUES = """
import dataclasses
import pandas as pd
from matplotlib.figure import Figure
from notebook_actions import Download

@dataclasses.dataclass
class Student:
    name: str
    marks: list

def drawn():
    figure = Figure(figsize=(4, 2))
    figure.subplots(subplot_kw={"title": "Owls per house"}).plot([1, 3, 2])
    return figure

class Report:
    def _repr_markdown_(self):
        return "# Report" + chr(10) * 2 + "Some **bold** text, [a link](https://example.com)."

class Styled:
    def _repr_svg_(self):
        return '<svg width="80" height="20"><rect width="80" height="20" style="fill:teal"/></svg>'

def value(which):
    frame = pd.DataFrame({"subject": ["Charms", "Potions"], "seats": [3, 1 / 3]})
    return {
        "nothing": None,
        "text": "Two lines" + chr(10) + "of text",
        "nested": {"student": {"name": "Luna", "marks": [1, {"charms": "O"}]}, "none": []},
        "records": [Student("Luna", [1, 2]), Student("Neville", [])],
        "frame": frame,
        "long": pd.DataFrame({"n": range(40_000), "third": [n / 3 for n in range(40_000)]}),
        "wide": pd.DataFrame([range(200)]),
        "figure": drawn(),
        "several": (drawn(), frame, "And a sentence."),
        "svg": Styled(),
        "markdown": Report(),
        "file": Download(bytes(range(256)) * 8000, "../größe.bin"),
    }[which]
"""

KINDS = (
    *("nothing", "text", "nested", "records", "frame", "wide", "figure", "several", "svg"),
    *("markdown", "file"),
)

ACTION = """
from notebook_actions import ActionForm, action

@action
def show(which: str):
    return value(which)

form = ActionForm(show, title="Results")
form
"""
