"""What rules and actions refuse with, said in the language of the page.

They refuse with an English sentence, for the command line and the API too. Here it is known again by its own words,
and said with the same values in another language; one that is not known stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from babel.messages.pofile import read_po
from flask import Flask, before_render_template
from flask_babel import get_locale

from central.web.languages import FOLDER
from central.web.refusal_sentences import CONTEXT

# values that may be sentences themselves
_SENTENCES = {"error", "expected", "named", "what", "why", "wrong"}
_DEEPEST = 3
# under which the views give their pages what was refused
_SHOWN_AS = ("problem", "wrong")
_VALUE = re.compile(r"%\((\w+)\)[sd]")


class Known(NamedTuple):
    """A refusal. words: what stands around its values, one more than names. said: the same in another language."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    said: str

    @classmethod
    def of(cls, sentence: str, said: str) -> Known:
        """From the two of a catalogue, which have %(name)s for a value."""
        parts = _VALUE.split(sentence)
        words = tuple(one.replace("%%", "%") for one in parts[::2])
        # what is read from a sentence is text, a number too
        return cls(words, tuple(parts[1::2]), _VALUE.sub(r"%(\1)s", said))

    def wordiness(self) -> int:
        """To be sorted by: the wordiest first says most."""
        return -sum(map(len, self.words))

    def values_in(self, text: str) -> dict[str, str] | None:
        """What stands between the sentence's words; None where it is another one. Looks at each letter once a word: no
        text, however long, makes it slow."""
        first, *rest = self.words
        if not rest:
            return {} if text == first else None
        *between, last = rest
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values = []
        for word in between:
            found = text.find(word, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(word)
        return dict(zip(self.names, [*values, text[at:end]], strict=True))


def said(text: object) -> str:
    """A refusal, in the language of the page."""
    return translated(str(text), str(get_locale() or "en"))


def translated(text: str, code: str, deep: int = 0) -> str:
    for one in known(code):
        values = one.values_in(text)
        if values is not None:
            if deep < _DEEPEST:
                values.update((name, translated(values[name], code, deep + 1)) for name in _SENTENCES & values.keys())
            return one.said % values
    return text


@cache
def known(code: str) -> tuple[Known, ...]:
    """The refusals that a language has words for, the wordiest first: the first that fits says most."""
    path = FOLDER / f"{code}.po"
    if not path.is_file():
        return ()
    with path.open("rb") as written:
        catalogue = read_po(written, locale=code)
    found = [Known.of(one.id, one.string) for one in catalogue if one.context == CONTEXT and one.string]
    return tuple(sorted(found, key=Known.wordiness))


def _on_page(_app: Flask, context: dict[str, Any], **_more: Any) -> None:
    context.update((name, said(context[name])) for name in _SHOWN_AS if isinstance(context.get(name), str))


def init_app(app: Flask) -> None:
    """Says what the views hand to a page as its `problem`; what else a page shows of a refusal goes through `said`."""
    app.jinja_env.filters["said"] = said
    before_render_template.connect(_on_page, app)
