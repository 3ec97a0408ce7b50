"""Fits the acceptance rates of offers on the answers to campaigns so far, as the next version of the model."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from models import versions
from models.targeting.audience import AudienceError
from models.targeting.offer import FACTS, FILE, Offers, in_version, rates, terms
from pipelines.engine.contract import sql_text
from pipelines.engine.declaration import DeclarationError, read_declaration
from pipelines.engine.home import Home
from pipelines.engine.sandbox import Refused, reading_warehouse

if TYPE_CHECKING:
    import pyarrow as pa

    from models.learner.model import Model
    from models.versions import Version

CONTACTED = """from mart_campaign.target as target
    inner join mart_campaign.campaign as campaign on target.campaign_id = campaign.campaign_id
    inner join targeting.offer_fact_month as fact
        on target.subscription_key = fact.subscription_key
        and fact.month_start = date_trunc('month', target.frozen_on) - interval 1 month
    where target.is_contacted and campaign.is_over"""
CONTACTS = """select target.subscription_key, target.frozen_on, target.is_accepted, {facts}
    {contacted} and campaign.offer_id = {offer}
    order by target.frozen_on, target.campaign_id, target.subscription_key"""
# A campaign's lines are told apart by what was known when the month before it closed.
ANSWERS = """(
    select
        campaign.offer_id, {cells} as cell, count(*) as contacted,
        count(*) filter (where target.is_accepted) as accepted
    {contacted}
    group by all order by all
)"""
PLANS = "select plan_id, monthly_fee_amt::double from core.dim_plan where is_current"
SERVICES = """select service_id, max_by(monthly_fee_amt::double, (known_on, delivery_id, row_no))
from stg_catalogue.service where superseded_on is null group by service_id"""


def model_of(rows: "pa.Table") -> "Model | None":
    """Who accepts an offer, of those contacted; None when a model may tell lines apart no better than chance."""
    from models.learner.learn import train

    model = train(rows, "is_accepted", id="subscription_key", time="frozen_on")
    low, _ = model.evaluation.get("intervals", {}).get("auc", (0.5, 0.5))
    return model if low > 0.5 else None


def fit(home: Home, in_force_from: date | None = None) -> "Version":
    """The next version in `<home>/models/targeting/`. Raises AudienceError for a declaration that is not sound."""
    try:
        offers = read_declaration(FILE, Offers)
    except DeclarationError as error:
        raise AudienceError(str(error)) from None
    with reading_warehouse(home, "chances of offers") as warehouse:
        as_of = warehouse.execute("select max(day) from core.subscriber_day").fetchall()[0][0]
        answers = ANSWERS.format(
            contacted=CONTACTED,
            cells=" || '/' || ".join(f"coalesce(fact.{name}, 'None')" for name in offers.cells) or "''",
        )
        told: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for offer, cell, contacted, accepted in warehouse.execute(f"from {answers}").fetchall():
            told[offer][cell] = contacted, accepted
        plans, services = dict(warehouse.execute(PLANS).fetchall()), dict(warehouse.execute(SERVICES).fetchall())
        digest = versions.data_hash(warehouse, answers)
        many = [
            name
            for name in offers.offers
            if sum(a for _, a in told.get(name, {}).values()) >= offers.model_from_acceptances
        ]
        facts = ", ".join(f"fact.{name}" for name in FACTS)
        contacts = {
            name: warehouse.execute(
                CONTACTS.format(facts=facts, contacted=CONTACTED, offer=sql_text(name))
            ).to_arrow_table()
            for name in many
        }
    terms(offers, plans, services, FILE.name)
    if not told:
        raise Refused(
            "no line that a campaign contacted is in targeting.offer_fact_month for the month before; "
            "`bassline backfill targeting.offer_fact_month --from D` fills it for the past"
        )
    fitted = rates(told, list(offers.offers), offers.prior_contacts)
    parent, since = home.models / "targeting", in_force_from or as_of
    models = {}
    for name, rows in contacts.items():
        if (model := model_of(rows)) is not None:
            kept = model.keep_version(parent / "offers" / name, in_force_from=since, fitted_as_of=as_of)
            models[name] = kept.number
    return versions.keep(
        parent, {"offers.json": in_version(offers, plans, services, fitted, models)},
        in_force_from=str(since), fitted_as_of=str(as_of), data_hash=digest,
        code_version=versions.code_version(FILE.parent), evaluation=fitted,
    )  # fmt: skip
