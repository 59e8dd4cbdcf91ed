"""Sentences of other languages: where they end."""

# ruff: noqa: RUF001 - letters and signs of many languages

import pytest

from ipyavatar.engine.voice.languages import LANGUAGES, base_of, find_language
from ipyavatar.engine.voice.splitter import pieces

CASES = [
    ("de", "Das ist z. B. gut.|Am 3. Oktober um 8.30 Uhr geht es los.|Ja."),
    ("de", "Es kostet 1.234,50 €.|Das ist viel."),
    ("de", "Dr. Müller wohnt in der Goethestr. 5, d. h. hier.|Er lacht."),
    ("de", "Das war 1990.|Danach kam Neues."),
    ("fr", "M. Dupont arrive.|Il a 3,5 kg de pommes, p. ex. des rouges."),
    ("fr", "« Bonjour ! »|Il part."),
    ("es", "El Sr. García vive aquí, p. ej. en la Av. Libertad.|¿Verdad?|¡Sí!"),
    ("es", "EE. UU. y la UE.|Bien."),
    ("it", "La dott.ssa Rossi e il sig. Bianchi, ecc.|Tutto bene."),
    ("nl", "Dhr. De Vries komt, o.a. met mevr. Jansen.|Goed."),
    ("pt", "O Sr. Silva mora na Av. Paulista, p. ex. aqui.|Certo."),
    ("zh", "你好。|今天天气很好！|真的吗？"),
    ("ja", "こんにちは。|「元気ですか？」|はい。"),
    ("ar", "مرحبا بالعالم.|كيف حالك؟|بخير."),
    ("hi", "नमस्ते दुनिया।|आप कैसे हैं?"),
    ("en", "Mr. Smith has 3.5 kg.|Good."),
    ("ja", "東京タワーは333メートルです。|高いですね。"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), CASES)
def test_a_sentence_ends_where_its_language_ends_it(language, text):
    """At `|`, and nowhere else; nothing is lost."""
    wanted = text.split("|")
    joint = "" if language in ("zh", "ja") else " "
    found = [piece.text for piece in pieces(joint.join(wanted), language)]
    assert found == wanted
    assert "".join("".join(found).split()) == "".join("".join(wanted).split())


def test_an_abbreviation_that_may_end_a_sentence_does_before_a_word_that_opens_one():
    assert [p.text for p in pieces("Brot, Milch usw. Und dann?", "de")] == [
        "Brot, Milch usw.",
        "Und dann?",
    ]
    assert len(list(pieces("Brot, Milch usw. Haus und Hof.", "de"))) == 1


def test_a_code_may_name_a_country_or_a_voice():
    assert [base_of(code) for code in ("pt-BR", "pt_br", "pt+f2", "PT")] == ["pt"] * 4
    assert find_language("pt-BR") is LANGUAGES["pt"]


def test_a_language_without_an_entry_is_cut_by_punctuation():
    assert len(list(pieces("Saluton mondo. Kiel vi fartas?", "xx"))) == 2
