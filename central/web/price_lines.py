"""The lines of a price in the language of the page.

A line is stored as the English sentence of the rule that made it (`central.rules`). A page in another language knows
the sentence again, figures and names as they were; one it does not know, as a tariff's own names, is shown as it is.
"""

from __future__ import annotations

import re

from flask_babel import get_locale
from flask_babel import gettext as _

from central.web.moments import length

N_ = str  # marks a sentence for the pages' catalogue of languages

# in the order in which they are tried
_SENTENCES = (
    N_("%(time)s parked: free"),
    N_("First %(time)s free"),
    N_("1 day at the day's maximum of %(amount)s"),
    N_("%(count)s days at the day's maximum of %(amount)s"),
    N_("A stay costs at most %(amount)s"),
    N_("A stay costs at least %(amount)s"),
    N_("Lost ticket: at least %(amount)s"),
    N_("Paid before: %(amount)s"),
    N_("Paid in part: %(amount)s is still to be paid"),
    N_("GST %(percent)s %% of %(amount)s"),
    N_("Rounded to %(amount)s"),
    N_("Rounding"),
    N_("Tax"),
    N_("Coupon %(code)s: free until %(at)s"),
    N_("Coupon %(code)s: %(time)s free"),
    N_("Coupon %(code)s: %(percent)s %% off"),
    N_("Coupon %(code)s: %(amount)s off"),
    N_("Pass %(name)s, %(percent)s %%"),
    N_("Pass %(name)s"),
    N_("Penalty: stayed longer than allowed (%(time)s)"),
    N_("Penalty: stayed longer than allowed"),
    N_("Penalty: vehicle not allowed here"),
    N_("Penalty: left without paying"),
    N_("Penalty: pass of another vehicle class"),
    N_("Penalty: entered while inside"),
    N_("%(name)s: %(count)s × %(time)s at %(amount)s"),
    N_("%(name)s: %(count)s × %(amount)s flat"),
    N_("%(name)s: %(amount)s flat"),
    N_("%(name)s: %(time)s"),
)
_VALUES = {
    "time": r"\d+ (?:days?|h|min)(?: \d+ (?:h|min))*",
    "amount": r"₹[\d,.]+",
    "count": r"\d+",
    "percent": r"[\d.]+",
    "code": r"[^:]+",
    "at": r"[\d.: ]+",
    "name": r".+",
}
_MINUTES = {"d": 1440, "h": 60, "m": 1}


def _known(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", sentence.replace("%%", "%"))
    return re.compile("".join(f"(?P<{p}>{_VALUES[p]})" if i % 2 else re.escape(p) for i, p in enumerate(parts)))


_KNOWN = tuple((sentence, _known(sentence)) for sentence in _SENTENCES)


def price_line(text: str) -> str:
    """The sentence in the language of the page; in English, as it is."""
    if str(get_locale() or "en") == "en":
        return text
    for sentence, known in _KNOWN:
        found = known.fullmatch(text)
        if found:
            values = found.groupdict()
            return _(sentence, **(values | {"time": _length(values["time"])} if "time" in values else values))
    return text


def _length(text: str) -> str:
    """ "2 days 3 h" in the language of the page."""
    return length(sum(int(number) * _MINUTES[unit[0]] for number, unit in re.findall(r"(\d+) (\w+)", text)))
