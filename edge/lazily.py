"""Imports that wait until they are needed: the gate shares a small machine with vision."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


@contextmanager
def lazily(*modules: str) -> Iterator[None]:
    """Inside, importing one of these only notes where it is; it is loaded when something of it is first used.

    For what packages import for rare occasions of theirs. One that is not installed is missed at once, as ever.
    """
    finder = _Later(modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Later:
    """A finder for sys.meta_path; importlib.abc, which has a base class for it, would load importlib.resources too."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = frozenset(modules)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self._modules else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
