"""What differs between languages where a text is cut into sentences and read: data, and no code.

`splitter` goes by the first part of a `Language`, `language_reading` by the second. A language
without an entry of its own is cut by punctuation alone, and read as its voice reads it.
"""

# ruff: noqa: RUF001 - letters and signs of many languages

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        name: What it is called.
        abbreviations: Words, in lower case and without it, whose full stop ends no sentence.
        may_end: Those that end one when a word follows that opens one.
        numbered: Those that belong to a number after them.
        words_too: Those that are words as well, when written in lower case.
        openers: Words that open sentences; where there are none, every capital does.
        compounds: Whether those may be the end of a longer word: "Goethestr. 5".
        letters: Whether a single letter with a full stop is an abbreviation, capital or not.
        ordinals: Whether a number with a full stop may be an ordinal: "3. Oktober".
        thousands: What parts the thousands of a number.
        decimal: What parts its decimals, and the word for it.
        digits_apart: Whether decimals are read digit by digit.
        spoken: Abbreviations and what is said for them, each with its full stops.
        signs: Signs and their words; with `{}` where the number before goes into them.
        compared: What is said for "<" and ">" between two values.
        to: What is said for the dash between the ends of a range.
        counted: Abbreviations that mean this only after a number.
        half: What is said for "½", where a voice goes over to English; before words in "a",
            and after a number.
    """

    name: str
    abbreviations: frozenset[str] = frozenset()
    may_end: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    words_too: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    compounds: bool = False
    letters: bool = True
    ordinals: bool = False
    thousands: str = ""
    decimal: tuple[str, str] = (",", "")
    digits_apart: bool = False
    spoken: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    to: str = ""
    counted: Mapping[str, str] = field(default_factory=dict)
    half: tuple[str, ...] = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = Language(
    "English",
    abbreviations=_words(
        "mr mrs ms dr prof rev hon gen col capt lt sgt maj adm gov sen rep pres st mt ft jr sr inc"
        " ltd co corp bros dept univ vs etc approx est fig figs vol ch pp p ed eds no nos cf al e.g"
        " i.e viz a.m p.m u.s u.k u.n e.u d.c ph.d b.a m.a jan feb mar apr jun jul aug sep sept oct"
        " nov dec mon tue tues wed thu thurs fri sat sun ave blvd rd hwy apt min max sec"
        " p.s p.o esp misc avg std temp incl excl resp adj a.d a.k.a n.b"
    ),
    may_end=_words("etc jr sr inc ltd co corp a.m p.m u.s u.k u.n e.u d.c ph.d b.a m.a al"),
    numbered=_words("no nos fig figs vol ch pp p sec c ca ext op eq eqs art arts para al rs"
        " min max avg a.d fr sc fl ver tel est"),
    words_too=_words("no fig ch p sec max min sat sun mar may st co al ed est fri"),
    openers=_words(
        "A After All An And As At But For From Furthermore He Her His How However I If In It Its"
        " Let My Next No Nobody Not Now On One Or Our She So Some That The Their Then There These"
        " They This Those To Today We Well What When Where Which While Who Why Will With Yes You"
        " Your"
    ),
    letters=False,
    thousands=",",
    decimal=(".", "point"),
    digits_apart=True,
    signs={
        "%": "percent", "&": "and", "+": "plus", "=": "equals", "€": "euros", "£": "pounds",
        "$": "dollars", "°": "degrees", "§": "section", "×": "times", "@": "at", "#": "hash",
        "≠": "is not equal to", "√": "the square root of", "∞": "infinity",
        "÷": "divided by", "−": "minus",
    },
    compared=("is less than", "is greater than"),
    to="to",
)  # fmt: skip

_CHINESE = Language(
    "Chinese",
    thousands=",",
    decimal=(".", "点"),
    digits_apart=True,
    signs={
        "%": "百分之{}", "&": "和", "+": "加", "=": "等于", "€": "欧元", "£": "英镑",
        "$": "美元", "¥": "元", "°C": "摄氏度", "°": "度", "×": "乘以", "±": "正负",
        "≈": "约等于", "≤": "小于等于", "≥": "大于等于",
        "≠": "不等于",
        "→": "到", "⇒": "推出", "∈": "属于", "∀": "对所有", "∃": "存在", "√": "根号", "∞": "无穷大",
        "÷": "除以", "−": "负",
    },
    compared=("小于", "大于"),
    to="到",
)  # fmt: skip

LANGUAGES: Mapping[str, Language] = {
    "en": ENGLISH,
    "de": Language(
        "German",
        abbreviations=_words(
            "bzw ca dr prof hr fr frl nr str abs art bd inkl exkl ggf evtl vgl sog usf usw etc st"
            " tel max min mio mrd jh jhd jan feb apr jun jul aug sep sept okt nov dez mo di mi do"
            " sa so abb tab kap hrsg geb gest röm kath ev ing dipl allg bes z.b d.h u.a o.ä i.d.r"
            " v.chr n.chr s.o s.u m.e zzgl abzgl mind entspr"
        ),
        may_end=_words("usw etc usf o.ä u.a"),
        numbered=_words("nr abs art bd abb tab kap str"),
        words_too=_words("max min art so do mi di mo bes"),
        openers=_words(
            "Aber Alle Als Also Am An Auch Auf Aus Bei Da Damit Dann Das Dass Dem Den Denn Der Des"
            " Deshalb Die Dies Diese Dieser Doch Du Durch Ein Eine Einer Er Es Für Hier Ich Ihr Im"
            " In Ja Jede Jetzt Man Mit Nach Nein Noch Nun Nur Ob Oder Sein Seit Sie So Und Unser"
            " Von Vor Wann Warum Was Wenn Wer Wie Wir Wo Zu Zum Zur"
        ),
        compounds=True,
        ordinals=True,
        thousands=".",
        decimal=(",", "Komma"),
        digits_apart=True,
        spoken={
            "z. B.": "zum Beispiel", "d. h.": "das heißt", "u. a.": "unter anderem",
            "usw.": "und so weiter", "bzw.": "beziehungsweise", "ca.": "circa", "Nr.": "Nummer",
            "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau", "Str.": "Straße",
            "ggf.": "gegebenenfalls", "evtl.": "eventuell", "vgl.": "vergleiche",
            "inkl.": "inklusive", "Mio.": "Millionen", "Mrd.": "Milliarden", "Abb.": "Abbildung",
            "i. d. R.": "in der Regel",
            "max.": "maximal", "Tel.": "Telefon", "u. U.": "unter Umständen",
            "z. Zt.": "zur Zeit", "o. g.": "oben genannte", "s. o.": "siehe oben",
            "v. a.": "vor allem", "m. E.": "meines Erachtens",
            "Abs.": "Absatz", "Tab.": "Tabelle", "bspw.": "beispielsweise",
            "o. ä.": "oder ähnliches", "Kap.": "Kapitel",
        },
        signs={
            "%": "Prozent", "&": "und", "+": "plus", "=": "gleich", "€": "Euro", "£": "Pfund",
            "$": "Dollar", "°C": "Grad Celsius", "°": "Grad", "§": "Paragraph", "×": "mal",
            "@": "at", "±": "plus minus", "≈": "ungefähr", "≤": "kleiner gleich",
            "≥": "größer gleich",
            "≠": "ungleich",
            "→": "zu", "⇒": "daraus folgt", "∈": "Element von", "∀": "für alle",
            "∃": "es gibt", "√": "Wurzel aus", "∞": "unendlich",
            "÷": "geteilt durch", "−": "minus",
        },
        compared=("kleiner als", "größer als"),
        counted={
            "Fr.": "Franken", "Std.": "Stunden", "Min.": "Minuten", "Sek.": "Sekunden",
            "Stk.": "Stück", "Pers.": "Personen", "TL": "Teelöffel", "EL": "Esslöffel",
            "Tsd.": "Tausend",
        },
        to="bis",
    ),
    "fr": Language(
        "French",
        abbreviations=_words(
            "m mm mme mmes mlle mlles dr pr me st ste av bd boul etc env ex p pp vol chap fig art"
            " no tél janv févr avr juil sept oct nov déc cf réf apr j.-c max min p.ex c.-à-d"
        ),
        may_end=_words("etc j.-c"),
        numbered=_words("p pp vol chap fig art no"),
        words_too=_words("me art max min no"),
        thousands=" ",
        decimal=(",", "virgule"),
        spoken={
            "M.": "monsieur", "MM.": "messieurs", "p. ex.": "par exemple", "etc.": "et cetera",
            "env.": "environ", "c.-à-d.": "c'est-à-dire", "av. J.-C.": "avant Jésus-Christ",
            "apr. J.-C.": "après Jésus-Christ", "chap.": "chapitre", "fig.": "figure",
            "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur",
            "n°": "numéro", "N°": "numéro",
        },
        signs={
            "%": "pour cent", "&": "et", "+": "plus", "=": "égale", "€": "euros", "£": "livres",
            "$": "dollars", "°C": "degrés Celsius", "°": "degrés", "§": "paragraphe",
            "×": "fois", "@": "arobase", "±": "plus ou moins", "≈": "environ",
            "≤": "inférieur ou égal à", "≥": "supérieur ou égal à", "№": "numéro",
            "≠": "différent de",
            "→": "vers", "⇒": "implique", "∈": "appartient à", "∀": "pour tout",
            "∃": "il existe", "√": "racine carrée de", "∞": "l'infini",
            "÷": "divisé par", "−": "moins",
        },
        compared=("inférieur à", "supérieur à"),
        to="à",
    ),
    "es": Language(
        "Spanish",
        abbreviations=_words(
            "sr sra sres srta dr dra d dña prof profa ud uds vd vds av avda c núm nº pág págs cap"
            " fig art vol etc aprox tel ej p.ej ee uu ee.uu a.c d.c s.a ing lic gral máx mín"
        ),
        may_end=_words("etc ud uds ee.uu a.c d.c s.a"),
        numbered=_words("núm nº pág págs cap fig art vol"),
        words_too=_words("art"),
        thousands=".",
        decimal=(",", "coma"),
        spoken={
            "p. ej.": "por ejemplo", "etc.": "etcétera", "Sr.": "señor", "Sra.": "señora",
            "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora", "Ud.": "usted",
            "Uds.": "ustedes", "EE. UU.": "Estados Unidos", "aprox.": "aproximadamente",
            "núm.": "número", "pág.": "página", "págs.": "páginas", "Avda.": "avenida",
            "n.º": "número", "N.º": "número",
            "a. C.": "antes de Cristo", "d. C.": "después de Cristo",
        },
        signs={
            "%": "por ciento", "&": "y", "+": "más", "=": "igual a", "€": "euros",
            "£": "libras", "$": "dólares", "°C": "grados Celsius", "°": "grados",
            "§": "párrafo", "×": "por", "@": "arroba", "±": "más menos",
            "≈": "aproximadamente", "≤": "menor o igual que", "≥": "mayor o igual que",
            "≠": "distinto de",
            "→": "a", "⇒": "implica", "∈": "pertenece a", "∀": "para todo",
            "∃": "existe", "√": "raíz cuadrada de", "∞": "infinito",
            "÷": "dividido por", "−": "menos",
        },
        compared=("menor que", "mayor que"),
        half=("medio", "media", "y {}"),
        to="a",
    ),
    "it": Language(
        "Italian",
        abbreviations=_words(
            "sig sigg sig.ra sig.na dott dott.ssa prof prof.ssa ing avv on ecc es pag pagg cap fig"
            " art vol n nr tel ca p.es a.c d.c s.p.a gen feb mar apr mag giu lug ago set ott nov"
            " dic max min"
        ),
        may_end=_words("ecc a.c d.c s.p.a"),
        numbered=_words("pag pagg cap fig art vol n nr"),
        words_too=_words("on set max min"),
        thousands=".",
        decimal=(",", "virgola"),
        spoken={
            "p. es.": "per esempio", "es.": "esempio", "ecc.": "eccetera", "sig.ra": "signora",
            "sig.na": "signorina", "sig.": "signor", "dott.ssa": "dottoressa",
            "dott.": "dottor", "prof.ssa": "professoressa", "prof.": "professor",
            "ing.": "ingegner", "avv.": "avvocato", "pag.": "pagina", "cap.": "capitolo",
            "fig.": "figura", "n.": "numero", "n°": "numero", "ca.": "circa",
            "a. C.": "avanti Cristo",
            "d. C.": "dopo Cristo",
        },
        signs={
            "%": "per cento", "&": "e", "+": "più", "=": "uguale a", "€": "euro",
            "£": "sterline", "$": "dollari", "°C": "gradi Celsius", "°": "gradi",
            "§": "paragrafo", "×": "per", "@": "chiocciola", "±": "più o meno",
            "≈": "circa", "≤": "minore o uguale a", "≥": "maggiore o uguale a",
            "≠": "diverso da",
            "→": "a", "⇒": "implica", "∈": "appartiene a", "∀": "per ogni",
            "∃": "esiste", "√": "radice quadrata di", "∞": "infinito",
            "÷": "diviso", "−": "meno",
        },
        compared=("minore di", "maggiore di"),
        to="a",
    ),
    "nl": Language(
        "Dutch",
        abbreviations=_words(
            "dhr mevr mw dr prof drs ir ing mr bijv bv enz etc nr blz pag ca tel art fig hfst"
            " o.a d.w.z m.b.t i.p.v t.o.v a.u.b z.o.z v.chr n.chr jan feb mrt apr jun jul aug"
            " sept okt nov dec max min evt incl excl resp"
        ),
        may_end=_words("enz etc a.u.b"),
        numbered=_words("nr blz pag art fig hfst"),
        words_too=_words("max min art"),
        thousands=".",
        decimal=(",", "komma"),
        spoken={
            "bijv.": "bijvoorbeeld", "bv.": "bijvoorbeeld", "enz.": "enzovoort",
            "o.a.": "onder andere", "d.w.z.": "dat wil zeggen", "m.b.t.": "met betrekking tot",
            "i.p.v.": "in plaats van", "t.o.v.": "ten opzichte van", "a.u.b.": "alstublieft",
            "dhr.": "de heer", "mevr.": "mevrouw", "mw.": "mevrouw", "dr.": "doctor",
            "prof.": "professor", "nr.": "nummer", "blz.": "bladzijde", "ca.": "circa",
            "incl.": "inclusief", "excl.": "exclusief",
        },
        signs={
            "%": "procent", "&": "en", "+": "plus", "=": "is", "€": "euro", "£": "pond",
            "$": "dollar", "°C": "graden Celsius", "°": "graden", "§": "paragraaf",
            "×": "keer", "@": "apenstaartje", "±": "plusminus", "≈": "ongeveer",
            "≤": "kleiner dan of gelijk aan", "≥": "groter dan of gelijk aan",
            "≠": "is niet gelijk aan",
            "→": "naar", "⇒": "dus", "∈": "element van", "∀": "voor alle",
            "∃": "er bestaat", "√": "de wortel van", "∞": "oneindig",
            "÷": "gedeeld door", "−": "min",
        },
        compared=("kleiner dan", "groter dan"),
        to="tot",
    ),
    "pt": Language(
        "Portuguese",
        abbreviations=_words(
            "sr sra srs sras dr dra prof profa eng d av r n nº núm pág págs cap fig art vol etc"
            " aprox tel ex p.ex a.c d.c s.a exmo exma máx mín"
        ),
        may_end=_words("etc a.c d.c s.a"),
        numbered=_words("n nº núm pág págs cap fig art vol"),
        words_too=_words("art"),
        thousands=".",
        decimal=(",", "vírgula"),
        spoken={
            "p. ex.": "por exemplo", "etc.": "et cetera", "Sr.": "senhor", "Sra.": "senhora",
            "Dr.": "doutor", "Dra.": "doutora", "Prof.": "professor", "Profa.": "professora",
            "Av.": "avenida", "pág.": "página", "págs.": "páginas", "núm.": "número",
            "n.º": "número", "nº": "número",
            "aprox.": "aproximadamente", "a. C.": "antes de Cristo",
            "d. C.": "depois de Cristo",
        },
        signs={
            "%": "por cento", "&": "e", "+": "mais", "=": "igual a", "€": "euros",
            "£": "libras", "R$": "reais", "$": "dólares", "°C": "graus Celsius",
            "°": "graus", "§": "parágrafo", "×": "vezes", "@": "arroba",
            "±": "mais ou menos", "≈": "aproximadamente", "≤": "menor ou igual a",
            "≥": "maior ou igual a",
            "≠": "diferente de",
            "→": "para", "⇒": "implica", "∈": "pertence a", "∀": "para todo",
            "∃": "existe", "√": "raiz quadrada de", "∞": "infinito",
            "÷": "dividido por", "−": "menos",
        },
        compared=("menor que", "maior que"),
        to="a",
    ),
    "ru": Language(
        "Russian",
        abbreviations=_words("рис стр напр тыс руб др табл"),
        numbered=_words("рис стр табл"),
        thousands=" ",
        decimal=(",", "запятая"),
        spoken={
            "т. е.": "то есть", "т. д.": "так далее", "т. п.": "тому подобное",
            "т. к.": "так как", "др.": "другие", "напр.": "например", "рис.": "рисунок",
            "стр.": "страница", "табл.": "таблица", "тыс.": "тысяч", "млн": "миллионов",
            "млрд": "миллиардов", "руб.": "рублей",
        },
        signs={
            "%": "процентов", "&": "и", "+": "плюс", "=": "равно", "€": "евро", "£": "фунтов",
            "$": "долларов", "₽": "рублей", "°C": "градусов Цельсия", "°": "градусов",
            "§": "параграф", "×": "умножить на", "@": "собака", "±": "плюс-минус",
            "≈": "примерно", "≤": "меньше или равно", "≥": "больше или равно", "№": "номер",
            "≠": "не равно",
            "→": "к", "⇒": "следовательно", "∈": "принадлежит",
            "∀": "для всех", "∃": "существует", "√": "корень из", "∞": "бесконечность",
            "÷": "разделить на", "−": "минус",
        },
        compared=("меньше", "больше"),
    ),
    "zh": _CHINESE,
    "cmn": _CHINESE,
    "yue": _CHINESE,
    "ja": Language(
        "Japanese",
        thousands=",",
        decimal=(".", "点"),
        digits_apart=True,
        signs={
            "%": "パーセント", "&": "アンド", "+": "プラス", "=": "イコール", "€": "ユーロ",
            "£": "ポンド", "$": "ドル", "¥": "円", "°C": "度", "°": "度", "×": "かける",
            "@": "アットマーク", "±": "プラスマイナス", "≈": "約", "≤": "以下", "≥": "以上",
            "≠": "ノットイコール", "√": "ルート", "∞": "無限大",
            "÷": "割る", "−": "マイナス",
        },
        compared=("小なり", "大なり"),
        to="から",
    ),
} | {
    code: Language(name, ordinals=code in {"cs", "da", "et", "fi", "hr", "hu", "nb", "sk", "sl"})
    for code, name in {
        "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan",
        "cs": "Czech", "da": "Danish", "el": "Greek", "eo": "Esperanto", "et": "Estonian",
        "fa": "Persian", "fi": "Finnish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
        "hu": "Hungarian", "id": "Indonesian", "ko": "Korean", "la": "Latin",
        "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "no": "Norwegian",
        "pl": "Polish", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian",
        "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu",
        "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    }.items()
}  # fmt: skip
"""By their codes. Those with more than a name are read by rules of their own."""

_OTHER = Language("another language")


def base_of(language: str) -> str:
    """`"pt-BR"` is `"pt"`; so is `"pt_br"`, and `"pt+f2"`."""
    return language.lower().replace("_", "-").replace("+", "-").split("-")[0]


def find_language(language: str) -> Language:
    """What is known of a language; of one that is not listed, nothing."""
    return LANGUAGES.get(base_of(language), _OTHER)
