"""What reading attributes calls: properties, also where a text or a pattern names them."""

from __future__ import annotations

import ast
import re

from notebook_actions.exporter.analysis.applied import Applied
from notebook_actions.exporter.analysis.caches import goes_stale, is_cached
from notebook_actions.exporter.analysis.expressions import arguments

__all__ = ["Reads"]

_FIELD = re.compile(r"\{[^{}]+")
_ATTRIBUTE = re.compile(r"\.([^\W\d]\w*)")


class Reads(Applied):
    """Notes the effects of properties."""

    def read(self, owner: ast.expr, name: str) -> None:
        """Note what reading or setting an attribute calls, where it is a property."""
        symbols = self.symbols
        for descriptor in symbols.descriptors.get(name, ()):
            for method in ("__get__", "__set__", "__delete__"):
                self.apply_methods([descriptor], method, None, owner)
        for function in symbols.properties.get(name, ()):
            cls = symbols.owners.get(id(function))
            classes = self.classes_of(owner) if cls else []
            if not classes or any(cls in (one, *symbols.ancestors(one)) for one in classes):
                self.apply(function, None, owner, 1)
                if is_cached(function, "cached_property") and goes_stale(
                    function, symbols.unsteady
                ):
                    self.change(owner, called=True)

    def read_all(self, cls: ast.ClassDef, owner: ast.expr) -> None:
        """Note what reading all attributes of an instance calls."""
        for one in (cls, *self.symbols.ancestors(cls)):
            for method in one.body:
                if isinstance(method, ast.FunctionDef) and any(
                    method is function for function in self.symbols.properties.get(method.name, ())
                ):
                    self.apply(method, None, owner, 1)

    def named_attribute(self, owner: ast.expr, name: ast.expr) -> None:
        """Note what an attribute, asked for by a text, changes: ``getattr(q, "total")``."""
        if isinstance(name, ast.Constant):
            self.read(owner, str(name.value))
            return
        for cls in self.classes_of(owner):
            for one in (cls, *self.symbols.ancestors(cls)):
                for method in one.body:
                    if isinstance(method, ast.FunctionDef):
                        self.apply(method, None, owner, 1)

    def read_by_text(self, call: ast.Call) -> None:
        """Note what a template reads: ``"{0.total}".format(q)``, ``inspect.getmembers(q)``."""
        given = arguments(call)
        match call.func:
            case ast.Attribute(value=template, attr="format" | "format_map" | "vformat"):
                for text in [template, *given]:
                    for name in self._fields_in(text):
                        for one in given:
                            self.read(one, name)
            case ast.Attribute(attr="getmembers") | ast.Name(id="getmembers"):
                for one in given[:1]:
                    for cls in self.classes_of(one):
                        self.read_all(cls, one)

    def _fields_in(self, template: ast.expr) -> set[str]:
        """Return the attributes that a template reads: ``total`` for ``"{0.total}"``."""
        nodes = [template]
        if isinstance(template, ast.Name):
            nodes += self.values.get(template.id, self.symbols.values.get(template.id, ()))
        return {
            name
            for node in nodes
            for part in ast.walk(node)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            for field in _FIELD.findall(part.value)
            for name in _ATTRIBUTE.findall(field)
        }
