"""Declarations: what a form and a page accept, and what they say about the rest."""

import pytest

from notebook_actions import FormData, Request, action, loader
from notebook_actions.errors import DefinitionError
from notebook_actions.page import ActionForm, Page, check_pages, check_path


@action
async def enroll(subject: str, seats: int = 1): ...


@action(name="enroll-2")
async def other(form: FormData): ...


@loader
async def students(): ...


# --- forms ----------------------------------------------------------------------------------------


def test_a_form_says_by_itself_what_its_author_did_not():
    """Fields, label and path come from the action."""
    form = ActionForm(enroll)
    assert form.action is enroll
    assert [field.name for field in form.fields] == ["subject", "seats"]
    assert (form.submit_label, form.path, form.title) == ("Enroll", "/enroll", None)
    assert (form.html, form.request) == (None, None)
    assert repr(form) == "<ActionForm enroll>"


def test_a_plain_function_becomes_an_action():
    """A function without a decorator is wrapped with the defaults."""

    async def drop_out(subject): ...

    form = ActionForm(drop_out)
    assert (form.action.name, form.submit_label, form.path) == ("drop_out", "Drop out", "/drop_out")


def test_what_the_author_says_is_taken():
    """Each option replaces what the form would say by itself."""
    request = Request()
    form = ActionForm(
        enroll, html="<input name=a>", title="T", submit="Go", request=request, path="/x/y"
    )
    assert (form.html, form.title, form.submit_label) == ("<input name=a>", "T", "Go")
    assert (form.request, form.path) == (request, "/x/y")


def test_a_form_with_the_authors_html_shows_no_fields_of_its_own():
    """The author's markup stands alone, while the action still reads its fields."""
    form = ActionForm(enroll, html="")
    assert form.fields == ()
    assert len(form.action.fields) == 2


def test_an_unknown_option_is_an_error():
    """A misspelled option is never silently ignored."""
    with pytest.raises(TypeError, match="titel"):
        ActionForm(enroll, titel="x")
    with pytest.raises(TypeError, match="tittle"):
        Page("/", tittle="x")


@pytest.mark.parametrize(
    ("thing", "options", "said"),
    [
        ("enroll", {}, "an action is a function, not str"),
        (enroll, {"html": b"<input>"}, r"html= of enroll is b'<input>' \(type bytes\)"),
        (enroll, {"html": 7}, r"html= of enroll is 7 \(type int\)"),
        (enroll, {"request": {"user": "x"}}, r"request=.* of enroll: give a Request"),
        (enroll, {"path": "enroll"}, "'enroll' cannot be a page's path"),
    ],
)
def test_what_does_not_fit_a_form_is_refused(thing, options, said):
    """The message names the action and the option."""
    with pytest.raises(DefinitionError, match=said):
        ActionForm(thing, **options)


@pytest.mark.parametrize(
    ("html", "line", "column"),
    [
        ("<form>", 1, 1),
        ("<p>\n  <FORM action='/x'><input></FORM>", 2, 3),
        ("<input>\r\n\r\n</form>", 3, 1),
        ("<textarea>\n</textarea><form>", 2, 12),
        ("<div><form/></div>", 1, 6),
        ("ä<b>ö</b><form>", 1, 10),
    ],
)
def test_a_form_inside_the_html_is_refused_with_its_place(html, line, column):
    """A nested form tag, also a stray end tag, is found with line and column."""
    with pytest.raises(DefinitionError, match=f"enroll, line {line}, column {column}: leave out"):
        ActionForm(enroll, html=html)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "&lt;form&gt;",
        "<!-- <form> -->",
        "<textarea><form></textarea>",
        "<input value='<form>'>",
        "<script>'<form>'</script>",
        "<button form='other' formaction='/x'>",
        "<form-field></form-field>",
    ],
)
def test_what_only_looks_like_a_form_is_left_alone(html):
    """Text, comments, values and other tags are no nested form."""
    assert ActionForm(enroll, html=html).html == html


def test_html_that_the_parser_gives_up_on_is_a_wrong_declaration():
    """A broken marked section is accepted or refused, as the parser at hand will have it."""
    try:
        ActionForm(enroll, html="<![broken section]>")
    except DefinitionError as error:
        assert "html= of enroll cannot be read" in str(error)  # noqa: PT017 - depends on the version


# --- paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/a", "/a/b", "/a-b_c.d", "/a/", "/größe", "/@x", "/a:b"])
def test_a_path_begins_with_one_slash(path):
    """A path is what may stand in an address after the host."""
    assert check_path(path) == path
    assert Page(path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//a",
        "/a?b",
        "/a#b",
        "/a b",
        "/a\n",
        "/a\x00",
        "/a\x7f",
        "/../a",
        "/a/..",
        "/%61",
        "/a\\b",
        "https://x/",
        None,
        7,
        b"/a",
    ],
)
def test_another_path_is_refused(path):
    """The message shows the path and an example of a good one."""
    with pytest.raises(DefinitionError, match=r"cannot be a page's path; write one like"):
        check_path(path)


