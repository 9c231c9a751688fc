"""The Tornado app: pages served to browsers with and without JavaScript."""

from .app import make_app
from .run import main, serve, serve_in_background

__all__ = ["main", "make_app", "serve", "serve_in_background"]
