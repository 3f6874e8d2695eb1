"""E-mail bodies become words, whatever is in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.model.html_text import text_of_html

LONG = 200_000


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Dear customer,</p>\n<p>Invoice <strong>1001</strong>.</p>", "Dear customer,\nInvoice 1001."),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<table><tr><td>Qty</td><td>2</td></tr><tr><td>Sum</td></tr></table>", "Qty 2\nSum"),
        ("plain\ntext &amp; more &lt;b&gt;", "plain text & more <b>"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ("<p class=it's>kept</p>", "kept"),
        ("4 < 5 and 6 > 5", "4 < 5 and 6 > 5"),
        ("<!-- <p>hidden</p> -->seen", "seen"),
        ("<style>p { color: red }</style><script>alert('<p>')</script>seen", "seen"),
        ("<ScRiPt src=x>evil()</sCrIpT >seen", "seen"),
        ("<img src=x onerror=alert(1)>seen<iframe>no</iframe>", "seen"),
        ("<!DOCTYPE html><html><head><title>t</title></head><body>seen", "seen"),
        ("seen<script>never ends", "seen"),
        ("seen<!-- never ends", "seen"),
        ("seen<a href='never ends", "seen"),
        ("&#99999999999; &#1114112;", "\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"),
        ("&nbsp;नमस्ते&nbsp;", "नमस्ते"),
        ("", ""),
    ],
)
def test_html_becomes_its_words(source: str, words: str) -> None:
    assert text_of_html(source) == words


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<a ", '<a b="', "</", "<?", "<script>", "&", "&#", "<div>", "<style><", "= '"]
)
def test_time_grows_with_length_only(unit: str) -> None:
    source = unit * (LONG // len(unit))
    started = time.perf_counter()
    text_of_html(source)
    assert time.perf_counter() - started < 3


def test_a_number_with_thousands_of_digits_is_no_trouble() -> None:
    assert (
        text_of_html(f"a&#{'9' * 5000};b&#x{'f' * 9000};c") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    )


@given(st.text(alphabet="<>/!-abscript \n\"'=&#;1xp", max_size=80))
@settings(max_examples=100, deadline=None)
def test_it_never_raises_and_no_line_is_empty(source: str) -> None:
    words = text_of_html(source)
    assert words == "" or all(line.strip() for line in words.split("\n"))
