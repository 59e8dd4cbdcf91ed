"""Sentences of other languages as their voices are to read them."""

# ruff: noqa: RUF001 - signs of many languages

import pytest

from ipyavatar.engine.voice.language_reading import read_sentence

CASES = [
    ("de", "z. B. 3,14 und 1.234.567", "zum Beispiel 3 Komma 1 4 und 1234567"),
    ("de", "z.B. 50 % von 1.000 €", "zum Beispiel 50 Prozent von 1000 Euro"),
    ("de", "d. h. ca. 5°C", "das heißt circa 5 Grad Celsius"),
    ("de", "1.234,5 km bzw. 7", "1234 Komma 5 Kilometer beziehungsweise 7"),
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
    ("de", "p < 0,05 und c > d", "p kleiner als 0 Komma 0 5 und c größer als d"),
    ("fr", "x ≠ y, a < b", "x différent de y, a inférieur à b"),
    ("es", "a<b", "a menor que b"),
    ("it", "x != y", "x diverso da y"),
    ("nl", "x >= 5, ∞", "x groter dan of gelijk aan 5, oneindig"),
    ("pt", "√2 ÷ 3", "raiz quadrada de 2 dividido por 3"),
    ("ru", "a < b, т. е. 5 > 3", "a меньше b, то есть 5 больше 3"),
    ("zh", "x < 5", "x 小于 5"),
    ("ja", "x > 5", "x 大なり 5"),
    ("zh", "0.5%", "百分之0 点 5"),
    ("de", "Seiten 12–15, 1914–1918", "Seiten 12 bis 15, 1914 bis 1918"),
    ("de", "Es steht 3–1.", "Es steht 3–1."),
    ("fr", "pages 12–15", "pages 12 à 15"),
    ("de", "Lernrate 3e-4", "Lernrate 3 mal 10 hoch minus 4"),
    ("de", "x^2 + y**2", "x hoch 2 plus y hoch 2"),
    ("de", "~20 Zeilen, a -> b", "ungefähr 20 Zeilen, a zu b"),
    ("it", "1° posto, 20 °C", "1º posto, 20 gradi Celsius"),
    ("de", "§ 5 Abs. 2", "Paragraph 5 Absatz 2"),
    ("ru", "и т. д., 5 млн руб.", "и так далее, 5 миллионов рублей"),
    ("de", "Datei > Speichern unter", "Datei, Speichern unter"),
    ("fr", "Fichier > Enregistrer sous", "Fichier, Enregistrer sous"),
    ("ru", "Файл > Сохранить как", "Файл, Сохранить как"),
    ("de", "Länge > Breite", "Länge größer als Breite"),
    ("de", "x = [1,2,3]", "x gleich 1, 2, 3"),
    ("en", "1,234,567 rows", "1234567 rows"),
    ("es", "3 x 4 = 12", "3 por 4 igual a 12"),
    ("de", "10-15 Minuten", "10 bis 15 Minuten"),
    ("it", "10-15 minuti", "10 a 15 minuti"),
    ("zh", "10-15 分钟", "10 到 15 分钟"),
    ("de", "1980-1985 gab es", "1980-1985 gab es"),
    ("de", "250 g Butter, 16 GB", "250 Gramm Butter, 16 Gigabyte"),
    ("de", "1 km, 5 Fr., Fr. Weber", "1 Kilometer, 5 Franken, Frau Weber"),
    ("de", "5 TL Salz, max. 3 Pers.", "5 Teelöffel Salz, maximal 3 Personen"),
    ("de", "3 € / kg", "3 Euro pro Kilogramm"),
    ("fr", "20 €/m²", "20 euros par mètre carré"),
    ("fr", "le XIXe siècle", "le 19e siècle"),
    ("fr", "∀x ∈ E, a ⇒ b", "pour tout x appartient à E, a implique b"),
    ("es", "1.º curso, 3.ª planta, 1.er lugar", "1º curso, 3ª planta, primer lugar"),
    ("pt", "n.º 5, 1.º lugar", "número 5, 1º lugar"),
    (
        "de",
        "10 °C–15 °C, 5 %–10 %",
        "10 Grad Celsius bis 15 Grad Celsius, 5 Prozent bis 10 Prozent",
    ),
    ("fr", "5 kg–10 kg", "5 kg à 10 kg"),
    ("zh", "5–7公里, 5~7分钟", "5 到 7公里, 5 到 7分钟"),
    ("ja", "5〜7km", "5 から 7km"),
    ("es", "½ taza, ½ litro, 2½ tazas", "media taza, medio litro, 2 y media tazas"),
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
