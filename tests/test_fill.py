"""Filling: values go back exactly, and nothing else in the HTML changes by a character."""

import re
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_actions import FormData, UploadedFile
from notebook_actions.controls import complete, controls
from notebook_actions.fill import fill


class Browser(HTMLParser):
    """Reads a form as a browser does: what it would send, its tags, and the text outside."""

    def __init__(self, html):
        super().__init__()
        self.pairs, self.tags, self.text = [], [], ""
        self._area = self._select = self._option = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, sorted(given)))
        kind, name = given.get("type") or "text", given.get("name")
        if tag == "textarea":
            self._area = [name, ""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.pairs.append((self._select, given["value"]))
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in given:
                self.pairs.append((name, given.get("value", "on")))
        elif tag == "input" and kind not in ("file", "submit"):
            self.pairs.append((name, given.get("value") or ""))

    def handle_endtag(self, tag):
        if tag == "textarea":
            name, text = self._area
            self.pairs.append((name, text.removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._area:
            self._area[1] += data
        else:
            self.text += data


def filled(html, *pairs, **options):
    """Return HTML with these pairs filled in."""
    return fill(html, values=FormData(pairs), **options)


HOUSES = (
    '<select name="h"><option value="g">G</option><option value="r" selected>R</option></select>'
)


# --- single controls ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "value", "expected"),
    [
        ("<input name=a>", "x", '<input name="a" value="x">'),
        ('<input name="a" value="old">', "x", '<input name="a" value="x">'),
        ('<input name="a" value="old">', "", '<input name="a" value="">'),
        ('<input name="a" type="email" required>', "x", None),
        ('<INPUT NAME="a" TYPE="TEXT">', "x", '<input name="a" type="TEXT" value="x">'),
        ('<input name="a" type="unknown">', "x", '<input name="a" type="unknown" value="x">'),
        ('<input name="a"/>', "x", '<input name="a" value="x">'),
        ("<input\n name='a'\n>", "x", '<input name="a" value="x">'),
        ('<input name="&auml;">', "x", '<input name="&auml;">'),
        ('<input name="a">', "\"'<>&", '<input name="a" value="&quot;&#x27;&lt;&gt;&amp;">'),
        ('<input name="a">', "&amp;", '<input name="a" value="&amp;amp;">'),
        ('<input name="a">', "{{ x }}{% y %}", '<input name="a" value="{{ x }}{% y %}">'),
    ],
)
def test_a_text_input_gets_its_value(html, value, expected):
    """The typed text is the value, escaped once, and all other attributes stay."""
    if expected is None:
        expected = html.replace(">", ' value="x">')
    assert filled(html, ("a", value)) == expected


def test_a_name_is_compared_as_the_browser_sends_it():
    """A name that is written with a character reference is found."""
    assert filled('<input name="&auml;">', ("ä", "x")) == '<input name="ä" value="x">'


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("x", "\nx"),
        ("", "\n"),
        ("\r\nx", "\n\nx"),
        ("a\r\nb\r\n", "\na\nb\n"),
        ("</textarea><script>", "\n&lt;/textarea&gt;&lt;script&gt;"),
    ],
)
def test_a_text_area_gets_its_text(value, content):
    """The text stands inside with LF, after one line break that the browser drops."""
    html = '<textarea name="a" rows=3>old &amp; <b>bold</b></textarea>'
    assert filled(html, ("a", value)) == f'<textarea name="a" rows=3>{content}</textarea>'


@pytest.mark.parametrize(
    "inside", ["<!-- ", "<script>", "<style>", "<input name=b>", "<![CDATA[", "</div>", "<", "&lt;"]
)
def test_what_looks_like_markup_in_a_text_area_is_text(inside):
    """No content of a text area hides the controls after it."""
    html = f"<textarea name=a>{inside}</textarea><input name=b>"
    assert filled(html, ("a", "1"), ("b", "2")) == (
        '<textarea name=a>\n1</textarea><input name="b" value="2">'
    )


