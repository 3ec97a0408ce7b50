"""Everything by which a person is known: customer records, lines, numbers, cards, documents, names, addresses.

Values that others have too stay: a name, a family's address, a number or a card that somebody else holds by now.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pipelines.engine.contract import System, Table
from pipelines.engine.ledger import Ledger
from pipelines.engine.warehouse import Connection, quoted

Keys = dict[str, set[int]]
"""Vault domain to keys."""

HOLDERS = {
    "msisdn": "select msisdn_key as key, subscription_key, valid_from from core.bridge_msisdn",
    "imsi": "select imsi_key as key, subscription_key, valid_from from core.bridge_sim",
    "iccid": "select iccid_key as key, subscription_key, valid_from from core.bridge_sim",
}
"""Of what one line at a time holds: who held each key from when."""

PARTIES = {
    "customer": "select party_key from core.xref_party where customer_key = {key} and {now}",
    "subscription": "select party_key from core.dim_subscription where subscription_key = {key}",
    "account": "select distinct party_key from core.dim_subscription where account_key = {key}",
    "document": """select distinct xref.party_key from core.dim_customer as customer
        inner join core.xref_party as xref on customer.customer_key = xref.customer_key and {now}
        where customer.document_key = {key} and customer.is_current""",
    "msisdn": """select line.party_key from core.bridge_msisdn as held
        inner join core.dim_subscription as line on held.subscription_key = line.subscription_key
        where held.msisdn_key = {key} order by held.valid_from desc limit 1""",
}
"""How a value of each kind leads to a party; a number to the one that held it last."""

NOW = "valid_to = date '9999-12-31'"
EVENTS = ("stg_mediation.cdr", "stg_charging.data_record")


class NobodyFound(Exception):
    """The subject leads to no person, or to several."""


@dataclass
class Reach:
    """Follows a subject through the warehouse and the lake.

    `relationships` are the domains whose numbers belong to one person; they tell whose row of the lake a row is.
    """

    connection: Connection
    systems: Mapping[str, System]
    ledger: Ledger
    relationships: Collection[str]
    keys: Keys = field(default_factory=lambda: defaultdict(set))

    def party_of(self, domain: str, key: int) -> int:
        """The party that a value stands for now. Raises NobodyFound when there is none, or not one only."""
        if domain not in PARTIES:
            raise NobodyFound(f"a value of the kind '{domain}' leads to no person; give one of {', '.join(PARTIES)}")
        found = {row[0] for row in self._rows(PARTIES[domain].format(key=key, now=NOW))} - {None}
        if len(found) != 1:
            raise NobodyFound(
                f"the {domain} stands for {len(found)} people; name the person by --kind customer and that number"
            )
        return found.pop()

    def follow(self, party: int) -> Keys:
        """The keys, by domain, that stand for this party and for nobody else."""
        records = f"select customer_key from core.xref_party where party_key = {party} and {NOW}"
        self.keys["customer"] = self._keys(records)
        own = f"customer_key in ({_listed(self.keys['customer'])})"
        self.keys["subscription"] = self._keys(f"select subscription_key from core.dim_subscription where {own}")
        accounts = f"select account_key from core.dim_subscription where {own}"
        others = f"select account_key from core.dim_subscription where not ({own}) and account_key is not null"
        self.keys["account"] = self._keys(accounts) - self._keys(others)
        self._follow_holders()
        self._follow_rows()
        self._follow_events()
        return {domain: keys for domain, keys in self.keys.items() if keys}

    def deliveries(self, keys: Keys) -> set[int]:
        """The loaded deliveries with a row that holds one of the keys."""
        found = set()
        for table, parts in self.parts():
            named = [f"{c}_key in ({_listed(keys[d])})" for c, d in table.domains.items() if keys.get(d)]
            if named and parts:
                rows = self._rows(f"select distinct delivery_id from {_lake(parts)} where {' or '.join(named)}")
                found |= {row[0] for row in rows}
        return found

    def _follow_holders(self) -> None:
        """Numbers and cards whose last holder is one of the person's lines."""
        for domain, held in HOLDERS.items():
            self.keys[domain] = self._keys(
                f"""select key from ({held}) as held where key is not null
                group by key having max_by(subscription_key, valid_from) in ({_listed(self.keys["subscription"])})"""
            )

    def _follow_rows(self) -> None:
        """What the person's rows of the lake say, unless a row of somebody else says it too."""
        mine: Keys = defaultdict(set)
        others: Keys = defaultdict(set)
        told = []
        for table, parts in self.parts():
            whose = [
                f"coalesce({c}_key in ({_listed(self.keys[d])}), false)"
                for c, d in table.domains.items() if d in self.relationships
            ]  # fmt: skip
            values = [(c, d) for c, d in table.domains.items() if d not in (*self.relationships, *HOLDERS)]
            if whose and values and parts:
                told += [(f"{c}_key", d, _lake(parts), f"({' or '.join(whose)})") for c, d in values]
        for column, domain, rows, whose in told:
            mine[domain] |= self._keys(f"select distinct {column} from {rows} where {whose}")
        for column, domain, rows, whose in told:
            wanted = f"{column} in ({_listed(mine[domain])}) and not {whose}"
            others[domain] |= self._keys(f"select distinct {column} from {rows} where {wanted}")
        for domain, keys in mine.items():
            self.keys[domain] |= keys - others[domain]
        self._follow_contacts()

    def _follow_contacts(self) -> None:
        """Numbers that the person left as a contact, of no line of this operator and nobody else's contact."""
        for table, parts in self.parts():
            whose = next((c for c, d in table.domains.items() if d == "customer"), None)
            for column in [c for c, d in table.domains.items() if d == "msisdn" and whose and parts]:
                mine = f"{whose}_key in ({_listed(self.keys['customer'])})"
                left = self._keys(f"select distinct {column}_key from {_lake(parts)} where {mine}")
                named = f"{column}_key in ({_listed(left)}) and not ({mine})"
                shared = self._keys(f"select distinct {column}_key from {_lake(parts)} where {named}")
                held = self._keys(
                    f"select distinct msisdn_key from core.bridge_msisdn where msisdn_key in ({_listed(left)})"
                )
                self.keys["msisdn"] |= left - shared - held

    def _follow_events(self) -> None:
        """Cards and handsets that only usage tells of, used with no other number."""
        mine = f"msisdn_key in ({_listed(self.keys['msisdn'])})"
        for domain in ("imsi", "imei"):
            for rows in EVENTS:
                seen = self._keys(f"select distinct {domain}_key from {rows} where {mine}")
                others = (
                    f"select distinct {domain}_key from {rows} where {domain}_key in ({_listed(seen)}) and not ({mine})"
                )
                self.keys[domain] |= seen - self._keys(others)

    def parts(self) -> list[tuple[Table, list[str]]]:
        """Each source table with its files in the lake."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for entry in self.ledger.deliveries():
            paths = (self.ledger.lake / part.path for part in entry.parts if part.rows)
            found[entry.system, entry.table] += (str(path) for path in paths if path.exists())
        return [(table, found[name, key]) for name, s in self.systems.items() for key, table in s.tables.items()]

    def _keys(self, query: str) -> set[int]:
        return {row[0] for row in self._rows(query)} - {None}

    def _rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


def _lake(parts: list[str]) -> str:
    return f"read_parquet([{', '.join(map(quoted, parts))}], hive_partitioning = false, union_by_name = true)"


def _listed(keys: Collection[int]) -> str:
    """Never empty, which SQL would not take."""
    return ", ".join(map(str, sorted(keys))) or "null"
