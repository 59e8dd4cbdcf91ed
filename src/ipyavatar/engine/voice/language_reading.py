"""A sentence of any language as its voice is to read it, where the voice itself does not know.

Our own voices have `text_normalization`, which is English. Voices of other languages read numbers
and words; what they are written with is said here, in the order of `read_sentence`.
"""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import functools
import re
import unicodedata

from .language_units import read_units
from .languages import Language, base_of, find_language
from .text_normalization.numbers import roman

_SPACES = re.compile(r"\s+")
_NARROW = "[\u00a0\u2009\u202f ]"
_NUMBER_SPACE = re.compile(rf"(?<=\d){_NARROW}(?=\d{{3}}(?!\d))")
_PRICE = re.compile(rf"(R\$|[$€£¥]){_NARROW}?(\d(?:[\d.,\u00a0\u202f]*\d)?)")
# As they are typed where there is no key for them; before the marks of code are left out.
_TYPED = (
    (re.compile(r"(?<=\d)[〜～~](?=\d)"), "–"),
    (re.compile(r"-{1,2}>|=>"), "→"), (re.compile(r"<-(?!\d)"), "←"), (re.compile(r"<="), "≤"),
    (re.compile(r">="), "≥"), (re.compile(r"!="), "≠"), (re.compile(r"=="), "="),
    (re.compile(r"~(?=\s?\d)"), "≈"), (re.compile(r"(?<=\d) x (?=\d)"), " × "),
    (re.compile(r"(?<![\w.,/–-])(\d{1,3})-(?=\d{1,3}(?:\s[^\W\d_]{2}|[\u4e00-\u9fff]|\s?[%€°]))"), r"\1–"),
)  # fmt: skip
_COMPARISON = re.compile(r"(?<=[\w)%°²³])\s?(?<!<)([<>])(?![<>])\s?(?=[\w(.,√−-])")
_SCIENTIFIC = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,3})(?!\w)")
_TYPED_POWER = re.compile(r"(?<=[\w)])(?:\^|\*\*)\{?([-+]?\d{1,3})\}?(?!\w)")
_HIGH = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_RANGE = re.compile(r"(?<![\w.,–-])(\d+(?:[.,]\d+)?)\s?–\s?(\d+(?:[.,]\d+)?)(?![\d_–-]|[.,]\d)")
_RANGE_IN_UNITS = re.compile(
    r"(?<![\w.,–-])(\d+(?:[.,]\d+)?)(\s?(?:°\s?[CF]|%|€|[a-zµ][a-zA-Z]{0,3}))\s?–\s?(\d+(?:[.,]\d+)?\2)(?!\w)"
)
_ORDINAL_WITH_A_POINT = re.compile(r"(?<![\d.,])(\d{1,3})\.([ºª])")
_SHORT_ORDINAL = re.compile(r"(?<![\d.,])([13])\.er(?!\w)")
_ORDINAL = re.compile(r"(?<![\d.,])(\d{1,2})°(?=\s[a-zà-ù]{4})")
_ORDINALS_WITH_A_CIRCLE = frozenset(("it", "es", "pt"))
_ONE_SIGN = str.maketrans({"℃": "°C", "℉": "°F", "№": "№ "})
_BEFORE_MARK = re.compile(r" +(?=[,.;:!?，。；：！？、])")
_MENUS = (
    "Datei Bearbeiten Ansicht Einfügen Extras Hilfe Einstellungen Fenster Werkzeuge Fichier Édition Affichage"
    " Insertion Outils Aide Paramètres Préférences Fenêtre Archivo Editar Ver Insertar Herramientas Ayuda"
    " Configuración Ajustes Ventana File Modifica Visualizza Inserisci Strumenti Aiuto Impostazioni Finestra"
    " Arquivo Exibir Inserir Ferramentas Ajuda Configurações Bestand Bewerken Beeld Invoegen Hulpmiddelen"
    " Instellingen Venster Файл Правка Вид Вставка Сервис Справка Настройки Окно Kernel Format Menu Menü Start"
    " 文件 编辑 视图 插入 工具 帮助 设置 ファイル 編集 表示 挿入 ツール ヘルプ 設定"
).split()
_MENU = re.compile(
    rf"(?<!\w)(?:{'|'.join(_MENUS)})(?:\s[>›→]\s[^\W\d_][^<>›→.,;:!?\n]{{0,40}}){{1,5}}"
)
_LISTED = re.compile(r"(?<![\w.,])\d+(?:,\d+){2,50}(?![\w,]|\.\d)|(?<=\[)\d+,\d+(?=\])")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_ROMAN = re.compile(
    r"(?<!\w)([IVXLC]{1,7})(e|er|ère|ème)(?=\s(?:siècle|siècles|République|arrondissement|régiment|dynastie))"
)
_HALF = re.compile(r"(\d?)½(?=(\s?\w{0,40}as?\b)?)")
_QUIET = re.compile(r"[\\|_*^#`{}\[\]<>~]+")