@pytest.mark.parametrize(
    "text", ["&", "&#", "&#;", "&#x;", "&nope;", "<", "< 3", "</>", "<!>", "]]>"]
)
def test_odd_text_hides_no_control(text):
    """A stray character of the author's does not keep the controls after it from being filled."""
    html = f"{text} <input name=a>; {text} <input name=b>"
    assert filled(html, ("a", "1"), ("b", "2")) == (
        f'{text} <input name="a" value="1">; {text} <input name="b" value="2">'
    )


@pytest.mark.parametrize("kind", ["checkbox", "radio"])
@pytest.mark.parametrize("checked", ["", " checked"])
@pytest.mark.parametrize(
    ("value", "sent", "on"),
    [
        (' value="1"', ["1"], True),
        (' value="1"', ["0", "1"], True),
        (' value="1"', ["2"], False),
        (' value="1"', [], False),
        ("", ["on"], True),
        ("", ["1"], False),
        (' value=""', [""], True),
        (' value=""', ["on"], False),
    ],
)
def test_a_box_is_ticked_when_its_value_was_sent(kind, checked, value, sent, on):
    """Boxes and radio buttons stand as they were, also when the page has them the other way."""
    html = f'<input type="{kind}" name="a"{value}{checked}>'
    assert filled(html, *(("a", one) for one in sent)).endswith(" checked>") is on


def test_boxes_of_one_name_are_ticked_each_by_its_value():
    """Of several boxes those are ticked whose values were sent."""
    boxes = [f'<input type="checkbox" name="d" value="{day}"{{}}>' for day in ("Mo", "Tu", "We")]
    html = "".join(box.format("") for box in boxes)
    wanted = [box.format(on) for box, on in zip(boxes, (" checked", "", " checked"), strict=True)]
    assert filled(html, ("d", "Mo"), ("d", "We")) == "".join(wanted)


def test_a_list_has_the_choice_that_was_sent():
    """The chosen option is selected, and the page's own choice is not any more."""
    assert filled(HOUSES, ("h", "g")) == (
        HOUSES.replace(" selected", "").replace('value="g"', 'value="g" selected')
    )


@pytest.mark.parametrize(
    ("option", "value", "selected"),
    [
        ("<option>Tom &amp; Jerry</option>", "Tom & Jerry", None),
        ("<option>  two \n words </option>", "two words", None),
        ("<option>a\u00a0 b</option>", "a\u00a0 b", None),
        ("<option value>None</option>", "", "<option value selected>None</option>"),
        ("<option value=''>None</option>", "", '<option value="" selected>None</option>'),
        ("<option>g", "g", "<option selected>g"),
        ("<option>g<option>h", "g", "<option selected>g<option>h"),
        ("<optgroup label=x><option>g</optgroup>", "g", None),
    ],
)
def test_an_option_without_a_value_is_its_text(option, value, selected):
    """The text counts as a browser reads it, also without an end tag."""
    if selected is None:
        selected = option.replace("<option>", "<option selected>")
    assert filled(f"<select name=a>{option}</select>", ("a", value)) == (
        f"<select name=a>{selected}</select>"
    )


def test_a_choice_that_is_not_offered_selects_nothing():
    """A forged value is not added to the list."""
    assert filled(HOUSES, ("h", "s")) == HOUSES.replace(" selected", "")


def test_a_list_that_was_not_sent_stays():
    """A placeholder that cannot be chosen, and so is not sent, stays in its place."""
    assert filled(HOUSES, ("other", "x")) == HOUSES


def test_a_list_of_many_has_exactly_the_choices_that_were_sent():
    """With ``multiple`` all values are selected, and none when none was."""
    html = HOUSES.replace('name="h"', 'name="h" multiple')
    assert filled(html, ("h", "g"), ("h", "r")).count(" selected") == 2
    assert filled(html, ("other", "x")).count(" selected") == 0


