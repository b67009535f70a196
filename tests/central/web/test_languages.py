"""Every sentence of the pages has its Hindi, and a visitor gets the language they asked for."""

import re
import tomllib
from functools import cache
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from central.web import languages
from tests.central.web.people import send

ROOT = Path(__file__).parents[3]
# names and codes that Hindi writes as English does, and what is nothing but values
STAY_LATIN = {
    "CGST", "GST %%", "GST %(percent)s %%", "IGST", "SGST", "SMS", "TOKEN", "UPI", "UPI ID", "name@handle",
    "%(name)s: %(time)s", "%(what)s, SAC %(sac)s",
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")


@cache
def sentences() -> frozenset[str]:
    """Every sentence in the code that a page shows, its first form where it has several."""
    mapped = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    patterns = [[one["pattern"]] if isinstance(one["pattern"], str) else one["pattern"] for one in mapped]
    methods = [(each, one["method"]) for one, several in zip(mapped, patterns, strict=True) for each in several]
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
    found = [
        each
        for folder in ("central", "edge/protocol")
        for each in extract_from_dir(str(ROOT / folder), method_map=methods, keywords=keywords)
    ]
    return frozenset(said if isinstance(said, str) else said[0] for _file, _line, said, _comments, _context in found)


def hindi() -> dict[str, tuple[str, ...]]:
    with (languages.FOLDER / "hi.po").open("rb") as written:
        catalogue = read_po(written, locale="hi")
    said = {}
    for one in catalogue:
        if one.id and not one.fuzzy:
            first = one.id if isinstance(one.id, str) else one.id[0]
            said[first] = (one.string,) if isinstance(one.string, str) else tuple(one.string)
    return said


def test_every_sentence_of_the_pages_has_its_hindi():
    known = {text for text, said in hindi().items() if all(said)}
    assert sorted(sentences() - known) == []


def test_the_catalogue_holds_no_sentence_that_no_page_says():
    assert sorted(hindi().keys() - sentences()) == []


def test_a_translation_names_the_same_values_as_its_sentence():
    wrong = []
    for text, said in hindi().items():
        named = set(PLACEHOLDER.findall(text))
        wrong += [text for form in said if form and set(PLACEHOLDER.findall(form)) != named]
    assert wrong == []


def test_a_translation_is_hindi_without_blanks_at_its_ends():
    said = {form for forms in hindi().values() for form in forms}
    assert [form for form in said if form != form.strip()] == []
    latin = {form for form in said if form and not re.search("[\u0900-\u097f]", PLACEHOLDER.sub("", form))}
    assert latin <= STAY_LATIN


def test_a_visitor_gets_the_language_of_their_browser(client):
    page = client.get("/login", headers={"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.5"})
    assert '<html lang="hi">' in page.text


def test_a_browser_of_another_language_gets_english(client):
    assert '<html lang="en">' in client.get("/login", headers={"Accept-Language": "ta"}).text


def test_the_language_chosen_at_the_foot_of_a_page_stays(client):
    answer = send(client, "/language/hi", page="/login", back="/login")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert '<html lang="hi">' in client.get("/login", headers={"Accept-Language": "en"}).text


def test_a_language_that_is_not_spoken_is_not_found(client):
    assert send(client, "/language/xx", page="/login").status_code == 404


def test_choosing_a_language_leads_to_no_other_site(client):
    answer = send(client, "/language/hi", page="/login", back="https://elsewhere.example/")
    assert answer.headers["Location"] == "/"
