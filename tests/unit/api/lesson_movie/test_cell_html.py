"""Cells and what comes out of them as HTML."""

import pytest

pytest.importorskip("nbconvert", reason="of the extra `lesson`")
pytest.importorskip("latex2mathml", reason="of the extra `lesson`")

from ipyavatar.api.lesson_movie.cell_html import MOST_CHARACTERS, CellHtml, markdown, mathml
from ipyavatar.api.notebook_file import Cell


def outputs(*given):
    return CellHtml().outputs(given)


def data(**kinds):
    names = {"plain": "text/plain", "html": "text/html", "png": "image/png", "latex": "text/latex"}
    return {"output_type": "display_data", "data": {names[k]: v for k, v in kinds.items()}}


def test_formulas_need_no_script():
    """In text and in blocks; what cannot be read is shown as it is written."""
    made = markdown("With $a<b$:\n\n$$\\sum_i x_i$$\n\n\\begin{align}a &= b\\end{align}")
    assert made.count("<math") == 3
    assert made.count('display="block"') == 2
    assert mathml("x^<^b", display=False) == '<span class="tex">x^&lt;^b</span>'


def test_pictures_of_a_cell_are_in_it():
    """One that is missing does not stop the lesson."""
    made = markdown(
        "![a](attachment:a.png) ![b](attachment:b.png)", {"a.png": {"image/png": "QUJD"}}
    )
    assert 'src="data:image/png;base64,QUJD"' in made
    assert 'src="missing"' in made


def test_a_cell_is_what_is_in_its_element():
    """The page makes that, which Markdown with more ends than beginnings does not close."""
    assert CellHtml().cell(Cell("code", "x")).startswith('<div class="count">')
    assert CellHtml().cell(Cell("markdown", "</div></div>")).startswith('<div class="text">')


def test_code_is_coloured_in_its_language():
    """Magics of IPython are known; a language that is not known is shown plain."""
    cell = Cell("code", "%time x = 1")
    assert "<span" in CellHtml().cell(cell)
    assert "<b" not in CellHtml("no such language").cell(Cell("code", "x <b 1"))


def test_the_richest_form_of_an_output_is_drawn():
    """As JupyterLab ranks them."""
    assert outputs(data(plain="text", html="<b>x</b>")) == '<div class="output"><b>x</b></div>'
    assert "<math" in outputs(data(plain="text", latex="$x$", png="QUJD"))
    assert "data:image/png;base64,QUJD" in outputs(data(plain="<Figure>", png="QU\nJD"))
    assert outputs(data(plain="<Figure>")) == '<div class="output"><pre>&lt;Figure&gt;</pre></div>'
    assert outputs({"output_type": "display_data", "data": {"application/x": {}}}) == ""


def test_what_is_printed_is_as_in_a_terminal():
    """Bars of progress write over themselves, colours are colours, and there is an end."""
    made = outputs({"output_type": "stream", "name": "stdout", "text": "10 %\r100 %\nOK\r\n"})
    assert "100 %\nOK" in made
    assert "10 %\r" not in made
    red = outputs({"output_type": "stream", "name": "stderr", "text": "\x1b[31mred\x1b[0m <b>"})
    assert 'class="output stderr"' in red
    assert 'class="ansi-red-fg"' in red
    assert "&lt;b&gt;" in red
    assert len(outputs({"output_type": "stream", "text": "x" * 10**6})) < 2 * MOST_CHARACTERS


def test_the_end_of_a_long_traceback_is_shown():
    """What was raised stands there."""
    lines = [f"line {number}" for number in range(60)]
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [*lines, "E: v"]}
    made = outputs(error)
    assert [text in made for text in ("line 0", "line 30", "E: v")] == [True, False, True]
    assert "E: v" in outputs({**error, "traceback": []})


@pytest.mark.parametrize(
    "broken",
    [
        data(html=None),
        data(html=5),
        data(png=None),
        data(plain=1.5),
        {"output_type": "display_data", "data": None},
        {"output_type": "stream", "text": None},
        {"output_type": "stream"},
        {"output_type": "error", "traceback": [None]},
        {},
    ],
)
def test_an_output_that_cannot_be_drawn_is_empty(broken):
    """Those beside it are drawn."""
    assert outputs(broken, data(html="<b>x</b>")) == '<div class="output"><b>x</b></div>'