def test_options_outside_a_list_stay():
    """The suggestions of a datalist are not chosen from."""
    html = "<datalist id=x><option selected>g</option></datalist><input name=a>"
    assert filled(html, ("a", "g")).startswith("<datalist id=x><option selected>g</option>")


# --- several controls -----------------------------------------------------------------------------


def test_repeated_names_go_to_their_controls_in_order():
    """The first value goes to the first control of the name, whatever kind each is."""
    html = "<input name=a><textarea name=a></textarea><input name=b><input name=a value=old>"
    assert filled(html, ("a", "1"), ("b", "x"), ("a", "2"), ("a", "3")) == (
        '<input name="a" value="1"><textarea name=a>\n2</textarea>'
        '<input name="b" value="x"><input name="a" value="3">'
    )


def test_more_controls_than_values_keep_their_own():
    """A control for which nothing was sent stays as it was written."""
    html = '<input name="a"><input name="a" value="own">'
    assert filled(html, ("a", "1")) == '<input name="a" value="1"><input name="a" value="own">'


def test_repeated_lists_have_their_own_choices():
    """Each of several lists of one name has the choice that was made in it."""
    first, second = filled(HOUSES + "|" + HOUSES, ("h", "r"), ("h", "g")).split("|")
    assert first == HOUSES
    assert second == filled(HOUSES, ("h", "g"))


@pytest.mark.parametrize("kind", ["hidden", "password"])
def test_a_value_that_stays_away_does_not_move_the_others(kind):
    """A hidden or secret value of the same name is passed over, and never lands in a text input."""
    html = f'<input type="{kind}" name="a"><input name="a">'
    assert filled(html, ("a", "SECRET"), ("a", "typed")) == (
        f'<input type="{kind}" name="a"><input name="a" value="typed">'
    )


@pytest.mark.parametrize(
    "one", ["<input name=a data-secret>", "<textarea name=a data-secret>x</textarea>"]
)
def test_a_secret_value_does_not_move_the_others(one):
    """What was typed into a field with ``data-secret`` never lands in the next one of its name."""
    assert filled(f"{one}<input name=a>", ("a", "SECRET"), ("a", "typed")) == (
        f'{one}<input name="a" value="typed">'
    )


def test_the_names_of_secrets_are_found():
    """Passwords and what has ``data-secret``, in whatever way it is written; rows once."""
    html = (
        '<input type=PASSWORD name="pin"><textarea data-secret name="note"></textarea>'
        '<select name="blood" data-secret></select><input name="users[3].pin" type="password">'
        '<input name="users[12].pin" type="password"><input name="shown"><p data-secret></p>'
        '<input type="password"><input data-secret type="file" name="scan">'
    )
    assert controls(html).secrets == {"pin", "note", "blood", "users[#].pin", "scan"}


def test_a_disabled_control_takes_no_value():
    """A browser does not send it, so the value belongs to the next one."""
    html = '<input name="a" disabled><input name="a">'
    assert filled(html, ("a", "x")) == '<input name="a" disabled><input name="a" value="x">'


def test_a_file_takes_no_text():
    """An upload is neither put back nor does it shift the texts of its name."""
    html = '<input type="file" name="a"><input name="a">'
    assert filled(html, ("a", UploadedFile("x.png")), ("a", "typed")) == (
        '<input type="file" name="a"><input name="a" value="typed">'
    )


@pytest.mark.parametrize(
    "html",
    [
        '<input type="password" name="a">',
        '<input type="PassWord" name="a" value="placeholder">',
        '<input name="a" data-secret>',
        '<textarea name="a" data-secret>own</textarea>',
        '<select name="a" data-secret><option>SECRET</option><option selected>x</option></select>',
        '<select name="a" multiple data-secret><option>SECRET<option selected>x</select>',
        '<input type="checkbox" name="a" value="SECRET" data-secret>',
        '<input type="radio" name="a" value="x" checked data-secret>',
        '<input type="file" name="a">',
        '<input type="hidden" name="a" value="own">',
        '<input type="submit" name="a" value="own">',
        '<input type="image" name="a">',
        '<input type="button" name="a" value="own">',
        '<input type="reset" name="a" value="own">',
        '<button name="a" value="own">b</button>',
        '<output name="a">b</output>',
        "<input>",
        '<input name="">',
        '<input name="b">',
        "<select><option selected>x</select>",
        "<!-- <input name=a> -->",
        "<script>'<input name=a>'</script>",
    ],
)
def test_secrets_files_hidden_fields_and_buttons_get_no_value(html):
    """What the person did not type visibly never comes back in the page."""
    assert filled(html, ("a", "SECRET"), ("", "SECRET")) == html


