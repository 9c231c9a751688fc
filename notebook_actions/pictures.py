"""Pictures: figures and images, as what an ``<img>`` shows.

A page takes no style and no script from a result, so what would need one of them is made into a
picture: an SVG stands in an image of its own, where its styles work and its scripts do not.
"""

from __future__ import annotations

import base64
import io
import logging
import re
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from tornado.escape import xhtml_escape as escape

from .messages import say
from .tables import is_of

__all__ = ["Picture", "picture"]

log = logging.getLogger("notebook_actions")

#: Pixels of an image's longer side; more are not seen on a page and make it slow.
MAX_PIXELS = 2000

#: Pixels of a figure for each of the page's, so that it is sharp on every screen.
SHARPNESS = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes
    ----------
    data : bytes
        The file.
    content_type : str
        Its media type.
    alt : str
        What it shows, for who does not see it; empty when that is not known.
    sharpness : int
        Pixels of the file for each of the page's.
    """

    data: bytes
    content_type: str = "image/png"
    alt: str = ""
    sharpness: int = 1

    @property
    def html(self) -> str:
        """The picture as an element, with its size where that is known."""
        size = ""
        if self.data[:8] == b"\x89PNG\r\n\x1a\n" and len(self.data) >= 24:
            # The place is taken before the picture is there, so that nothing jumps.
            width, height = (
                round(pixels / self.sharpness) for pixels in struct.unpack(">II", self.data[16:24])
            )
            size = f' width="{width}" height="{height}"'
        alt = escape(self.alt or say("picture"))
        data = base64.b64encode(self.data).decode()
        return (
            f'<img class="na-image" alt="{alt}"{size} src="data:{self.content_type};base64,{data}">'
        )


def svg(markup: str) -> Picture:
    """Return SVG as a picture."""
    if "http://www.w3.org/2000/svg" not in markup:
        # A page needs no namespace, an image does.
        markup = markup.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    title = re.search(r"<title>([^<]*)</title>", markup)
    return Picture(markup.encode(errors="replace"), "image/svg+xml", title[1] if title else "")


def picture(value: Any) -> Picture | None:
    """Return a figure or an image as a picture; None for what is neither.

    Parameters
    ----------
    value : object
        A figure of matplotlib or what is drawn in one (axes, lines, bars, a list of them), a figure
        of plotly where its own picture maker is installed, an image of PIL.
    """
    figure = _figure(value)
    if figure is not None:
        return _drawn(figure)
    if is_of(value, "PIL.Image", "Image"):
        return _image(value)
    if is_of(value, "plotly.basedatatypes", "BaseFigure") and find_spec("kaleido"):
        return _plotted(value)
    return None


def _figure(value: Any) -> Any:
    """Return the matplotlib figure that a value is, or that it is a part of."""
    if is_of(value, "numpy", "ndarray") and value.dtype == object:  # As pandas' hist() returns.
        value = value.ravel().tolist()
    if not isinstance(value, list | tuple):
        return _figure_of(value)
    first = _figure_of(value[0]) if value else None
    return first if first is not None and all(_figure_of(one) is first for one in value) else None


def _figure_of(value: Any) -> Any:
    if is_of(value, "matplotlib.figure", "FigureBase"):
        return value
    drawn = is_of(value, "matplotlib.artist", "Artist")
    # Or a grid of seaborn's.
    if drawn or is_of(value, "seaborn.axisgrid", "Grid", "_BaseGrid"):
        return value.figure
    return None


def _drawn(figure: Any) -> Picture:
    while is_of(figure, "matplotlib.figure", "SubFigure"):
        figure = figure.figure
    file = io.BytesIO()
    dpi = SHARPNESS * figure.dpi
    figure.savefig(file, format="png", bbox_inches="tight", dpi=dpi)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        # pyplot would keep it for ever, and a notebook draw it again under the next cell. The
        # figure itself stays whole.
        pyplot.close(figure)
    return Picture(file.getvalue(), alt=_titles(figure), sharpness=SHARPNESS)


def _titles(figure: Any) -> str:
    titles: Iterable[str] = [
        figure.get_suptitle() if hasattr(figure, "get_suptitle") else "",
        *(axes.get_title() for axes in figure.axes),
    ]
    return "; ".join(dict.fromkeys(title for title in titles if title))


def _image(image: Any) -> Picture:
    if max(image.size) > MAX_PIXELS:
        image = image.copy()
        image.thumbnail((MAX_PIXELS, MAX_PIXELS))
    if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = image.convert("RGB")
    file = io.BytesIO()
    image.save(file, format="png")
    return Picture(file.getvalue())


def _plotted(figure: Any) -> Picture | None:
    try:
        data = figure.to_image(format="svg")
    except Exception as error:
        # It needs a browser, which is not everywhere.
        log.warning("kaleido could make no picture of a plotly figure: %s", error)
        return None
    title = figure.layout.title.text
    return Picture(data, "image/svg+xml", title if isinstance(title, str) else "")
