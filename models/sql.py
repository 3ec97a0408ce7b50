"""Names and texts of a table as SQL writes them."""


def quoted(name: str) -> str:
    """A name, whatever letters it has."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