def test_each_value_goes_to_one_box():
    """Of two boxes that send the same, one is ticked when it was sent once."""
    box = '<input type="checkbox" name="a" value="1">'
    assert filled(box + box, ("a", "1")).count(" checked") == 1
    assert filled(box + box, ("a", "1"), ("a", "1")).count(" checked") == 2
    options = "<select name=a multiple><option>1<option>1</select>"
    assert filled(options, ("a", "1")).count(" selected") == 1


@pytest.mark.parametrize(
    "box",
    ["<input type=checkbox name=a value={}>", "<select name=a multiple><option value={}></select>"],
)
def test_boxes_and_a_text_of_one_name_get_what_they_sent(box):
    """A choice with a field for another one, all of one name, comes back as it was."""
    html = box.format("ham") + box.format("egg") + "<input name=a>"
    back = filled(html, ("a", "egg"), ("a", "tofu"))
    assert "value=ham>" in back
    assert re.search(r'value="egg" (checked|selected)>', back)
    assert back.endswith('<input name="a" value="tofu">')
    assert filled(html, ("a", "ham")).endswith('<input name="a" value="ham">')
    assert not re.search("checked|selected", filled(html, ("a", "ham")))


def test_a_line_break_in_a_name_or_choice_is_sent_as_cr_lf():
    """What a browser sends for it is recognized."""
    html = (
        '<input name="a\nb"><input type=radio name=c value="x\ny">'
        "<select name=d><option>1\n2</select>"
    )
    back = filled(html, ("a\r\nb", "1"), ("c", "x\r\ny"), ("d", "1 2"))
    assert back.count(' value="1"') == back.count(" checked") == back.count(" selected") == 1
    options = '<select name=d><option value="0"></option><option value="1\n2"></option></select>'
    assert 'value="1\n2" selected' in filled(options, ("d", "1\r\n2"))


def test_an_optgroup_ends_the_option_before_it():
    """The text of an option without an end tag stops at the next group."""
    html = "<select name=a><option>f<option>g<optgroup label=x><option>h</optgroup></select>"
    assert filled(html, ("a", "g")) == html.replace("<option>g", "<option selected>g")


# --- slots and marks ------------------------------------------------------------------------------


def test_a_slot_gets_its_html():
    """The inside of the element is replaced, and the element itself stays."""
    html = '<div data-slot="errors" class=x>old <b>one</b></div><p data-slot=status></p>'
    assert fill(html, slots={"errors": "<i>new</i>", "status": "Done."}) == (
        '<div data-slot="errors" class=x><i>new</i></div><p data-slot=status>Done.</p>'
    )


def test_a_slot_that_is_not_named_stays():
    """Only named slots are touched, and unknown ones do no harm."""
    html = '<p data-slot="a">old</p>'
    assert fill(html, slots={"b": "x"}) == html
    assert fill(html, slots={"a": ""}) == '<p data-slot="a"></p>'


def test_a_slot_ends_with_its_own_end_tag():
    """Elements of the same kind inside do not end the slot early."""
    html = "<div data-slot=a><div>x</div><p>y</div>z</div><div>z</div>"
    assert fill("<div data-slot=a><div>x</div><p>y</p></div>z", slots={"a": "!"}) == (
        "<div data-slot=a>!</div>z"
    )
    assert fill(html, slots={"a": "!"}) == "<div data-slot=a>!</div>z</div><div>z</div>"


