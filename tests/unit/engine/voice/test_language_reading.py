"""Sentences of other languages as their voices are to read them."""

import pytest

from ipyavatar.engine.voice.language_reading import read_sentence

CASES = [
    ("de", "z. B. 3,14 und 1.234.567", "zum Beispiel 3 Komma 1 4 und 1234567"),
    ("de", "z.B. 50 % von 1.000 €", "zum Beispiel 50 Prozent von 1000 Euro"),
    ("de", "d. h. ca. 5°C", "das heißt circa 5 Grad Celsius"),
    ("de", "1.234,5 km bzw. 7", "1234 Komma 5 km beziehungsweise 7"),
    ("de", "Version 1.2.3 vom 3.10.2024", "Version 1.2.3 vom 3.10.2024"),
    ("fr", "M. Dupont paie 1 234,50 €", "monsieur Dupont paie 1234 virgule 50 euros"),
    ("fr", "p. ex. 0,05 %", "par exemple 0 virgule 0 5 pour cent"),
    ("es", "El Sr. Ruiz: 3,5 % & más", "El señor Ruiz: 3 coma 5 por ciento y más"),
    ("es", "EE. UU. tiene 1.000.000", "Estados Unidos tiene 1000000"),
    ("it", "La dott.ssa, ecc. 2,75 €", "La dottoressa, eccetera 2 virgola 75 euro"),
    ("nl", "bijv. 12,5 % o.a.", "bijvoorbeeld 12 komma 5 procent onder andere"),
    ("pt", "A Dra. Lima: R$ 1.500,00", "A doutora Lima: 1500 vírgula 0 0 reais"),
    ("de", "€5 oder $ 3,20", "5 Euro oder 3 Komma 2 0 Dollar"),
    ("fr", "n° 5 à £20 et 10 ℃", "numéro 5 à 20 livres et 10 degrés Celsius"),
    ("es", "n.º 5 por $1.000", "número 5 por 1000 dólares"),
    ("en", "1,234.5 km & 50%", "1234 point 5 km and 50 percent"),
]


@pytest.mark.parametrize(("language", "written", "read"), CASES)
def test_what_is_written_short_is_written_out(language, written, read):
    assert read_sentence(written, language) == read


@pytest.mark.parametrize("sign", ["😀", "\u200b", "\ue000", "♫", "`", "⁻", "\x07", "🇩🇪", "∞"])
@pytest.mark.parametrize("language", ["de", "fr", "zh", "xx"])
def test_one_sign_never_costs_a_sentence(language, sign):
    read = read_sentence(f"Abc {sign} def 10{sign}9", language)
    assert read.startswith("Abc")
    assert "def 10" in read


def test_other_scripts_stay_as_they_are():
    for text in ("こんにちは。", "नमस्ते दुनिया।", "مرحبا بالعالم", "Привет, мир!"):
        assert read_sentence(text, "xx") == text
