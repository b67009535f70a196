"""Reasons that are stored, in the language of the page: why a person is to look, why a notice was taken back.

Each is stored as the English sentence of the code that gave it, and stays so. A page in another language knows it
again by its words, with the same values; one that it does not know, as what people have written, is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import get_locale

from central.web import languages, refusals, violation_words, words
from central.web.figure_words import CLASS

N_ = str  # marks a sentence for the pages' catalogue of languages

_SENTENCES = (
    # asked of a person at a stay's entry and exit
    N_("plate not read at the entry"),
    N_("plate read with %(share)s only"),
    N_("plate read as %(plate)s at the exit"),
    N_("plate read as %(plate)s at the exit, joined by %(by)s"),
    N_("plate %(plate)s at the exit fits %(count)s stays"),
    N_("plate %(plate)s at the exit is like %(other)s, whose stay %(stay)s %(why)s"),
    N_("stands at %(gate)s"),
    N_("owes nothing"),
    N_("owes nothing that is known"),
    N_("entered %(how)s"),
    N_("an exit that no entry fits"),
    N_("seen leaving twice"),
    N_("left without paying (%(how)s)"),
    N_("one with a plate like %(plate)s has left without paying"),
    N_("the gate's clock is ahead"),
    N_("the gate's clock was not set"),
    N_("split off at %(gate)s: no entry fits"),
    N_("split off at an exit: no entry fits"),
    N_("closed by system: %(why)s"),
    N_("no sign of life for %(days)s days"),
    N_("disputed: %(text)s"),
    # of its money
    N_("there is no price for it"),
    N_("paid when %(status)s"),
    N_("%(amount)s more was paid than it costs: give it back"),
    N_("%(amount)s came where another amount was asked for"),
    N_("the provider does not say how a payment of %(amount)s ended"),
    N_("nobody came, to be given back: %(why)s"),
    N_("a pass was paid for %(plate)s, which %(why)s"),
    N_("is not let in here"),
    N_("has another pass then"),
    N_("%(plate)s not on account: %(why)s"),
    N_("the account is suspended"),
    N_("%(amount)s more would be above the credit limit of %(limit)s"),
    # of what may be a violation, and of one that was none
    N_("%(kind)s? %(why)s"),
    N_("wrong class? its pass is for a %(vehicle)s, the lane says %(vehicle2)s"),
    N_("its plate was not read"),
    N_("the plate read is but like that of the stay"),
    N_("its plate was read unsure"),
    N_("its plate was read only %(percent)s %% sure"),
    N_("it entered %(how)s"),
    N_("its exit was assumed"),
    N_("its plate had been at an exit before, and may have left"),
    N_("a notice was paid that is %(notice)s"),
    N_("a notice was paid that was wrong (%(why)s): give it back"),
    N_("the two were one visit"),
    N_("its stay has one of that kind"),
    N_("the payment had been made in time"),
    N_("a visit between was told later"),
    N_("the exit of the stay before was told later"),
    N_("its stay was struck out"),
    N_("its plate was corrected"),
    N_("its class was corrected"),
    N_("its exit was that of another stay"),
    N_("it had come to an exit before"),
    N_("nothing was owed"),
    # why a stay ended, or an exit was let be
    N_("left"),
    N_("closed by system"),
    N_("joined"),
    N_("merged"),
    N_("struck out"),
    N_("backed away"),
    N_("backed away and did not come back"),
    N_("the gate started anew"),
    # why a gate could not do what it was told
    N_("the emergency stop is pressed"),
    N_("the boom is out of order: its fault must be reset first"),
    N_("the boom is open for this vehicle already"),
    N_("the boom is held open already"),
    N_("the boom is not held open"),
    N_("the boom is down already"),
    N_("the gate can't write its journal"),
    N_("the gate's disk does not answer"),
)
# values that are words of ours: none but these fits
_WORDS: dict[str, Mapping[str, Any]] = {
    "how": words.HOW,
    "kind": violation_words.KIND,
    "notice": violation_words.STATUS,
    "status": words.STAY,
    "vehicle": CLASS,
    "vehicle2": CLASS,
}
_DEEPEST = 3


def reasons(text: str | None) -> str:
    """All of them, as a stay keeps them: "seen leaving twice; there is no price for it"."""
    return "; ".join(reason(part) for part in (text or "").split("; "))


def reason(text: str) -> str:
    return _said(text, str(get_locale() or "en"))


def _said(text: str, code: str, deep: int = 0) -> str:
    if code == "en" or deep == _DEEPEST:
        return text
    for one in _known(code):
        values = one.values_in(text)
        if values is None or not all(_word(values[name]) in _WORDS[name] for name in _WORDS.keys() & values.keys()):
            continue
        for name in values:
            if name in _WORDS:
                values[name] = str(_WORDS[name][_word(values[name])])
            elif name == "why":
                values[name] = _said(values[name], code, deep + 1)
        return one.said % values
    return refusals.translated(text, code)


@cache
def _known(code: str) -> tuple[refusals.Known, ...]:
    """The wordiest first: the first that fits says most."""
    catalogue = languages.of(code)
    found = [refusals.Known.of(sentence, catalogue.gettext(sentence)) for sentence in _SENTENCES]
    return tuple(sorted(found, key=refusals.Known.wordiness))


def _word(value: str) -> str:
    return value.replace(" ", "_")