def test_controls_in_a_slot_go_with_its_old_inside():
    """A control in a slot that is replaced takes no value from those that stay."""
    html = '<div data-slot="a"><input name="x"></div><input name="x">'
    assert filled(html, ("x", "1"), slots={"a": "!"}) == (
        '<div data-slot="a">!</div><input name="x" value="1">'
    )


def test_controls_in_a_slot_that_stays_are_filled():
    """A slot that is not replaced is HTML like any other."""
    html = '<div data-slot="a"><input name="x"></div>'
    assert filled(html, ("x", "1")) == '<div data-slot="a"><input name="x" value="1"></div>'


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ('<input name="a">', '<input name="a" aria-invalid="true">'),
        ('<input name="a" aria-invalid="false">', '<input name="a" aria-invalid="true">'),
        (
            '<input name="a" type="password">',
            '<input name="a" type="password" aria-invalid="true">',
        ),
        ('<input name="a" type="file">', '<input name="a" type="file" aria-invalid="true">'),
        ('<input name="a" type="radio">', '<input name="a" type="radio" aria-invalid="true">'),
        ('<select name="a"></select>', '<select name="a" aria-invalid="true"></select>'),
        ('<textarea name="a">x</textarea>', '<textarea name="a" aria-invalid="true">x</textarea>'),
        ('<input name="a" type="hidden">', None),
        ('<input name="a" type="submit">', None),
        ('<button name="a">b</button>', None),
        ('<input name="b">', None),
    ],
)
def test_wrong_fields_are_marked(html, marked):
    """Every control of a wrong field says so to a screen reader, and no other control does."""
    assert fill(html, invalid=["a"]) == (html if marked is None else marked)


@pytest.mark.parametrize("kind", ["radio", "checkbox"])
def test_wrong_choices_are_marked_as_a_whole(kind):
    """Choices that stand in a fieldset of theirs are wrong together; others are not touched."""
    html = (
        '<fieldset data-field="b"></fieldset><fieldset data-field="a">'
        f'<input name="a" type="{kind}"><input name="b"></fieldset>'
    )
    assert fill(html, invalid=["a"]) == html.replace(
        'data-field="a"', 'data-field="a" aria-invalid="true"'
    )


def test_a_wrong_field_is_marked_and_filled():
    """Mark and value stand in the same tag, once each."""
    assert filled('<textarea name="a">old</textarea>', ("a", "new"), invalid={"a"}) == (
        '<textarea name="a" aria-invalid="true">\nnew</textarea>'
    )


# --- ids and inventory ----------------------------------------------------------------------------


def without_messages(html):
    """Return completed HTML without the slots for messages and what refers to them."""
    html = re.sub(r'<span class="na-error"[^>]*></span>', "", html)
    return re.sub(r' aria-describedby="[^"]*-error"', "", html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<input name=a>", '<input id="f-a" name=a>'),
        ("<SELECT NAME=a></SELECT>", '<SELECT id="f-a" NAME=a></SELECT>'),
        ("<textarea name='a b'>", "<textarea id=\"f-a-b\" name='a b'>"),
        ("<input name=a><input name=a>", '<input id="f-a" name=a><input name=a>'),
        ("<input name=a><input name=a id=x>", "<input name=a><input name=a id=x>"),
        ("<input name='&quot;'>", "<input id=\"f-&quot;\" name='&quot;'>"),
        ("<input type=hidden name=a>", "<input type=hidden name=a>"),
        ("<button name=a>", "<button name=a>"),
        ("<input>", "<input>"),
        ("<textarea name=a><input name=b></textarea>", None),
    ],
)
def test_each_name_can_be_linked_to(html, expected):
    """The first control of a name gets an id, unless one of them has one already."""
    if expected is None:
        expected = html.replace("<textarea", '<textarea id="f-a"')
    assert without_messages(complete(html, "f")) == expected


