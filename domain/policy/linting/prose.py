"""Numbers with their units in what people write, in English and German."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = {
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty": range(1, 21),
    "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
    " sechzehn siebzehn achtzehn neunzehn zwanzig": range(1, 21),
    "thirty forty fifty sixty seventy eighty ninety hundred": range(30, 101, 10),
    "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert": range(30, 101, 10),
    "first second third fourth fifth sixth seventh eighth ninth tenth": range(1, 11),
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte": range(1, 11),
}
_NUMBERS = {
    word: number
    for line, numbers in _WORDS.items()
    for word, number in zip(line.split(), numbers, strict=True)
}
_UNITS = {
    "minutes": r"minutes?|mins?|minuten?",
    "hours": r"hours?|hrs?|h|stunden?",
    "business days": r"(?:business|working)[\s-]+days?|werktag(?:en?|s)?|arbeitstag(?:en?|s)?",
    "days": r"days?|tag(?:en?|es)?|nights?|nacht|nächten?",
    "weeks": r"weeks?|wochen?",
    "months": r"months?|monat(?:en?|s)?",
    "years": r"years?|jahr(?:en?|es)?",
    "%": r"%|per[\s-]?cent|prozent",
}
CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "euro": "EUR", "dollar": "USD", "pound": "GBP",
    "pfund": "GBP", "franken": "CHF", "franc": "CHF", "yen": "JPY", "cent": "cents",
}  # fmt: skip
_CODES = (
    "EUR USD GBP CHF JPY SEK NOK DKK PLN CZK HUF CAD AUD NZD INR CNY KRW SGD HKD TRY BRL MXN ZAR"
)
_FIGURE = r"\d{1,3}(?:[., ]\d{3}){1,3}(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_NUMBER = rf"(?:{_FIGURE}|\b(?:{'|'.join(_NUMBERS)})\b)"
_JOIN = r"\s*(?:and|or|to|und|oder|bis|[-–])\s*"
_MORE = r"(?:full|whole|complete|calendar|more|further|volle[nrs]?|ganze[nrs]?|weitere[nrs]?)\s+"
_MEASURED = re.compile(
    rf"(?<![\w.,/])((?:{_NUMBER}{_JOIN}){{0,3}}{_NUMBER})[\s-]*(?:{_MORE})?"
    rf"(?:{'|'.join(f'(?P<u{n}>{unit})' for n, unit in enumerate(_UNITS.values()))})(?!\w)",
    re.IGNORECASE,
)
_NAMES = "euros?|dollars?|pounds?|pfund|franken|francs?|yen"
_AFTER = re.compile(
    rf"(?<![\w.,/])({_NUMBER})\s*([€$£¥]|{_NAMES}|{_CODES.replace(' ', '|')})(?!\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"([€$£¥]|\b(?:{_CODES.replace(' ', '|')}))\s*({_FIGURE})")
_CLOCK = re.compile(
    r"(?<![\w.:])(\d{1,2})(?::(\d\d))?(?:\s*([ap])\.?m\b\.?|\s*(uhr)\b|(?<=:\d\d)(?![\w:]))",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\b(half|hälfte|halbe[nrs]?)\b(?!\s+(?:an?\s+)?(?:hours?|days?|stunden?|tage?|past)\b)",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:(?:an?|the|last|eine[nrms]?|ein|am|der|dem|letzte[nrm]?)\s+)"
    r"(?:hour|day|night|week|month|year|business|working|stunde|tag|vortag|nacht|woche|monat|jahr)",
    re.IGNORECASE,
)
_ANY = re.compile(rf"(?<![\w]){_NUMBER}", re.IGNORECASE)


class Quantity(NamedTuple):
    """A number with its unit: a length of time, % or a currency; `clock` in minutes of the day."""

    value: float
    unit: str
    text: str


def quantities(text: str) -> Iterator[Quantity]:
    """Every number that has a unit, those that share one with a number behind them included."""
    for match in _MEASURED.finditer(text):
        unit = next(u for n, u in enumerate(_UNITS) if match[f"u{n}"])
        for each in _ANY.findall(match[1]):
            yield Quantity(number(each), unit, _plain(match[0]))
    for match in _AFTER.finditer(text):
        yield _money(match[1], match[2], match[0])
    for match in _BEFORE.finditer(text):
        yield _money(match[2], match[1], match[0])
    for match in _CLOCK.finditer(text):
        hour = int(match[1]) % 12 + 12 * (match[3].lower() == "p") if match[3] else int(match[1])
        yield Quantity(60 * hour + int(match[2] or 0), "clock", _plain(match[0]))
    for match in _HALF.finditer(text):
        yield Quantity(50, "%", match[0])


def figures(text: str) -> set[float]:
    """Every number, with or without a unit. A half is 50 as well, "a week" or "the day" is 1."""
    found = {number(each) for each in _ANY.findall(text)}
    return found | ({1} if _ONE.search(text) else set()) | ({50} if _HALF.search(text) else set())


def number(text: str) -> float:
    """Read a number in words or figures. A mark before three figures parts thousands."""
    word = _NUMBERS.get(text.lower())
    if word is not None:
        return word
    plain = text.replace(" ", "")
    whole, _, rest = plain.replace(",", ".").rpartition(".")
    if whole and len(rest) != 3:
        return float(f"{whole.replace('.', '')}.{rest}")
    return float(f"{whole}{rest}".replace(".", ""))


def _money(figure: str, currency: str, text: str) -> Quantity:
    word = currency.lower().rstrip("s")
    code = CURRENCIES.get(currency) or CURRENCIES.get(word) or currency.upper()
    return Quantity(number(figure), code, _plain(text))


def _plain(text: str) -> str:
    return " ".join(text.split())
