"""Markup: what nobody reads out goes, what was written stays."""

# ruff: noqa: RUF001 - typographic marks

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ipyavatar.core.markup import find_unreadable, strip_markup


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Hi</b> &amp; <a href='x'>you</a>", "Hi & you"),
        ("a <b and c> d", "a <b and c> d"),
        ("List<String> and <your name>", "List<String> and <your name>"),
        ("<answer>4</answer>", "4"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<tr><td>a</td><td>b</td></tr>", "a, b"),
        ('<speak>Hi<break time="1s"/> you</speak>', "Hi\n\nyou"),
        ('Hello<break time="1s"/>world', "Hello\n\nworld"),
        ('<img src="x.png" alt="A red cat"> sits', "A red cat sits"),
        ('<sub alias="World Wide Web">WWW</sub>', "World Wide Web"),
        ("<button>Run</button><button>Stop</button>", "Run\n\nStop"),
        (r"\$5, 50\% and R\&D", "$5, 50% and R&D"),
        ("<script>x = 1</script>Hi", "Hi"),
        ("<!-- no -->Hi", "Hi"),
        ("H<sub>2</sub>O is 10<sup>-3</sup>", "H₂O is 10⁻³"),
        ("**bold** and *it* and __this__ and `code()`", "bold and it and this and code()"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("x**2 + y**2 = z**2", "x**2 + y**2 = z**2"),
        ("a == b and c == d", "a == b and c == d"),
        ("# Title\nText", "Title\n\nText"),
        ("## Title ##", "Title"),
        ("# C#", "C#"),
        ("## Results {#sec-results .wide}\nText", "Results\n\nText"),
        ("![Loss](a.png){width=50%} and [word]{.mark}", "Loss and word"),
        ('::: {.note title="A b"}\nText\n:::', "Text"),
        ("f(x){a=1} and a set {x}", "f(x){a=1} and a set {x}"),
        ("- one\n- two", "one\n\ntwo"),
        ("1. one\n2. two", "1: one\n\n2: two"),
        ("- [x] done", "done"),
        ("[docs](https://a.b/c_(d)) ![pic](x.png)", "docs pic"),
        ("[![alt](x.png)](https://a.b)", "alt"),
        ("See [[Page|shown]], ![[a b|c]] and [[Other]].", "See shown, c and [[Other]]."),
        ("| [[a|b]] | x[[0|1]] |\n|---|---|", "b, x[[0, 1]]"),
        ("See [this][1].\n\n[1]: https://a.b", "See this."),
        ("Look:\n```py\nx = 1\n```\nDone.", "Look:\n\nDone."),
        ("```\nx = 1\n```", "x = 1"),
        ("> quoted\n> text", "quoted\ntext"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b\n\n1, 2"),
        ("name | age\n---|---\nBob | 5", "name, age\n\nBob, 5"),
        (r"2\*3", "2*3"),
        ("Hi 😀👍🏽 there 🇩🇪 ❤️!", "Hi there!"),
        ("a\x00b\x1bc\u200bd\ufeff", "abcd"),
        ("It is 20 °C ©", "It is 20 °C ©"),
        ("①②③ ﬁne Ａ１", "1 2 3 fine A1"),
        ("git add . && ls .", "git add . && ls ."),
        ("find . -name x", "find . -name x"),
        ("x ? y : z", "x ? y : z"),
        ("Fine 😀 . Yes 👍 ? No :smile: .", "Fine. Yes? No."),
        ("", ""),
        ("😀", ""),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert strip_markup(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>No.</think>Yes.", "Yes."),
        ("<thinking>No.</thinking>\nYes.", "Yes."),
        ("a<think>b<think>c</think>d</think>e", "a\ne"),
        ("Hidden</think>Shown", "Shown"),
        ("Shown <think>never closed", "Shown"),
        ("The <think> tag shows it. It is easy.", "The <think> tag shows it. It is easy."),
        ('Models emit a "<think>" token.', 'Models emit a "<think>" token.'),
        ("It is called <think>, and no more.", "It is called <think>, and no more."),
        ("Use the <think> tag. <think>No.</think>Yes.", "Use the <think> tag.\nYes."),
        ("<think>The <think> tag?</think>Yes.", "Yes."),
        ("The end. <think> the rest", "The end."),
        ('<reasoning effort="high">No.</reasoning> Yes.', "Yes."),
        ("[THINK]No.[/THINK]Yes.", "Yes."),
        ("◁think▷No.◁/think▷Yes.", "Yes."),
        ("Use the `<think>` tag.", "Use the <think> tag."),
        ("I think so, and she thinks, too.", "I think so, and she thinks, too."),
        ("<|im_start|>assistant\nHello<|im_end|>", "Hello"),
        ("<|im_start|>assistant Hello<|im_end|>", "Hello"),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nHi<|eot_id|>", "Hi"),
        ("[INST] Hello [/INST] Hi</s>", "Hello\nHi"),
        ("<start_of_turn>model\nHi<end_of_turn>", "Hi"),
        ("<｜User｜>Hi<｜Assistant｜>Hello<｜end▁of▁sentence｜>", "Hi\nHello"),
        (
            "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi",
            "Hi",
        ),
        ("100%|██████████| 10/10 [00:05<00:00, 1.99it/s]", "100%, 10 of 10"),
        ("Epoch 1:  45%|████▌     | 45/100 [00:10<00:12,  4.41it/s, loss=0.1]",
         "Epoch 1: 45%, 45 of 100, loss=0.1"),
        ("  0%|   | 0/9 [00:00<?, ?it/s]\r 50%|###| 5/9 [00:01<00:01, 4it/s]", "50%, 5 of 9"),
        ("10/10 [==============================] - loss: 0.1", "10 of 10 - loss: 0.1"),
        ("[#####-----] 50%", "50%"),
        ("3it [00:01, 2.5it/s]", "3 iterations"),
        ("━━━━━━━━━━ 10.5/10.5 MB 5.2 MB/s eta 0:00:00", "10.5 of 10.5 MB"),
        # A cell of a table behind a share is no bar.
        ("| share | ok |\n|---|---|\n| 45% | yes |", "share, ok\n\n45%, yes"),
        ("|a|45%|9|\n|-|-|-|\n|b|5%|x|", "a, 45%, 9\n\nb, 5%, x"),
    ],
)  # fmt: skip
def test_models_and_progress_bars(text: str, expected: str) -> None:
    assert strip_markup(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$E = mc^2$", "E = m c²"),
        (r"\frac{a}{b}", "a⁄b"),
        (r"\frac{a + b}{c}", "(a + b)⁄c"),
        (r"so \frac{1}{2} of it", "so 1⁄2 of it"),
        (r"$\alpha_i \leq 10^{-3}$", "αᵢ ≤ 10⁻³"),
        (r"$$\sum_{i=1}^{n} x_i^2$$", "the sum from i=1 to n of xᵢ²"),
        (r"\(\sqrt{a^2+b^2}\)", "√(a²+b²)"),
        (r"$x$ and $n$", "x and n"),
        ("$5 and $6", "$5 and $6"),
        (r"$50\%$ of $\$100$", "50% of $100"),
        (r"$\sqrt[n]{x}$", "the nth root of x"),
        (r"\qty{9.81}{\metre\per\second\squared}", "9.81 m/s²"),
        (r"\SI{3e8}{\meter\per\second}", "3 × 10⁸ m/s"),
        (r"\qty{5}{\joule\per\kilogram\per\kelvin}", "5 J/(kg·K)"),
        (r"\qty{5}{\percent} of \ang{12;30}", "5% of 12°30′"),
        (r"\qty{5", r"\qty{5"),
        (r"$|x - y|$", "|x − y|"),
        (r"\ce{H2O} and $\ce{CO2}$", "H2O and CO2"),
        ("It costs $5, or 6$.", "It costs $5, or 6$."),
        (r"C:\temp\new and C:\frac", r"C:\temp\new and C:\frac"),
        ("$" + "{" * 9 + "x^2$", "x²"),
    ],
)
def test_formulas(text: str, expected: str) -> None:
    assert strip_markup(text) == expected


MARKS = [
    *"a*_`[]<>$\\{}()^|#->~=1.\n\r\t '\"&/:+%😀е中²₂½", "**a", "![", "](", "<a b=", "<!--",
    "<script>", "<think>", "</think>", "\\frac{", "\\begin{align}", "| a ", "|-", "```\n", "1. ",
    "- ", "> ", "%|", "50%| ", "9/9 [", "[=", "<|", "<|im_start|>", "&amp;", "\x1b[", "_{a", "^{a",
    "a_",
]  # fmt: skip
"""What an attacker, or a broken stream, may repeat."""


@given(st.lists(st.sampled_from(MARKS) | st.text(st.characters()), max_size=60).map("".join))
def test_any_text_is_cleaned(text: str) -> None:
    """Nothing raises, and what is left has no control characters, surrogates or blank ends."""
    plain = strip_markup(text)
    assert plain == plain.strip()
    assert "\x00" not in plain
    assert not any("\ud800" <= c <= "\udfff" for c in plain)
    find_unreadable(text)


@given(st.text("abc 123.,;'éß"))
@example("a 1. 1")
def test_plain_text_stays(text: str) -> None:
    """Of words, numbers and punctuation nothing is lost."""
    assume(not re.match(r"\s*\d+\.\s", text))  # an item of a numbered list
    assert "".join(strip_markup(text).split()) == "".join(text.split())


@pytest.mark.parametrize("mark", MARKS)
def test_cleaning_is_linear(mark: str) -> None:
    """Twice as much of any mark takes no more than about twice as long."""

    def cost(length: int) -> float:
        text = (mark * length)[:length]
        began = time.process_time()
        strip_markup(text)
        return time.process_time() - began

    cost(100)
    # A quadratic step takes minutes for what a linear one does in half a second at worst.
    assert cost(16_000) < 4 * cost(8_000) + 0.3


@pytest.mark.parametrize("text", ["= = =", "===", "~ ~ ~", "~~~", "a\n= = =\nb"])
def test_signs_are_an_underline_only_below_a_line(text):
    """By themselves they are what is to be read."""
    assert strip_markup(text) == text


@pytest.mark.parametrize("underline", ["==", "===", "=======", "---", "- - -", "* * *"])
def test_an_underline_is_not_read(underline):
    assert strip_markup(f"Title\n{underline}\nText").split() == ["Title", "Text"]
