"""Rules against rows that depend on the clock, on chance, or on the order in which threads deliver rows.

Each rule looks at one node of the parsed query and returns what to do instead, or nothing.
"""

from collections.abc import Callable

from sqlglot import exp

Rule = Callable[[exp.Expr], str | None]

FLOATS = {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
WHOLE = {
    exp.DataType.Type.TINYINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.INT128,
}
EXACT = {exp.DataType.Type.DECIMAL, *WHOLE}
FLOAT_FUNCTIONS = (exp.Div, exp.Sqrt, exp.Ln, exp.Log, exp.Exp, exp.Pow, exp.Avg)
FLOAT_AGGREGATES = (
    *(exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop),
    *(exp.Corr, exp.CovarPop, exp.CovarSamp, exp.Skewness, exp.Kurtosis),
    *(kind for name, kind in vars(exp).items() if name.startswith("Regr")),
)
FLOAT_AGGREGATE_NAMES = ("regr_", "skewness", "kurtosis", "favg", "fsum", "kahan_sum", "sumkahan", "geomean", "entropy")
POSITIONAL = (exp.First, exp.Last, exp.AnyValue, exp.ArrayAgg, exp.GroupConcat)
RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)
RANKING += (exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead)
CLOCK_NAMES = {
    "now",
    "get_current_timestamp",
    "get_current_time",
    "transaction_timestamp",
    "localtimestamp",
    "localtime",
}
CHANCE_NAMES = {"random", "setseed", "uuidv4", "uuidv7", "gen_random_uuid", "nextval"}


def called(node: exp.Expr) -> str:
    """The name of a function that the parser has no class for; empty for anything else."""
    return node.name.lower() if isinstance(node, exp.Anonymous) else ""


def is_float(node: exp.Expr | None) -> bool:
    """Whether an expression yields floating point, as far as its text tells; a bare column is taken for exact."""
    if node is None or isinstance(node, exp.Predicate):
        return False
    if isinstance(node, exp.Cast):
        return node.to.this in FLOATS
    if isinstance(node, (*FLOAT_FUNCTIONS, *FLOAT_AGGREGATES)) or called(node) == "pf_div":
        return True
    return any(is_float(child) for child in node.iter_expressions())


def is_rounded(node: exp.Expr) -> bool:
    """Whether something around the node, within its own SELECT, rounds it to a declared number of places."""
    around = node.parent
    while around is not None and not isinstance(around, exp.Query):
        if isinstance(around, exp.Round | exp.Floor | exp.Ceil):
            return True
        if isinstance(around, exp.Cast) and around.to.this in EXACT:
            return True
        around = around.parent
    return False


def clock(node: exp.Expr) -> str | None:
    clocks = (
        exp.CurrentDate,
        exp.CurrentTimestamp,
        exp.CurrentTime,
        exp.CurrentDatetime,
        exp.Localtime,
        exp.Localtimestamp,
    )
    if isinstance(node, clocks) or called(node) in CLOCK_NAMES:
        return "a query has no clock; use getvariable('as_of') or getvariable('known_at')"
    return None


def chance(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Rand | exp.Randn | exp.Uuid | exp.TableSample) or called(node) in CHANCE_NAMES:
        return "a query has no chance; derive the value from the row's key"
    return None


def float_aggregate(node: exp.Expr) -> str | None:
    if is_rounded(node):
        return None
    if isinstance(node, (exp.Avg, *FLOAT_AGGREGATES)) or called(node).startswith(FLOAT_AGGREGATE_NAMES):
        return "floating point depends on the order of rows; round() it to the places that matter"
    if isinstance(node, exp.Sum) and is_float(node.this):
        return "a sum of floating point depends on the order of rows; sum decimals, or round() the sum"
    return None


def unordered(node: exp.Expr) -> str | None:
    if isinstance(node, exp.ArgMax | exp.ArgMin):
        by = node.expression
        if not isinstance(by, exp.Tuple | exp.Struct | exp.Order) and not _is_numbered(by):
            return "ties are broken by chance; order by a tuple that ends in a unique key: max_by(x, (at, id))"
        return None
    if isinstance(node, exp.Mode):
        return "ties are broken by chance; count, then rank with a unique tie-break"
    if not isinstance(node, POSITIONAL) and called(node) != "arbitrary":
        return None
    if node.find(exp.Order) or isinstance(node.parent, exp.ArraySort) or _ordered_window(node):
        return None
    return "the order of rows is chance; add order by a total order, or sort the list"


def _is_numbered(by: exp.Expr) -> bool:
    """Whether an order goes by a column that the query itself numbered with row_number(), which leaves no ties."""
    columns = {column.name for column in by.find_all(exp.Column)}
    numbered = (alias for alias in by.root().find_all(exp.Alias) if isinstance(alias.this, exp.Window))
    return any(alias.alias in columns and isinstance(alias.this.this, exp.RowNumber) for alias in numbered)


def _ordered_window(node: exp.Expr) -> bool:
    window = node.parent
    while isinstance(window, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        window = window.parent
    return isinstance(window, exp.Window) and bool(_window_order(window))


def _window_order(window: exp.Window) -> exp.Expr | None:
    """The order of a window, looked up when the window is named."""
    if window.args.get("order") or not window.args.get("alias"):
        return window.args.get("order")
    select = window.find_ancestor(exp.Select)
    named = (select.args.get("windows") or []) if select else []
    return next((one.args.get("order") for one in named if one.name == window.alias), None)


def ranking(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Window):
        function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
        if isinstance(function, RANKING) and not _window_order(node):
            return "ranking without order by numbers rows by chance; order by a unique key"
    return None


def limit(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Query) and node.args.get("limit") and not node.args.get("order"):
        return "limit without order by keeps rows by chance; order by a unique key"
    if isinstance(node, exp.Distinct) and node.args.get("on") and not (node.parent and node.parent.args.get("order")):
        return "distinct on without order by keeps rows by chance; order by a unique key"
    return None


def star(node: exp.Expr) -> str | None:
    """Of the outermost select and its union branches; inner steps may carry all columns along, since it spells them."""
    if not isinstance(node, exp.Star):
        return None
    select = node.parent.parent if isinstance(node.parent, exp.Column) else node.parent
    owner = select.parent if isinstance(select, exp.Select) else None
    while isinstance(owner, exp.SetOperation):
        owner = owner.parent
    if isinstance(select, exp.Select) and owner is None:
        return "spell the columns out; a new input column must not become an output column"
    return None


def approximate(node: exp.Expr) -> str | None:
    approximations = (exp.ApproxDistinct, exp.ApproxQuantile, exp.ApproxTopK)
    if isinstance(node, approximations) or called(node).startswith(("approx_", "reservoir_")):
        return "approximations depend on the order of rows; count or rank exactly"
    return None


DETERMINISM: dict[str, Rule] = {
    "clock": clock,
    "chance": chance,
    "float_aggregate": float_aggregate,
    "unordered": unordered,
    "ranking": ranking,
    "limit": limit,
    "star": star,
    "approximate": approximate,
}