def test_the_inventory_tells_ids_buttons_and_files():
    """What a form's HTML offers is known without rendering it."""
    found = controls(
        "<input name=a id=x><input name=a id=y><input type=hidden name=b id=z><i id=w>"
    )
    assert found.ids == {"a": "x", "b": "z"}
    assert not found.submitter
    assert not found.files


@pytest.mark.parametrize(
    ("html", "submitter", "files"),
    [
        ("<button>Go</button>", True, False),
        ("<button type=submit>Go</button>", True, False),
        ("<BUTTON TYPE=SUBMIT>Go</BUTTON>", True, False),
        ("<button type=button>Go</button>", False, False),
        ("<button type=reset>Go</button>", False, False),
        ("<input type=submit>", True, False),
        ("<input type=image>", True, False),
        ("<input type=File name=a>", False, True),
        ("<input name=a>", False, False),
        ("<!-- <button> -->", False, False),
        ("<textarea><button></textarea>", False, False),
    ],
)
def test_buttons_and_files_are_recognised(html, submitter, files):
    """A form that has a button of its own, or a file, is known by it."""
    found = controls(html)
    assert (found.submitter, found.files) == (submitter, files)


# --- any text, any HTML ---------------------------------------------------------------------------

FORM = (
    '<form><h1>T &amp; U</h1><input name="a"><input name="b" type="search" value="x">'
    '<textarea name="c">old</textarea><input type="checkbox" name="d" value="1">'
    '<select name="e"><option value="1">1</option><option value="2">2</option></select>'
    '<input name="a"><p data-slot="s">old</p></form>'
)


@settings(max_examples=200)
@given(st.text(), st.text(), st.text(), st.booleans(), st.sampled_from("12"), st.text())
def test_any_submission_comes_back_unchanged(a, b, c, ticked, choice, again):
    """For any texts: a browser that reads the filled form would send the same pairs again."""
    pairs = [("a", a), ("b", b), ("c", c), *([("d", "1")] * ticked), ("e", choice), ("a", again)]
    seen = Browser(filled(FORM, *pairs))
    assert seen.pairs == [
        (name, value.replace("\r\n", "\n") if name == "c" else value) for name, value in pairs
    ]
    assert [tag for tag, _ in seen.tags] == [tag for tag, _ in Browser(FORM).tags]
    assert seen.text == Browser(FORM).text


@settings(max_examples=200)
@given(st.text())
def test_no_text_breaks_out_of_a_slot(text):
    """For any text, escaped as a message is: the slot holds that text and nothing moves."""
    seen = Browser(fill(FORM, slots={"s": escape(text)}))
    assert seen.tags == Browser(FORM).tags
    assert seen.text == Browser(FORM).text.removesuffix("old") + text


UNCLOSED = ["<", "<a href=", "<unclosed", "<!-- ", "<textarea>", "<script>"]
FRAGMENTS = [
    "<p class='x' CLASS=y>",
    "</p>",
    "<br/>",
    "<input name=a>",
    "<input\r\n\tname='b' value=\"1\"/>",
    "<textarea name=c>\r\n &amp; <b></textarea>",
    "<select name=d><option SELECTED>1</select>",
    "<!-- <input name=z> -->",
    "<!DOCTYPE html>",
    "<script>if (a<b) {'</p>'}</script>",
    "&nbsp;&lt;&auml;&unknown;&",
    "&# &#; &#x &#xg; &#9",
    "< 3",
    "\r",
    "\n",
    "ä\U0001f989",
    "<svg viewBox='0 0 1 1'><path/></svg>",
    "<div data-slot=x>",
    "</div>",
]
whole = st.lists(st.sampled_from(FRAGMENTS)).map("".join)
cut_off = st.lists(st.sampled_from([*FRAGMENTS, *UNCLOSED])).map("".join)