def read_sentence(text: str, language: str) -> str:
    """`text` with what is written short written out.

    The order: signs as they are typed; abbreviations, whose full stops would be taken for those of
    numbers; then prices, whose sign is said after the number; then units, powers and indices; then
    what goes around a whole number; then the marks within numbers; then signs beside them; then
    what no voice can say.
    """
    known = find_language(language)
    text = _plain_signs(text.translate(_ONE_SIGN), known, base_of(language))
    for short, said in known.counted.items():
        text = re.sub(rf"(?<=\d){_NARROW}?{re.escape(short)}(?!\w)", f" {said}", text)
    if known.half:
        text = _HALF.sub(lambda m: _say_half(known, m), text)
    text = _spoken_pattern(language).sub(lambda m: _say(known, m.group()), text)
    text = _LISTED.sub(_say_list, text)
    text = _PRICE.sub(r"\2 \1", text)
    text = read_units(text, base_of(language))
    for sign, word in known.signs.items():
        if "{}" in word:
            number = rf"(\d+(?:[.,]\d+)*){_NARROW}?{re.escape(sign)}"
            text = re.sub(number, word.format(r"\1"), text)
    text = _plain_numbers(text, known)
    for sign, word in known.signs.items():
        text = text.replace(sign, f" {word.format('')} ")
    text = "".join(map(_sayable, _QUIET.sub(" ", text)))
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", text)).strip()


def _plain_signs(text: str, language: Language, base: str) -> str:
    """`text` with one sign for what is typed in several, and comparisons and ranges in words."""
    text = _MENU.sub(lambda m: re.sub(r"\s[>›→]\s", ", ", m.group()), text)
    for typed, sign in _TYPED:
        text = typed.sub(sign, text)
    text = _SCIENTIFIC.sub(lambda m: f"{m[1]} × 10{m[2].translate(_HIGH)}", text)
    text = _TYPED_POWER.sub(lambda m: m[1].translate(_HIGH), text)
    words = dict(zip("<>", language.compared, strict=False))
    text = _COMPARISON.sub(lambda m: f" {words.get(m[1], m[1])} ", text)
    if language.to:
        text = _RANGE.sub(lambda m: _say_range(language, m), text)
        text = _RANGE_IN_UNITS.sub(rf"\1\2 {language.to} \3", text)
    if base == "fr":
        text = _ROMAN.sub(_say_century, text)
    if base in _ORDINALS_WITH_A_CIRCLE:
        text = _ORDINAL.sub(r"\1º", text)  # 1° posto: no temperature
        text = _ORDINAL_WITH_A_POINT.sub(r"\1\2", text)  # 1.º: no sentence ends
    if base == "es":
        text = _SHORT_ORDINAL.sub(lambda m: {"1": "primer", "3": "tercer"}[m[1]], text)
    return text


def _say_list(found: re.Match[str]) -> str:
    """Numbers with commas between them, where these do not group thousands."""
    text = found.group()
    return text if _GROUPED.fullmatch(text) else text.replace(",", ", ")


def _say_half(language: Language, found: re.Match[str]) -> str:
    masculine, feminine, after = language.half
    half = feminine if found[2] else masculine
    return f"{found[1]} {after.format(half)} " if found[1] else f" {half} "


def _say_century(found: re.Match[str]) -> str:
    """Of letters a voice makes a word; a number it reads."""
    number = roman(found[1])
    return f"{number}{found[2]}" if number else found.group()


def _say_range(language: Language, found: re.Match[str]) -> str:
    """A score may fall; a range rises."""
    low, high = (float(part.replace(",", ".")) for part in found.groups())
    return f"{found[1]} {language.to} {found[2]}" if low < high else found.group()


@functools.cache
def _spoken_pattern(language: str) -> re.Pattern[str]:
    """All abbreviations of the language, the longest first; spaces in them may be missing."""
    names = sorted(find_language(language).spoken, key=len, reverse=True)
    if not names:
        return re.compile(r"(?!)")
    parts = "|".join(re.escape(name).replace(r"\ ", rf"{_NARROW}?") for name in names)
    return re.compile(rf"(?<!\w)(?:{parts})(?!\w)")


def _say(language: Language, found: str) -> str:
    bare = re.sub(_NARROW, "", found)
    for name, said in language.spoken.items():
        if name.replace(" ", "") == bare:
            return said
    return found


def _plain_numbers(text: str, language: Language) -> str:
    """`1.234,5` is "1234 Komma 5" in German."""
    mark, word = language.decimal
    if not word:
        return text
    text = _NUMBER_SPACE.sub("", text)
    if language.thousands.strip():
        escaped = re.escape(language.thousands)
        grouped = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{escaped}\d{{3}})+(?![\d])")
        text = grouped.sub(lambda m: m.group().replace(language.thousands, ""), text)
    decimal = re.compile(rf"(?<![\d.,])(\d+){re.escape(mark)}(\d+)(?![\d.,]\d|\d)")
    return decimal.sub(lambda m: f"{m[1]} {word} {_decimals(m[2], language)}", text)


def _decimals(digits: str, language: Language) -> str:
    if language.digits_apart or len(digits) > 2 or digits.startswith("0"):
        return " ".join(digits)
    return digits


def _sayable(char: str) -> str:
    """What no voice can say becomes a space: one sign must not cost a sentence."""
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk") and char not in "\u200c\u200d":
        return " "
    return char
