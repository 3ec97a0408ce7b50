"""Which columns hold personal data, judged by what is in them and, where content alone cannot tell, by their name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHARE = 0.8  # of the distinct values that must look alike
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文陳劉張楊趙黃吳許鄭謝馮蕭鄧葉蘇盧蔣賈閻鐘陸"
)
HAN = "一-鿿"
HAN_NAME = re.compile(f"[{HAN}]{{2,4}}")
HAN_FIRM = re.compile(f"[{HAN}]{{4,}}(?:公司|集团|厂|店|行|社)")
HAN_ADDRESS = re.compile(f"(?=.*[{HAN}])(?=.*[路街道巷号室村镇區区市縣县])(?=.*\\d).{{6,}}")
LATIN_NAME = re.compile(r"[^\W\d_][\w'’-]+(?:,? (?:[^\W\d_]\.|[^\W\d_][\w'’-]+)){1,3}")
LATIN_ADDRESS = re.compile(
    r"(?i)(?=.*\d).*\b(?:street|st|road|rd|avenue|ave|lane|drive|blvd|rue|via|calle|weg|platz|p\.?o\.? box)\b.*"
    r"|(?=.*\d).*(?:straße|strasse|str\.).*"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MOBILE = re.compile(r"(?:\+|00)[1-9]\d{7,14}|(?:\+?86)?1[3-9]\d{9}")
PHONE = re.compile(r"\+?[\d ()/-]{5,20}")
IMSI = re.compile(r"[2-7]\d{13,14}")
ICCID = re.compile(r"89[0-9A-Fa-f]{17,18}")
IDENTITY_CARD = re.compile(r"[1-9]\d{16}[\dXx]")
CREDIT_CODE = re.compile(r"9[1-3]\d{6}[0-9A-Z]{10}")
PASSPORT = re.compile(r"[A-Z]{1,3}\d{6,9}[A-Z]?|\d{8,12}")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Kind:
    """A kind of personal data: its vault domain, what its values look like, and names that such a column may have.

    With `by_name`, values alone are no proof (a call reference has fifteen digits too); the name has to agree.
    """

    domain: str
    fits: Callable[[str], bool]
    name: re.Pattern[str] | None = None
    by_name: bool = False


def domain_of(name: str, values: Sequence[str]) -> str | None:
    """The vault domain of a column with these distinct values, or None for a column that tells of nobody."""
    for kind in KINDS:
        is_named = bool(kind.name and kind.name.fullmatch(name))
        if kind.by_name and not is_named:
            continue
        fitting = sum(kind.fits(value.strip()) for value in values)
        # With the right name, a few wrong entries are wrong entries; a name alone is enough only where a value agrees.
        if values and fitting >= (0.5 if is_named else SHARE) * len(values):
            return kind.domain
    return None


def has_luhn(digits: str) -> bool:
    """The check digit of device and card numbers: every second digit from the right is doubled."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def is_imei(text: str) -> bool:
    return text.isdecimal() and len(text) == 15 and has_luhn(text)


def is_imei_named(text: str) -> bool:
    """14 digits come without a check digit, 16 with a version in its place."""
    return text.isdecimal() and 14 <= len(text) <= 16


def is_document(text: str) -> bool:
    if IDENTITY_CARD.fullmatch(text):
        return "10X98765432"[sum(int(n) * w for n, w in zip(text, WEIGHTS, strict=False)) % 11] == text[17].upper()
    return bool(CREDIT_CODE.fullmatch(text))


def is_name(text: str) -> bool:
    return bool(HAN_NAME.fullmatch(text)) and text[0] in SURNAMES


def is_named_name(text: str) -> bool:
    capitals = text.istitle() or text.isupper() or " " in text
    return is_name(text) or bool(HAN_FIRM.search(text)) or (bool(LATIN_NAME.fullmatch(text)) and capitals)


def is_address(text: str) -> bool:
    return bool(HAN_ADDRESS.fullmatch(text) or LATIN_ADDRESS.fullmatch(text))


def is_birth_date(text: str) -> bool:
    digits = re.sub(r"\D", "", text)[:8]
    return len(digits) == 8 and ("19" in (digits[:2], digits[4:6]) or "20" in (digits[:2], digits[4:6]))


def whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.fullmatch(text))


def known_as(words: str) -> re.Pattern[str]:
    return re.compile(f"(?:[a-z0-9]+_)*(?:{words})(?:_[a-z0-9]+)*")


PERSON = re.compile("(?:(?:first|last|full|given|family|middle|contact|customer|owner|holder)_)?name|surname|holder|xm")
TELEPHONE = known_as(r"\w*msisdn|phone\w*|mobile\w*|tel\w*|caller|callee|\w*number|contact_no|cell_?phone")
PAPER = known_as("id_no|id_num\\w*|id_card|passport\\w*|document\\w*|\\w*identity\\w*|licen[cs]e\\w*|ssn|cert_no")

KINDS = (  # the first that fits: what proves itself before what needs its name
    Kind("email", whole(EMAIL), known_as("e_?mail\\w*")),
    Kind("document", is_document, PAPER),
    Kind("imei", is_imei, known_as("imei\\w*|\\w*imei")),
    Kind("imei", is_imei_named, known_as("imei\\w*|\\w*imei"), by_name=True),
    Kind("imsi", whole(IMSI), known_as("\\w*imsi"), by_name=True),
    Kind("imsi", lambda text: bool(IMSI.fullmatch(text)) and text.startswith(("460", "466", "454", "262", "310"))),
    Kind("iccid", whole(ICCID), known_as("iccid\\w*|\\w*iccid|sim_no")),
    Kind("msisdn", whole(MOBILE), TELEPHONE),
    Kind("msisdn", whole(PHONE), known_as(r"\w*msisdn|phone\w*|mobile\w*|tel\w*|cell_?phone"), by_name=True),
    Kind("address", is_address, known_as("addr\\w*|street\\w*|\\w*address")),
    Kind("name", is_name, PERSON),
    Kind("name", is_named_name, PERSON, by_name=True),
    Kind("birth_date", is_birth_date, known_as("birth\\w*|dob|date_of_birth|\\w*birthday"), by_name=True),
    Kind("document", whole(PASSPORT), PAPER, by_name=True),
)

# An identifier that a system gives to a person, line or account leads to the person as surely as a number does.
IDENTIFIERS = (
    ("customer", re.compile("cust(?:omer)?(?:_(?:no|id|code))?|party_id")),
    ("account", re.compile("acct(?:_(?:no|id))?|account(?:_(?:no|id))?")),
    ("subscription", re.compile("user_id|subscription(?:_(?:no|id))?|subscriber(?:_(?:no|id))?|sub_id")),
    ("voucher", re.compile("voucher(?:_(?:no|id|code))?")),
)


def identifier_domain(name: str, *, distinct: int, filled: int) -> str | None:
    """The vault domain of an identifier by its name, unless it takes so few values that it names a kind of thing."""
    if distinct < 10 and distinct < filled:
        return None
    return next((domain for domain, pattern in IDENTIFIERS if pattern.fullmatch(name)), None)