@settings(max_examples=200)
@given(cut_off)
def test_what_is_not_filled_stays_verbatim(html):
    """For any HTML: without a value, slot or mark that concerns it not one character changes."""
    assert fill(html) == html
    assert filled(html, ("other", "x"), slots={"other": "x"}, invalid=["other"]) == html
    assert (
        without_messages(complete(html, "f"))
        .replace(' id="f-a"', "")
        .replace(' id="f-b"', "")
        .replace(' id="f-c"', "")
        .replace(' id="f-d"', "")
        == html
    )


@settings(max_examples=200)
@given(whole, st.text(), cut_off)
def test_the_surroundings_of_a_filled_control_stay_verbatim(before, text, after):
    """For any HTML around it: filling one control changes that tag alone."""
    html = f'{before}<input name="z">{after}'
    assert filled(html, ("z", text)) == f'{before}<input name="z" value="{escape(text)}">{after}'


def completed(html):
    """What the author's HTML becomes in a form with the id ``f``."""
    return complete(html, "f")


SLOT = '<span class="na-error" id="f-{0}-error" data-slot="error:{0}"></span>'


def test_a_message_has_its_place_behind_each_control():
    """Where the author placed no slot, one follows the control, which is described by it."""
    described = 'id="f-{0}" aria-describedby="f-{0}-error"'.format
    assert completed('<input name="a">!') == f'<input {described("a")} name="a">{SLOT.format("a")}!'
    assert completed('<textarea name="t">x</textarea>!') == (
        f'<textarea {described("t")} name="t">x</textarea>{SLOT.format("t")}!'
    )
    assert completed('<select name="s"><option>1</select>!') == (
        f'<select {described("s")} name="s"><option>1</select>{SLOT.format("s")}!'
    )


def test_a_control_in_a_label_has_its_message_behind_the_label():
    """A message is no part of the control's name."""
    html = completed('<label>Seats <input name="a" id="x"></label>!')
    assert html == (
        '<label>Seats <input aria-describedby="x-error" name="a" id="x"></label>'
        '<span class="na-error" id="x-error" data-slot="error:a"></span>!'
    )


def test_controls_of_one_name_share_the_message_behind_the_last():
    """A group of radio buttons has one place for its message."""
    radio = '<label><input type="radio" name="r" value="{}"></label>'
    html = completed(radio.format(1) + radio.format(2) + "!")
    assert html.count('data-slot="error:r"') == 1
    assert html.endswith(f"</label>{SLOT.format('r')}!")
    assert html.count('aria-describedby="f-r-error"') == 2


@pytest.mark.parametrize(
    "html",
    [
        '<input type="hidden" name="a">',
        '<button name="a">Go</button><input type="submit" name="b">',
        '<input id="x" name="a"><b data-slot="error:a"></b>',
        "<input>",
        '<textarea id="x" name="a"></textarea><p data-slot="error:a"></p>',
    ],
)
def test_what_needs_no_message_or_has_its_slot_stays_as_it_is(html):
    """The author's own slot is used; buttons and hidden fields have none."""
    assert completed(html) == html


def test_a_label_that_is_never_closed_loses_no_message():
    """The slot stands at the end then."""
    assert completed('<label><input name="a">').endswith(SLOT.format("a"))


def test_a_message_in_an_added_slot_is_filled():
    """What is added is found by the filling."""
    html = fill(completed('<input name="a">'), slots={"error:a": "is wrong"}, invalid=["a"])
    assert "is wrong</span>" in html
    assert 'aria-invalid="true"' in html


# --- files ----------------------------------------------------------------------------------------

TWO = (
    '<input type="file" name="photo" data-max-size="5000000" required>'
    '<input type="FILE" name="rows[#].scan" multiple data-max-size="x">'
    '<input type="file" name="twice" data-max-size="1"><input type="file" name="twice" '
    'data-max-size=" 2 ">'
)


def test_limits_and_multiples_are_read():
    """What a file input says about sizes and numbers is found; what is no number is no limit."""
    found = controls(TWO)
    assert found.limits == {"photo": 5_000_000, "twice": 2}
    assert found.multiple == {"rows[#].scan", "twice"}
    assert found.files
    assert not controls('<input name="photo" multiple data-max-size="5">').files


