"""Looks for personal values in all that an installation keeps: in rows as DuckDB reads them, and in raw bytes."""

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

WORD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._+@-]{4,}")
HAN = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2,}")
GB_HAN = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]){3,}")
DATABASES = (".duckdb",)
SHORTEST = 6  # letters and digits: shorter ones are in every file by chance


class Wanted:
    """Values to look for: ASCII ones as whole words, Chinese ones wherever they stand."""

    def __init__(self, values: Iterable[str]) -> None:
        every = {value.strip() for value in values if value}
        # A constant of one digit is nobody's, and DuckDB keeps short texts side by side: many a column reads 1111.
        telling = {value for value in every if len(value) >= SHORTEST and len(set(value)) > 2}
        self.words = {value.encode() for value in telling if value.isascii()}
        chinese = {run for value in every if not value.isascii() for run in re.findall(r"[\u3000-\u9fff]+", value)}
        self.runs = {run.encode(encoding): run for run in chinese for encoding in ("utf-8", "gb18030")}

    def found_in(self, content: bytes) -> set[str]:
        words = set(WORD.findall(content))
        words |= {part for word in words for part in re.split(rb"[._+@-]", word)}
        found = {value.decode() for value in words & self.words}
        runs = {run for pattern in (HAN, GB_HAN) for run in pattern.findall(content)}
        exact = {self.runs[run] for run in runs & self.runs.keys()}
        text = b"\n".join(runs)  # a name of two characters is part of too many words
        return found | exact | {run for spelled, run in self.runs.items() if len(run) > 2 and spelled in text}


def search(root: Path, wanted: Wanted, *, leave: Iterable[str] = ()) -> dict[str, set[str]]:
    """The values found, by file relative to the root; not in the folders and files to leave out."""
    left = set(leave)
    found: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_symlink() or not path.is_file() or name.parts[0] in left:
            continue
        for content in contents(path):
            if hits := wanted.found_in(content):
                found.setdefault(str(name), set()).update(hits)
    return found


def contents(path: Path) -> Iterator[bytes]:
    """The file as it is, and what it holds when unpacked or read as rows."""
    raw = path.read_bytes()
    yield raw
    if raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    if path.suffix == ".parquet":
        yield rows_of(f"from read_parquet('{path}', hive_partitioning = false)")
    if path.suffix in DATABASES:
        with duckdb.connect(path, read_only=True) as db:
            tables = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                yield rows_of(f'from "{schema}"."{table}"', db)
            yield repr(db.execute("select sql, comment from duckdb_views()").fetchall()).encode()


def rows_of(relation: str, db: duckdb.DuckDBPyConnection | None = None) -> bytes:
    """Every distinct value of every column as text."""
    run = (db or duckdb).execute
    columns = [row[0] for row in run(f"describe {relation}").fetchall()]
    values = [run(f'select distinct "{column}"::varchar {relation}').fetchall() for column in columns]
    return "\n".join(value for column in values for (value,) in column if value is not None).encode()