@pytest.mark.parametrize(
    ("path", "slug", "title"),
    [
        ("/", "index", "Home"),
        ("/enrollment", "enrollment", "Enrollment"),
        ("/a/b_c", "a-b_c", "B c"),
        ("/a/b/", "a-b", "B"),
        ("/a.b:c", "a-b-c", "A.b:c"),
    ],
)
def test_a_path_gives_a_file_name_and_a_title(path, slug, title):
    """A page without a title has one made from its path, and a name that suits a file."""
    page = Page(path)
    assert (page.slug, page.title) == (slug, title)
    assert Page(path, title="T").title == "T"
    assert repr(page) == f"<Page {path}>"


# --- pages ----------------------------------------------------------------------------------------


def test_the_children_are_kept_in_order():
    """A page shows forms, loaders and HTML in the order in which they were given."""
    form = ActionForm(enroll)
    page = Page("/", "<p>Hi</p>", students, form)
    assert page.parts == ("<p>Hi</p>", students, form)
    assert page.forms == {"enroll": form}
    assert page.loaders == {"students": students}


def test_copies_of_a_form_have_ids_of_their_own():
    """A second form of the same action gets a number, and no id is ever given twice."""
    forms = [ActionForm(one) for one in (enroll, enroll, other, enroll)]
    page = Page("/", *forms)
    assert page.forms == dict(
        zip(["enroll", "enroll-2", "enroll-2-2", "enroll-3"], forms, strict=True)
    )


def test_the_same_form_may_be_shown_twice():
    """One object in two places is two forms of the page."""
    form = ActionForm(enroll)
    assert Page("/", form, form).forms == {"enroll": form, "enroll-2": form}


@pytest.mark.parametrize(
    ("child", "said"),
    [
        (enroll, r"child 2 of Page\('/x'\) is <Action enroll> \(type Action\)"),
        (enroll.function, r"child 2 of Page\('/x'\) is <function"),
        (7, r"is 7 \(type int\)"),
        (None, r"is None \(type NoneType\)"),
        (["<p>"], r"a page holds ActionForm\(...\), @loader functions and HTML strings"),
        (b"<p>", r"\(type bytes\)"),
    ],
)
def test_a_wrong_child_is_named_with_its_position(child, said):
    """The message shows the child, where it stands and what a page can hold."""
    with pytest.raises(DefinitionError, match=said):
        Page("/x", "<p>", child)


def test_the_repr_of_a_wrong_child_is_cut():
    """A large object does not fill the screen."""
    with pytest.raises(DefinitionError) as caught:
        Page("/", ["x" * 10_000])
    assert len(str(caught.value)) < 300


def test_two_loaders_of_a_page_have_different_keys():
    """Two loaders under one key would show each other's data; the same one twice would not."""
    same = loader(key="students")(lambda: 1)
    with pytest.raises(DefinitionError, match=r"two loaders of Page.* have the key students"):
        Page("/", students, same)
    assert Page("/", students, students).loaders == {"students": students}


def test_the_request_of_a_page_is_its_own_or_its_forms():
    """In the notebook the loaders get the page's request, or that of the first form with one."""
    first, second = Request(), Request()
    forms = [
        ActionForm(enroll),
        ActionForm(other, request=first),
        ActionForm(enroll, request=second),
    ]
    assert Page("/x", *forms).request is first
    assert Page("/x", *forms, request=second).request is second
    assert Page("/x").request.url == "/x"


def test_a_form_or_action_can_stand_for_a_page():
    """What is served alone gets a page of its own."""
    form = ActionForm(enroll, path="/join", title="Join us")
    page = Page.of(form)
    assert (page.path, page.title, page.parts) == ("/join", "Join us", (form,))
    assert Page.of(page) is page
    assert (Page.of(enroll).path, Page.of(enroll).title) == ("/enroll", "Enroll")


@pytest.mark.parametrize("thing", ["x", None, students, enroll.function])
def test_what_cannot_be_served_is_refused(thing):
    """The message says what can be served."""
    with pytest.raises(DefinitionError, match="cannot be served; give a Page, ActionForm or @act"):
        Page.of(thing)


def test_pages_are_known_by_their_path():
    """Several pages of one app are found by path."""
    pages = [Page("/"), Page("/a")]
    assert check_pages(pages) == {"/": pages[0], "/a": pages[1]}


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([], "there is no page to serve"),
        (["/a", "/b", "/a"], "two pages have the path '/a'"),
        (["/a/b", "/a-b"], "'/a/b' and '/a-b' would both be exported as a-b.html"),
        (["/", "/index"], "'/' and '/index' would both be exported as index.html"),
    ],
)
def test_pages_that_exclude_each_other_are_refused(paths, said):
    """No page, the same path twice, or the same file twice is told with the paths."""
    with pytest.raises(DefinitionError, match=said):
        check_pages(Page(path) for path in paths)