def test_a_file_input_gets_a_slot_for_kept_files():
    """After a file input there is one slot for what is kept of its name, outside its label."""
    first, _, rest = TWO.partition(">")
    html = complete(f"<label>Photo {first}></label>{rest}", "f")
    slots = [attrs for _, attrs in Browser(html).tags if "data-slot" in attrs]
    assert len(slots) == 6
    assert html.count('data-slot="kept:photo"') == html.count('data-slot="kept:twice"') == 1
    assert html.index("</label>") < html.index('data-slot="kept:photo"')
    assert complete(html, "f") == html


def test_a_kept_file_need_not_be_chosen_again():
    """A required file input is not required while a file is kept for it, and says that it was."""
    html = complete('<input type="file" name="photo" required>', "f")
    shown = fill(html, slots={"kept:photo": "<b>owl</b>"})
    assert " required" not in shown
    assert " data-required" in shown
    assert "<b>owl</b></span>" in shown
    assert fill(html, slots={"kept:photo": "", "kept:other": "x"}) == html


LEGENDS = (
    '<fieldset disabled><legend>Pay <input name="how" value="card"></legend>'
    '<input name="card" value="1"><input type="checkbox" name="keep" checked>'
    '<fieldset><legend><input name="inner" value="2"></legend></fieldset>'
    '<legend><input name="second" value="3"></legend></fieldset><input name="after" value="4">'
)


def test_what_a_fieldset_disables_keeps_what_the_author_wrote():
    """No browser sends it, so nothing says that it was emptied or unticked."""
    assert filled(LEGENDS, ("how", "card"), ("after", "4")) == LEGENDS
    assert 'name="keep" checked' in filled(LEGENDS, ("keep", "forged"))


def test_the_first_legend_of_a_disabled_fieldset_is_not_disabled():
    """HTML leaves it out, and what comes after the fieldset too."""
    got = filled(LEGENDS, ("how", "cash"), ("card", "x"), ("inner", "x"), ("second", "x"))
    changed = LEGENDS.replace('value="card"', 'value="cash"')
    assert got == changed
    assert filled(LEGENDS, ("after", "9")) == LEGENDS.replace('value="4"', 'value="9"')


def test_a_wrong_field_is_never_out_of_sight():
    """Whatever it is folded into is opened; the rest stays as it was."""
    html = (
        '<details class="x"><details><input name="a"></details></details>'
        '<details><input name="b"></details><details><fieldset data-field="c"></fieldset></details>'
    )
    assert fill(html, invalid=["a", "c"]) == (
        '<details class="x" open><details open><input name="a" aria-invalid="true"></details>'
        '</details><details><input name="b"></details>'
        '<details open><fieldset data-field="c" aria-invalid="true"></fieldset></details>'
    )


def test_a_control_of_another_form_is_not_this_ones():
    """By its ``form=`` it sends nothing here, so it gets nothing back, and no id or message."""
    own, other = '<input form="form-a" name="x">', '<input form="form-b" name="x">'
    html = f'<form id="form-a">{other}{own}</form>'
    expected = html.replace(own, '<input form="form-a" name="x" value="1">')
    assert filled(html, ("x", "1")) == expected
    assert complete(other, "a") == other
    assert controls(other + '<button form="form-b">Go</button>', "form-a") == controls("")


def test_of_an_attribute_that_stands_twice_the_first_counts():
    """As in a browser."""
    html = '<input name="a" name="b" value="1" value="2">'
    assert filled(html, ("a", "x"), ("b", "y")) == '<input name="a" value="x">'


def test_what_nobody_can_choose_stays_chosen():
    """A disabled choice of a list of many is not sent, and not taken away."""
    html = '<select name="a" multiple><option disabled selected>1<option>2</select>'
    assert filled(html, ("a", "2")) == html.replace("<option>2", "<option selected>2")
