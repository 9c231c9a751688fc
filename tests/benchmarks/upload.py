"""What a large upload over HTTP costs: ``python -m tests.benchmarks.upload``.

A server in a process of its own takes files of several sizes, and a long text, while another client
asks for its page again and again. Two numbers count: the most memory that the server has had,
beside that of the same server when idle; and the longest that the other client waited, beside the
longest that it waited for the idle server, which it asks as often right after. Stock Tornado, which
holds a body in memory, is measured in the same run.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import re
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from notebook_actions import UploadedFile, action, serve
from notebook_actions.fields import File
from notebook_actions.page import ActionForm, Page

SIZES = (1, 10, 100)
#: Megabytes of a text, which may have as much as 25 by default.
TEXT = 20
MEGABYTE = 1_000_000
#: Seconds between two requests of the other client.
PAUSE = 0.005


@action
async def keep(photo: Annotated[UploadedFile, File(max_size=500 * MEGABYTE)]) -> int:
    """Take a file."""
    return photo.size


@action
async def write(text: str) -> int:
    """Take a long text."""
    return len(text)


class Stock(RequestHandler):
    """The same in Tornado's usual way."""

    def get(self) -> None:
        self.write("<form></form>")

    def post(self) -> None:
        if self.request.files:
            self.write(str(len(self.request.files["photo"][0]["body"])))
        else:
            self.write(str(len(self.get_body_argument("text"))))


def serve_ours() -> None:
    serve(Page("/", ActionForm(keep), ActionForm(write)), port=0)


def serve_stock() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Application([("/", Stock)]).listen(port, "127.0.0.1", max_body_size=1000 * MEGABYTE)
    print(f"Serving http://127.0.0.1:{port}/", flush=True)
    IOLoop.current().start()


SERVERS: dict[str, Callable[[], None]] = {"ours": serve_ours, "stock": serve_stock}


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    @property
    def peak(self) -> float:
        """The most memory that it has had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024 / MEGABYTE

    def ask(self) -> float:
        """Return the seconds that its page takes."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        start = time.perf_counter()
        client.request("GET", "/")
        assert client.getresponse().read()
        taken = time.perf_counter() - start
        client.close()
        return taken

    def watch(self, over: threading.Event) -> list[float]:
        """Ask for the page until something is over; return how long each answer took."""
        taken = []
        while not over.is_set():
            taken.append(self.ask())
            over.wait(PAUSE)
        return taken


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Run a server."""
    command = [sys.executable, "-m", __spec__.name, "--serve", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r":(\d+)", process.stdout.readline())
        assert found is not None
        yield Server(process, int(found[1]))
        process.terminate()


def send(port: int, size: int, kind: str) -> None:
    """Send a file or a text of some bytes as a browser does, piece by piece."""
    if kind == "text":  # of another alphabet, in which a byte is three
        piece = b"%D0%96" * (MEGABYTE // 6)
        head, tail = b"text=", piece[: size % len(piece) // 6 * 6]
        body = [head, *[piece] * (size // len(piece)), tail]
        post(port, "write", "application/x-www-form-urlencoded", body)
        return
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="owl"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    body = [head, *[secrets.token_bytes(MEGABYTE)] * (size // MEGABYTE), tail]
    post(port, "keep", f"multipart/form-data; boundary={boundary}", body)


def post(port: int, name: str, content_type: str, body: Sequence[bytes]) -> None:
    """Post the parts of a body to an action."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(
            f"POST /?_action={name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Connection: close\r\nAccept: application/json\r\n"
            f"Content-Type: {content_type}\r\n"
            f"Content-Length: {sum(map(len, body))}\r\n\r\n".encode()
        )
        for part in body:
            link.sendall(part)
        answer = b"".join(iter(lambda: link.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]


def upload(port: int, size: int, kind: str) -> Callable[[], Any]:
    """Return what sends it from another process, which takes no time of the other client."""
    command = [sys.executable, "-m", __spec__.name, "--send", str(port), str(size), kind]
    return lambda: subprocess.run(command, check=True)


def measured(server: Server, work: Callable[[], Any]) -> tuple[float, list[float]]:
    """Return how long something takes, and each answer that the other client got meanwhile."""
    over, taken = threading.Event(), list[float]()
    client = threading.Thread(target=lambda: taken.extend(server.watch(over)))
    client.start()
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    over.set()
    client.join()
    return seconds, taken


def measure(
    name: str, kind: str, size: int, rounds: int
) -> tuple[float, float, float, float, float]:
    """Return idle and peak memory in MB, seconds, and the longest waits in ms: idle, meanwhile."""
    with running(name) as server:
        upload(server.port, MEGABYTE, kind)()  # what is loaded once is not the upload's
        server.ask()
        idle = server.peak
        quiet, busy, times = [], [], []
        for _ in range(rounds):
            seconds, taken = measured(server, upload(server.port, size, kind))
            times.append(seconds)
            busy.append(max(taken))
            quiet.append(max(measured(server, lambda s=seconds: time.sleep(s))[1]))
        most = statistics.median(quiet) * 1000, statistics.median(busy) * 1000
        return idle, server.peak, statistics.median(times), *most


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--send", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("sizes", metavar="MB", type=int, nargs="*", default=SIZES)
    given = parser.parse_args(argv)
    if given.serve:
        SERVERS[given.serve]()
    elif given.send:
        port, size, kind = given.send
        send(int(port), int(size), kind)
    else:
        print(f"{'memory of the server':>45}{'another client waits':>29}")
        print(f"{'':12}{'MB':>5}{'idle':>8}{'peak':>8}{'ratio':>8}{'s':>6}", end="")
        print(f"{'idle ms':>10}{'most ms':>9}{'ratio':>7}")
        for name, kind in itertools.product(SERVERS, ("file", "text")):
            for size in given.sizes if kind == "file" else [TEXT]:
                measures = measure(name, kind, size * MEGABYTE, given.rounds)
                idle, peak, seconds, quiet, busy = measures
                print(
                    f"{name + ', ' + kind:12}{size:5}{idle:8.1f}{peak:8.1f}{peak / idle:8.2f}",
                    end="",
                )
                print(f"{seconds:6.1f}{quiet:10.1f}{busy:9.1f}{busy / quiet:7.1f}", flush=True)


if __name__ == "__main__":
    main()
