"""What a page says is marked for the catalogue: a template holds but few letters of its own."""

import re
from pathlib import Path

from jinja2 import Environment

TEMPLATES = Path(__file__).parents[3] / "central/web/templates"
# each stands in both languages, in files of its own
IN_BOTH = ("privacy/notice_en.html", "privacy/notice_hi.html", "privacy/contact.html")
# names, codes of the law and of banks, units, keys of the keyboard, the blocks' classes
AS_THEY_ARE = re.compile(
    r"ParkMeter|English|GSTIN|[CSI]GST|SAC|UTR|RRN|CSV|JSON|SHA-256|UPI|MB|@mock|Authorization: Bearer"
    r"|container(-xl)?( narrow)?|https://\S+|\b[jku]\b"
)
SHOWN = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
# what a person copies as it is: commands, keys, a file's first line
COPIED = re.compile(r"<(code|kbd|pre|script|svg)\b.*?</\1>", re.DOTALL)
LOGO = re.compile(r'<span class="sign"[^>]*>P</span>')


def said(source: str) -> list[str]:
    """The letters in a template that no tag and no sentence of the catalogue accounts for."""
    data, inside = "", 0
    for _line, kind, text in Environment().lex(source):
        inside += kind.endswith("_begin") - kind.endswith("_end")
        data += text if kind == "data" else "\0" if kind.endswith("_end") else ""
    data = LOGO.sub("", COPIED.sub("", data))
    shown = SHOWN.findall(data) + re.split(r"<[^>]*>", data)
    return [text.strip() for text in shown if re.search(r"[A-Za-z]", AS_THEY_ARE.sub("", text))]


def test_a_template_says_nothing_that_is_not_marked_for_the_catalogue():
    found = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if name not in IN_BOTH and (left := said(path.read_text(encoding="utf-8"))):
            found[name] = left
    assert found == {}


def test_a_sentence_that_is_not_marked_is_seen():
    assert said('<p>Pay here</p><img alt="A car"><b title="{{ _("Yes") }}">{{ _("No") }}</b>') == ["A car", "Pay here"]


def test_names_and_codes_are_not_taken_for_sentences():
    assert said('<a class="here" href="/x">ParkMeter</a> GSTIN {{ n }}{% if x %}<code>do</code>{% endif %}') == []
