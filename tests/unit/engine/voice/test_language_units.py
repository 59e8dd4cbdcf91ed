"""Units, powers and indices as voices of other languages are to read them."""

# ruff: noqa: RUF001 - letters and signs of many languages

import pytest

from ipyavatar.engine.voice.language_reading import read_sentence
from ipyavatar.engine.voice.language_units import UNITS, read_units

CASES = [
    (
        "de",
        "120 m² und 1 m³, 9,81 m/s²",
        "120 Quadratmeter und 1 Kubikmeter, 9 Komma 8 1 Meter pro Quadratsekunde",
    ),
    (
        "de",
        "357.386 km²; 10⁻³ mol, x² + y²",
        "357386 Quadratkilometer; 10 hoch minus 3 mol, x hoch 2 plus y hoch 2",
    ),
    ("de", "CO₂, Ca(OH)₂ und SO₄²⁻", "C O 2, Ca O H 2 und S O 4 hoch 2"),
    ("de", "E = mc² und (a+b)²", "E gleich mc hoch 2 und (a plus b) hoch 2"),
    (
        "fr",
        "1 234 km² et 1 m²; 90 km/h",
        "1234 kilomètres carrés et 1 mètre carré; 90 kilomètres par heure",
    ),
    ("es", "3,5 m³ de CO₂ a 80 km/h", "3 coma 5 metros cúbicos de C O 2 a 80 kilómetros por hora"),
    ("it", "2 km² e 10⁶", "2 chilometri quadrati e 10 alla 6"),
    ("pt", "10 m² e 5 kg/m³", "10 metros quadrados e 5 quilogramas por metro cúbico"),
    ("nl", "12 km² en 10⁶", "12 vierkante kilometer en 10 tot de macht 6"),
    (
        "ru",
        "5 км², 10 °C, 50 %, 90 км/ч",
        "5 квадратных километров, 10 градусов Цельсия, 50 процентов, 90 километров в час",
    ),
    (
        "zh",
        "面积为120 km²，10°C，50%，10⁶",
        "面积为120 平方公里，10 摄氏度，百分之50，10 的 6 次方",
    ),
    ("ja", "120 km²、10°C、50%、3.14", "120 平方キロメートル、10 度、50 パーセント、3 点 1 4"),
    (
        "en",
        "5 km² of CO₂ at 10 m/s²",
        "5 square kilometers of C O 2 at 10 meters per square second",
    ),
    ("pl", "5 km² CO₂ 10⁶", "5 km 2 C O 2 10 6"),
]


@pytest.mark.parametrize(("language", "written", "read"), CASES)
def test_they_are_words_in_the_order_of_the_language(language, written, read):
    assert read_sentence(written, language) == read


@pytest.mark.parametrize("base", [*UNITS, "pl", "xx"])
def test_what_has_no_power_no_index_and_no_quotient_stays(base):
    # The German voice spells letters that stand alone: "5 ka ge".
    alone = base in UNITS and UNITS[base].alone
    texts = ("I/O, und/oder, A/B", "ein s", "NATO (USA) CO2", "km/h", "a_1 b^2")
    for text in texts if alone else (*texts, "5 m, 3 l"):
        assert read_units(text, base) == text


@pytest.mark.parametrize("base", UNITS)
def test_every_unit_can_be_squared_cubed_and_divided(base):
    """And nothing of what is written small or high is left."""
    for unit in UNITS[base].names:
        for written in (f"2 {unit}²", f"2 {unit}³", f"2 {unit}/{unit}²"):
            read = read_units(written, base)
            assert read.startswith("2 ")
            assert not set(read) & set("²³/")
