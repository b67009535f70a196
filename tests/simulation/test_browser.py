from __future__ import annotations

from edge.simulation.demo.browser import parse

PAGE = """
<html><head><title>Pay</title><style>p { color: red }</style></head><body>
<p>Amount <b>₹120.00</b> &amp; nothing more</p>
<a href="/help">Call
  for help</a>
<form method="post" action="pay?x=1">
  <input type="hidden" name="csrf_token" value="abc">
  <input name="vpa" value="a@b"><input name="code"><input type="checkbox" name="news">
  <select name="language"><option value="en">English</option><option value="hi" selected>Hindi</option></select>
  <button name="action" value="approve"> <b>Approve</b> it </button><button type="button">Nothing</button>
  <input type="submit" name="no" value="Decline">
</form>
<form><button>Search</button></form>
<script>document.write("Pay")</script>
</body></html>
"""


def test_a_form_keeps_what_is_filled_in_and_lists_what_is_empty():
    page = parse("http://park/p/token", 200, PAGE)
    form = page.forms[0]
    assert form.action == "http://park/p/pay?x=1"
    assert form.method == "post"
    assert form.fields == {"csrf_token": "abc", "vpa": "a@b", "code": "", "language": "hi"}
    assert form.empty == ["code"]


def test_a_button_is_found_by_the_words_on_it_and_one_that_sends_nothing_is_none():
    page = parse("http://park/", 200, PAGE)
    _, button = page.button("approve")
    assert (button.text, button.name, button.value) == ("Approve it", "action", "approve")
    assert page.button("decline") is not None
    assert page.button("nothing") is None


def test_a_form_without_action_goes_to_its_own_page_as_a_get():
    form = parse("http://park/p/token", 200, PAGE).forms[1]
    assert (form.action, form.method) == ("http://park/p/token", "get")


def test_a_person_reads_text_but_no_script_and_no_style():
    text = parse("http://park/", 200, PAGE).text
    assert "Amount ₹120.00 & nothing more" in text
    assert "document" not in text and "color" not in text


def test_a_link_is_absolute_and_found_by_its_words():
    assert parse("http://park/p/token", 200, PAGE).link("call for help") == "http://park/help"


def test_broken_markup_is_read_as_far_as_it_goes():
    page = parse("http://park/", 200, "<form method=post><button>Pay<p>now")
    assert page.forms[0].buttons[0].text.startswith("Pay")
