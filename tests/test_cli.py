"""The command line: what it does, and that it never answers with a traceback."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import notebook_actions
from notebook_actions import cli
from notebook_actions.exporter.analysis.problems import CODES
from notebook_actions.exporter.result import Export
from tests.exporter.apps import IMPORT, SMALL, content_of, write_notebook


@pytest.fixture
def notebook(tmp_path):
    """A notebook with a page."""
    return write_notebook(tmp_path, *SMALL)


def failed(capsys, *argv):
    """Run the command line, which must fail, and return what it says."""
    assert cli.main([str(one) for one in argv]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert told.err.startswith("error: ")
    return told.err


# --- export ---------------------------------------------------------------------------------------


def test_export_writes_the_app_and_says_how_to_run_it(notebook, tmp_path, capsys):
    """One command makes an app from a notebook."""
    assert cli.main(["export", str(notebook), "-o", str(tmp_path / "app")]) == 0
    assert (tmp_path / "app" / "app.py").is_file()
    told = capsys.readouterr().out
    assert "pip install -r requirements.txt" in told
    assert "http://127.0.0.1:8000/party" in told


def test_without_a_folder_the_notebook_gives_its_name(notebook, tmp_path, capsys, monkeypatch):
    """``party.ipynb`` becomes ``party_app``, in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["export", "party.ipynb"]) == 0
    assert (tmp_path / "party_app" / "app.py").is_file()


def test_force_overwrites_edited_files(notebook, tmp_path, capsys):
    """Without it they are kept, and both are told."""
    command = ["export", str(notebook), "-o", str(tmp_path / "app")]
    cli.main(command)
    (tmp_path / "app" / "app.py").write_text("mine")
    capsys.readouterr()
    assert cli.main(command) == 0
    assert "you have edited app.py" in capsys.readouterr().out
    assert (tmp_path / "app" / "app.py").read_text() == "mine"
    assert cli.main([*command, "--force"]) == 0
    assert (tmp_path / "app" / "app.py").read_text() != "mine"


def test_a_folder_that_is_not_empty_is_refused(notebook, tmp_path, capsys):
    """Nothing is written among somebody's files."""
    told = failed(capsys, "export", notebook, "-o", tmp_path)
    assert "is not empty" in told
    assert "Choose another folder" in told
    assert list(content_of(tmp_path)) == ["party.ipynb"]


def test_an_export_that_fails_leaves_the_earlier_one_as_it_was(notebook, tmp_path, capsys):
    """A mistake in the notebook does not cost the app."""
    cli.main(["export", str(notebook), "-o", str(tmp_path / "app")])
    before = content_of(tmp_path / "app")
    capsys.readouterr()
    write_notebook(tmp_path, IMPORT, "@action\ndef go():\n    return LIMIST", "LIMITS = 3")
    told = failed(capsys, "export", notebook, "-o", tmp_path / "app", "--force")
    assert "cell 2, line 3" in told
    assert "LIMITS" in told
    assert content_of(tmp_path / "app") == before


def test_everything_that_is_wrong_is_told_at_once(tmp_path, capsys):
    """The folder and the notebook are both looked at before anything is refused."""
    notebook = write_notebook(tmp_path, IMPORT, "@action\ndef go(): one()\n", "x = 1")
    told = failed(capsys, "export", notebook, "-o", tmp_path)
    assert "is not empty" in told
    assert "`one` is not defined" in told


