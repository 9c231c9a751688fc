"""The command line: ``notebook-actions export``, ``explain``, ``serve`` and ``demo``."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import __version__
from .errors import ExportError

__all__ = ["main"]

_PACKAGE = Path(__file__).resolve().parent

#: The exit code of a tool that writes to where nobody reads: 128 and the number of SIGPIPE.
_PIPE_CLOSED = 141

_EXAMPLES = """\
examples:
  notebook-actions export enrollment.ipynb -o enroll_app
  notebook-actions serve enrollment.ipynb --port 8001
  notebook-actions demo
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        The exit code: 0, 1 when it did not work, 2 when the arguments are wrong.
    """
    try:
        try:
            return _run(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough, as ``head`` does. What is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED


def _run(argv: Sequence[str] | None) -> int:
    given = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack a letter of somebody's file
            stream.reconfigure(errors="backslashreplace")
    try:
        match given.command:
            case "export":
                return _export(given)
            case "explain":
                print(given.section, end="")
                return 0
            case "serve":
                return _serve(Path(given.notebook), given)
            case _:
                return _serve(_demo_notebook(), given)
    except ExportError as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except Exception as error:
        # A bug of ours; its traceback would help nobody who only wants an app.
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
        print("This is a bug of notebook-actions; please report it.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="notebook-actions",
        description="Turn a notebook with form actions into a web app that runs without Jupyter.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    export = commands.add_parser(
        "export",
        help="write the app of a notebook into a folder",
        description="Write the app of a notebook into a folder. The notebook is read, not run: its "
        "cells are taken in the order in which they stand. Exporting again into the same folder "
        "keeps the files that you have edited and writes their new version beside them "
        "(app.py.new).",
        epilog="example: notebook-actions export enrollment.ipynb -o enroll_app",
    )
    export.add_argument("notebook", metavar="NOTEBOOK", help="the notebook (.ipynb)")
    export.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="new, empty, or an earlier export (default: the notebook's name with _app)",
    )
    export.add_argument("--force", action="store_true", help="overwrite files that were edited")
    export.add_argument(
        "--diff", action="store_true", help="print what would change, and write nothing"
    )
    export.add_argument(
        "--json", action="store_true", help="print one JSON document: what was done, or why not"
    )

    explain = commands.add_parser(
        "explain",
        help="say what the code of a problem means",
        description="Say what the code of a problem means, with an example and a remedy; without "
        "a code, list them all.",
        epilog="example: notebook-actions explain E101",
    )
    explain.add_argument(
        "section", metavar="CODE", nargs="?", type=_section, default="", help="such as E101"
    )

    serve = commands.add_parser(
        "serve",
        help="run the app of a notebook from a temporary folder",
        description="Export a notebook into a temporary folder and run the app there, to have a "
        "look at it. What the app writes into its folder is gone when it stops.",
        epilog="example: notebook-actions serve enrollment.ipynb --port 8001",
    )
    serve.add_argument("notebook", metavar="NOTEBOOK", help="the notebook (.ipynb)")
    demo = commands.add_parser(
        "demo",
        help="run the app of the example notebook",
        description="Run the app of the example, enrollment.ipynb, from a temporary folder.",
    )
    for command in (serve, demo):
        command.add_argument(
            "--port", type=_port, default=8000, help="0 for any free one (default: %(default)s)"
        )
        command.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
        )
        command.add_argument(
            "--executor",
            metavar="WHERE",
            help="where actions that have executor= run: processes:4, threads:8 or "
            "dask:tcp://127.0.0.1:8786 (default: where they say)",
        )
    return parser


def _port(text: str) -> int:
    from .server.run import port_number  # The help needs no server.

    return port_number(text)


def _section(code: str) -> str:
    from .exporter.explain import explain, overview

    try:
        return explain(code) if code else overview()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _export(given: argparse.Namespace) -> int:
    from .exporter import prepare_notebook
    from .exporter.report import report
    from .exporter.result import Export, Preview

    outcome: Export | Preview | ExportError
    target = given.output if given.output is not None else f"{Path(given.notebook).stem}_app"
    try:
        prepared = prepare_notebook(given.notebook, target, force=given.force)
        outcome = prepared.preview() if given.diff else prepared.write()
    except ExportError as error:
        if not given.json:
            raise
        outcome = error
    if given.json:
        print(json.dumps(report(outcome, target), indent=2))
    elif isinstance(outcome, Preview):
        print(outcome.diff, end="")
        print(outcome.notes, file=sys.stderr)
    else:
        print(outcome)
    return 1 if isinstance(outcome, ExportError) else 0


def _demo_notebook() -> Path:
    """Return the example notebook: in an installed package, or in a checkout."""
    installed = _PACKAGE / "demo" / "enrollment.ipynb"
    return installed if installed.is_file() else _PACKAGE.parent / "notebooks" / installed.name


def _serve(notebook: Path, given: argparse.Namespace) -> int:
    from .exporter import export_notebook
    from .exporter.rehearse import clean_environment

    # Asked to stop: unwind, so that the app is stopped and its folder removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(
        prefix="notebook-actions-", ignore_cleanup_errors=True
    ) as temporary:
        folder = Path(temporary) / notebook.stem
        for warning in export_notebook(notebook, folder).warnings:
            print(warning, file=sys.stderr)
        print(f"The app lies in {folder}; it and its data are removed when it stops.", flush=True)
        command = [sys.executable, str(folder / "app.py")]
        command += ["--host", given.host, "--port", str(given.port)]
        if given.executor is not None:
            command += ["--executor", given.executor]
        with _running(command, clean_environment()) as process:
            process.wait()
    code = process.returncode
    return code if code >= 0 else 128 - code


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - the exported app
    try:
        yield process
    except KeyboardInterrupt:
        # From the terminal it has reached the app as well; sent twice it does no harm.
        process.terminate()
        process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _complain(error: ExportError) -> None:
    parts = ["error: nothing was exported.", str(error), error.explanation]
    print("\n\n".join(part for part in parts if part), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
