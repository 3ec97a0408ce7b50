"""Plausible Chinese names, documents and addresses, each a function of who it is."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synthetic.geography import CITIES, COUNTIES

SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎")
GIVEN_MALE = list("伟强磊军勇涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆杰建国志文博龙海东阳晨")
GIVEN_FEMALE = list("芳娜敏静丽艳娟霞秀燕玲桂婷雪梅琳慧红英倩洁莉颖欣怡佳悦晶璐薇茜蕾瑶萍")
# Clerks pick the wrong character of the same sound.
HOMOPHONES = dict(zip("伟磊军超明刚平辉鹏芳娜敏静丽艳娟霞", "玮雷君朝鸣钢萍晖朋方那闵婧莉燕绢侠", strict=True))
STREETS = (
    "解放路",
    "人民路",
    "建设路",
    "和平路",
    "中山路",
    "文化路",
    "新华路",
    "胜利街",
    "长江路",
    "黄河路",
    "泰山路",
    "迎宾大道",
)
TRADES = ("机械制造", "商贸", "物流", "信息技术", "建筑工程", "食品", "医药", "教育科技", "纺织", "能源")
BRANDS = ("鲁泰", "恒信", "金桥", "天元", "华盛", "瑞丰", "博远", "中兴达", "万和", "新世纪", "海川", "东岳")
PROVINCE_CODES = np.array([37, 41, 13, 32, 34, 14, 22, 23])
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def person_names(
    person: np.ndarray, household: np.ndarray, is_female: np.ndarray, is_mistyped: np.ndarray
) -> pl.Series:
    """Most of a household share a surname; a tenth have a given name of one character."""
    draw = _scatter(person, 0)
    family = np.where(draw % 10 < 6, _scatter(household, 1), _scatter(person, 1))
    # The square makes common surnames common.
    rank = (family % 1000 / 1000.0) ** 2 * len(SURNAMES)
    given = np.where(is_female, _given(GIVEN_FEMALE, person, 2), _given(GIVEN_MALE, person, 2))
    second = np.where(is_female, _given(GIVEN_FEMALE, person, 3), _given(GIVEN_MALE, person, 3))
    second = np.where(draw % 100 < 10, "", second)
    typed = pl.Series(given).replace(HOMOPHONES)
    frame = pl.DataFrame(
        {"surname": pl.Series(SURNAMES)[rank.astype(np.int64)], "given": given, "second": second, "typed": typed}
    )
    spelt = pl.when(pl.Series(is_mistyped)).then("typed").otherwise("given")
    return frame.select(pl.concat_str("surname", spelt, "second")).to_series()


def _given(characters: list[str], person: np.ndarray, salt: int) -> np.ndarray:
    return np.array(characters)[_scatter(person, salt) % len(characters)]


def enterprise_names(enterprise: np.ndarray) -> pl.Series:
    """City, brand, trade; the number keeps branches of one brand apart."""
    city = [name.removesuffix("市") for _, name, *_ in CITIES]
    brand, trade, place = (
        enterprise % len(BRANDS),
        enterprise // len(BRANDS) % len(TRADES),
        enterprise // (len(BRANDS) * len(TRADES)),
    )
    frame = pl.DataFrame(
        {
            "city": pl.Series(city)[place % len(city)],
            "brand": pl.Series(BRANDS)[brand],
            "trade": pl.Series(TRADES)[trade],
        }
    )
    branch = place // len(city)
    suffix = (
        pl.when(pl.Series(branch) > 0).then(pl.format("第{}分公司", pl.Series(branch))).otherwise(pl.lit("有限公司"))
    )
    return frame.select(pl.concat_str("city", "brand", "trade", suffix)).to_series()


def documents(person: np.ndarray, birth: pl.Series, is_female: np.ndarray) -> pl.Series:
    """Identity card of 18 characters: area of registration, birth date, serial (odd for men), check character."""
    block = np.asarray(person, dtype=np.int64) // 500
    area = PROVINCE_CODES[block // 1462 % len(PROVINCE_CODES)] * 10_000 + (block % 17 + 1) * 100 + block // 17 % 86 + 1
    serial = person % 500 * 2 + ~is_female
    body = (area * 10**8 + birth.dt.strftime("%Y%m%d").cast(pl.Int64).to_numpy()) * 1000 + serial
    total = sum(body // 10 ** (16 - place) % 10 * weight for place, weight in enumerate(WEIGHTS))
    check = pl.Series(list(CHECK_DIGITS))[np.asarray(total) % 11]
    return pl.select(pl.Series(body).cast(pl.Utf8) + check).to_series()


def credit_codes(enterprise: np.ndarray) -> pl.Series:
    """Unified social credit codes look like 9137 and fourteen more characters."""
    body = (np.asarray(enterprise, dtype=np.int64) * 61_803_399 + 16_180_339) % 10**12
    return pl.select(pl.lit("9137") + pl.Series(body).cast(pl.Utf8).str.zfill(12) + pl.lit("MA")).to_series()


def addresses(county: np.ndarray, community: np.ndarray, household: np.ndarray, moved: np.ndarray) -> pl.Series:
    """City, county, street and number of the community, building and room of the household; a move leads elsewhere."""
    street, home = _scatter(community + 7_919 * moved, 4), _scatter(household + 104_729 * moved, 5)
    names = [f"{city}{name}" for _, city, *_ in CITIES for name in COUNTIES]
    where = pl.DataFrame(
        {
            "place": pl.Series(names)[county],
            "street": pl.Series(STREETS)[street % len(STREETS)],
            "number": street // 16 % 300 + 1,
            "building": home % 28 + 1,
            "unit": home // 32 % 4 + 1,
            "room": (home // 128 % 18 + 1) * 100 + home // 4096 % 4 + 1,
        }
    )
    return where.select(pl.format("{}{}{}号{}号楼{}单元{}室", *where.columns)).to_series()


def _scatter(number: np.ndarray, salt: int) -> np.ndarray:
    """A fixed number between 0 and 2^31 that looks random (multiplicative hashing)."""
    mixed = (np.asarray(number, dtype=np.uint64) + np.uint64(salt * 7_368_787 + 1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(33)).astype(np.int64)