def test_an_import_that_fails_is_told_with_cell_and_line(tmp_path, capsys):
    """The notebook's own line is named, not the exported file's."""
    notebook = write_notebook(
        tmp_path, IMPORT, "x = 1\ny = int('seven')", "@action\ndef go():\n    return y"
    )
    told = failed(capsys, "export", notebook, "-o", tmp_path / "app")
    assert "cell 2, line 2" in told
    assert "invalid literal for int() with base 10: 'seven'" in told
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("command", ["export", "serve"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.ipynb", None, "there is no file"),
        ("text.ipynb", "# Hello", "is not a Jupyter notebook"),
        ("code.py", "print('hello')", "is not a Jupyter notebook"),
        ("empty.ipynb", "", "is not a Jupyter notebook"),
        ("list.ipynb", "[1, 2]", "is not a Jupyter notebook"),
        (
            "r.ipynb",
            json.dumps(
                {
                    "nbformat": 4,
                    "nbformat_minor": 5,
                    "metadata": {"language_info": {"name": "R"}},
                    "cells": [{"cell_type": "code", "metadata": {}, "source": "x", "outputs": []}],
                }
            ),
            "not Python",
        ),
        (
            "nothing.ipynb",
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
            "no code cells",
        ),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path, capsys, command, name, content, said):
    """A wrong path or file is answered in words, by each command that takes one."""
    if content is not None:
        (tmp_path / name).write_text(content)
    options = ["-o", tmp_path / "app"] if command == "export" else []
    assert said in failed(capsys, command, tmp_path / name, *options)
    assert not (tmp_path / "app").exists()


def test_a_notebook_without_a_form_is_told(tmp_path, capsys):
    """The message says what to add."""
    notebook = write_notebook(tmp_path, "x = 1")
    assert "@action" in failed(capsys, "export", notebook, "-o", tmp_path / "app")


def test_a_bug_of_ours_is_told_without_a_traceback(notebook, tmp_path, capsys, monkeypatch):
    """Who only wants an app is not shown our code."""

    def fail(*arguments, **options):
        raise RuntimeError("ours")

    monkeypatch.setattr("notebook_actions.exporter.prepare_notebook", fail)
    assert "RuntimeError: ours" in failed(capsys, "export", notebook)


def test_a_refusal_ends_with_how_to_learn_more(tmp_path, capsys):
    """Codes stand in a column, what is said of each beside it, and the last line can be pasted."""
    notebook = write_notebook(
        tmp_path, IMPORT, "LIMITS = 3", "@action\ndef go():\n    return LIMIT"
    )
    told = failed(capsys, "export", notebook, "-o", tmp_path)
    assert told.splitlines() == [
        "error: nothing was exported.",
        "",
        f"E320  {tmp_path} is not empty and holds no earlier export",
        "      Choose another folder, or an empty one; nothing in it was touched.",
        "E101  cell 3, line 3: `LIMIT` is not defined",
        "      needed by go → LIMIT",
        "      Did you mean `LIMITS`?",
        "",
        "What a code means: notebook-actions explain E320",
    ]


def test_a_console_that_lacks_a_letter_is_no_problem(tmp_path):
    """An arrow or an umlaut that a console cannot show is written by its number."""
    notebook = write_notebook(tmp_path, IMPORT, "@action\ndef go(): return häuser")
    done = run(
        "export", str(notebook), cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 1
    assert "go \\u2192 h\\xe4user" in done.stderr


@pytest.mark.parametrize(
    ("path", "argument"),
    [
        ("my app", "'my app'"),
        ("Luna's", """'Luna'"'"'s'"""),
        ("a#b", "'a#b'"),
        ("$HOME", "'$HOME'"),
        ("Übung", "'Übung'"),
        ("-x", "./-x"),
        ("app", "app"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the quotes of a POSIX shell")
def test_the_commands_can_be_pasted_whatever_the_folder_is_called(path, argument):
    """Each special character of a shell is quoted, and a name is never taken for an option."""
    assert f"    cd {argument}\n" in str(Export(Path(path), ()))


@pytest.mark.parametrize(
    ("path", "argument"),
    [(r"C:\work\app", r"C:\work\app"), (r"C:\my work\app", r'"C:\my work\app"'), ("a&b", '"a&b"')],
)
def test_the_commands_can_be_pasted_on_windows(path, argument, monkeypatch):
    """Double quotes are what cmd and PowerShell both understand."""
    result = Export(Path(path), ())
    monkeypatch.setattr("notebook_actions.exporter.result.os.name", "nt")
    assert f"    cd {argument}\n" in str(result)


@pytest.mark.parametrize(
    "name", ["Übung 1.ipynb", "it's #1.ipynb", 'a "b" & c.ipynb', "$HOME.ipynb"]
)
def test_any_name_of_a_notebook_will_do(tmp_path, capsys, monkeypatch, name):
    """The app is named after it, and says which notebook it came from."""
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path, *SMALL, name=name)
    assert cli.main(["export", name]) == 0
    app = tmp_path / f"{name.removesuffix('.ipynb')}_app"
    for file in ("app.py", "actions.py", "test_app.py"):
        compile((app / file).read_text("utf-8"), file, "exec")
    command = next(line for line in capsys.readouterr().out.splitlines() if "    cd " in line)
    done = subprocess.run(f"{command} && ls app.py", shell=True, check=True, capture_output=True)
    assert done.stdout == b"app.py\n"


# --- explain --------------------------------------------------------------------------------------


def test_explain_prints_the_section_of_a_code(capsys):
    """What the documentation says of it, its example and message included."""
    assert cli.main(["explain", "e101"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("## E101: a name that nothing defines\n")
    assert "Did you mean `LIMITS`?" in told
    assert told.count("\n## ") == 0


def test_explain_lists_the_codes(capsys):
    """Without one, each code with its title."""
    assert cli.main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines] == list(CODES)
    assert "E101  a name that nothing defines" in lines


def test_a_code_that_is_not_there_is_told(capsys):
    """As a wrong argument, with the way to those that are."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["explain", "E1O1"])
    assert "there is no code 'E1O1'; notebook-actions explain lists them" in capsys.readouterr().err


# --- words ----------------------------------------------------------------------------------------


def run(*argv, **options):
    """Run ``python -m notebook_actions`` and return the process when it has ended."""
    command = [sys.executable, "-m", "notebook_actions", *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_version_is_the_package_s():
    """``--version`` names the command and its version."""
    assert run("--version").stdout == f"notebook-actions {notebook_actions.__version__}\n"


def test_help_names_the_commands_with_examples(capsys):
    """A newcomer sees what there is and a line to copy."""
    told = run("--help").stdout
    for word in (
        "export",
        "explain",
        "serve",
        "demo",
        "notebook-actions export enrollment.ipynb -o",
    ):
        assert word in told
    for command in ("export", "explain", "serve"):
        with pytest.raises(SystemExit, match="0"):
            cli.main([command, "--help"])
        assert "example: notebook-actions" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("frobnicate",),
        ("export",),
        ("serve", "x.ipynb", "--port", "http"),
        ("serve", "x.ipynb", "--port", "70000"),
        ("demo", "extra"),
    ],
)
def test_wrong_arguments_are_told_with_the_usage(argv, capsys):
    """Exit code 2, as everywhere."""
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: notebook-actions")


def test_asking_for_help_loads_no_notebook_library():
    """The command line answers at once."""
    code = (
        "import sys; from notebook_actions import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*({'IPython', 'nbformat', 'anywidget', 'tornado.web'} & set(sys.modules)), 'end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "end"


# --- serve ----------------------------------------------------------------------------------------


def serving(*argv, cwd):
    """Start a server and return its process and address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "notebook_actions", *argv],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Serving "):
            return process, line.split()[1], "".join(lines)
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_runs_the_app_until_it_is_stopped(notebook, tmp_path, number):
    """The notebook is a web page, and leaves nothing behind when asked to stop."""
    process, address, told = serving("serve", str(notebook), "--port", "0", cwd=tmp_path)
    with process:
        folder = Path(re.search(r"The app lies in (\S+);", told)[1])
        assert (folder / "app.py").is_file()
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert b'data-action="invite"' in answer.read()
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert "Traceback" not in process.stdout.read()
    assert not folder.parent.exists()
    assert list(content_of(tmp_path)) == ["party.ipynb"]


def test_demo_serves_the_example(tmp_path):
    """Right after the installation there is something to see."""
    process, address, _ = serving("demo", "--port", "0", cwd=tmp_path)
    with process:
        assert address.endswith("/enrollment")
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert b"Defense against the Dark Arts" in answer.read()
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_a_port_in_use_is_told(notebook, tmp_path):
    """The message names the port and the option to choose another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run("serve", str(notebook), "--port", port, cwd=tmp_path, timeout=60)
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_not_ours_is_told(notebook, tmp_path):
    """Whatever the system refuses is told in a line."""
    done = run("serve", str(notebook), "--host", "192.0.2.1", "--port", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["explain", "--help"])
def test_whoever_has_read_enough_hears_nothing_more(command):
    """``| head`` ends the tool as it ends others: quietly, and not as a failure of its own."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "notebook_actions.cli", command],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert ended.stderr == b""
    assert ended.returncode in (0, 141)  # argparse takes no notice; else it is that of SIGPIPE
