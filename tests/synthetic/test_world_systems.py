from datetime import date, datetime, timedelta
from importlib import import_module

import polars as pl
import pytest

from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import campaign, care, catalogue, crm, device, enterprise, mnp, network, provisioning
from pipelines.synthetic.world import World, simulate

FIRST, END = date(2025, 11, 20), date(2026, 2, 28)

# What each system delivers, by table; together with the order, this is the interface that the contracts read.
COLUMNS = {
    "crm.party": "cust_no name id_type id_no birth_date gender address contact_msisdn segment vip_level is_blacklisted "
    "has_consent account_manager area_id created_at updated_at op",
    "crm.party_full": "cust_no name id_type id_no birth_date gender address contact_msisdn segment vip_level "
    "is_blacklisted has_consent account_manager area_id created_at updated_at",
    "provisioning.subscription": "user_id cust_no acct_no msisdn imsi iccid brand pay_type plan_id outlet_id line_type "
    "is_test activated_at contract_end_on status updated_at",
    "provisioning.status_history": "event_no user_id event_type event_at reason outlet_id cust_no acct_no msisdn imsi "
    "iccid plan_id pay_type",
    "provisioning.offer_instance": "offer_instance_no user_id offer_id offer_type valid_from valid_to order_no "
    "updated_at",
    "catalogue.plan": "plan_id plan_version name_zh name_en pay_type brand monthly_fee valid_from valid_to "
    "contract_months is_convergent components",
    "catalogue.service": "service_id name_zh name_en category provider_id provider_name monthly_fee valid_from "
    "valid_to",
    "device.subscriber_device": "user_id imei first_seen_on last_seen_on events",
    "device.tac": "tac brand model os rat slots launched_on price_band",
    "device.handset_sale": "sale_no imei outlet_id user_id contract_months sold_at price_amt subsidy_amt",
    "channel.outlet": "outlet_id outlet_name channel_type parent_outlet_id area_id opened_on closed_on staff "
    "updated_at",
    "channel.stock_issue": "issue_no outlet_id iccid issued_at",
    "channel.commission": "commission_no outlet_id user_id scheme tranche due_month amount_amt status booked_at",
    "desk.case_event": "event_no outlet_id month model action result arbitrage_code handler acted_at",
    "desk.task_event": "event_no user_id task_day action offer_id result handler acted_at",
    "care.ticket": "ticket_no msisdn user_id type reason_group channel priority owner opened_at updated_at closed_at "
    "result satisfaction is_reopened stages",
    "care.call_interval": "interval_start queue offered answered answered_20s abandoned wait_s handle_s agents",
    "campaign.activity": "campaign_id name offer_id channel starts_on ends_on cost_amt updated_at",
    "campaign.target": "campaign_id user_id is_control frozen_at priority",
    "campaign.contact": "contact_no campaign_id user_id contacted_at channel outcome",
    "campaign.response": "response_no campaign_id user_id responded_at is_accepted",
    "enterprise.enterprise": "enterprise_id cust_no name level industry manager area_id is_test",
    "enterprise.member": "enterprise_id user_id role valid_from valid_to",
    "enterprise.contract": "contract_no enterprise_id product signed_on ends_on monthly_amt is_unified_payment",
    "echannel.session": "session_id msisdn channel started_at duration_s pages is_login orders is_bot_suspect",
    "mnp.port_event": "port_no msisdn donor recipient requested_at ported_at status",
    "mnp.enquiry": "enquiry_no msisdn enquired_at channel",
    "network.cell": "cell_id lac bts_id latitude longitude grid_id area_id rat valid_from",
    "network.cell_day": "cell_id day attempts dropped failed throughput_kbps down_minutes",
    "network.outage": "outage_no cell_id started_at ended_at",
    "reference.calendar": "day is_holiday holiday_name",
    "reference.geography": "area_id level parent_id name population",
}
SYSTEMS = sorted({name.partition(".")[0] for name in COLUMNS})


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(2_000, 101, END, seed=5))


def told(world: World, system: str, table: str) -> pl.DataFrame:
    tables = import_module(f"pipelines.synthetic.systems.{system}").tables
    return pl.concat([found[table] for day in world.settings.day_list if table in (found := tables(world, day))])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_delivers_exactly_its_columns_every_day_alike(world: World, system: str) -> None:
    tables = import_module(f"pipelines.synthetic.systems.{system}").tables
    seen: dict[str, pl.Schema] = {}
    for day in (FIRST, FIRST + timedelta(days=1), date(2026, 1, 1), END):
        for table, frame in tables(world, day).items():
            assert frame.columns == COLUMNS[f"{system}.{table}"].split()
            assert seen.setdefault(table, frame.schema) == frame.schema
    assert {f"{system}.{table}" for table in seen} == {name for name in COLUMNS if name.startswith(f"{system}.")}


@pytest.mark.parametrize(
    ("table", "event_time"),
    [
        ("provisioning.status_history", "event_at"), ("provisioning.subscription", "updated_at"),
        ("crm.party", "updated_at"), ("care.ticket", "updated_at"), ("campaign.contact", "contacted_at"),
        ("mnp.port_event", "ported_at"), ("mnp.enquiry", "enquired_at"), ("echannel.session", "started_at"),
        ("channel.commission", "booked_at"), ("channel.stock_issue", "issued_at"), ("device.handset_sale", "sold_at"),
    ],
)  # fmt: skip
def test_a_day_tells_what_happened_on_it(world: World, table: str, event_time: str) -> None:
    system, name = table.split(".")
    tables = import_module(f"pipelines.synthetic.systems.{system}").tables
    for day in (date(2025, 12, 3), date(2026, 2, 9)):
        assert (tables(world, day)[name][event_time].dt.date() == day).all()
    assert (tables(world, FIRST)[name][event_time].dt.date() <= FIRST).all()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("provisioning.status_history", "event_no"), ("channel.stock_issue", "issue_no"), ("mnp.port_event", "port_no"),
        ("channel.commission", "commission_no"), ("campaign.contact", "contact_no"), ("mnp.enquiry", "enquiry_no"),
        ("campaign.response", "response_no"), ("echannel.session", "session_id"), ("device.handset_sale", "sale_no"),
        ("network.outage", "outage_no"), ("desk.case_event", "event_no"),
        ("desk.task_event", "event_no"),
    ],
)  # fmt: skip
def test_appended_rows_are_told_once(world: World, table: str, key: str) -> None:
    assert told(world, *table.split("."))[key].is_unique().all()


def test_the_deltas_add_up_to_the_lines_in_service(world: World) -> None:
    rows = told(world, "provisioning", "subscription").unique("user_id", keep="last", maintain_order=True)
    night = datetime(2026, 3, 1)
    begun = world.lines.filter(pl.col("activated_at") < night)
    running = begun.filter(pl.col("terminated_at").is_null() | (pl.col("terminated_at") >= night))

    told_running = rows.filter(pl.col("status").is_in(["active", "suspended"]))
    briefly_away = set(running["user_id"]) ^ set(told_running["user_id"])
    assert len(briefly_away) <= 3  # terminated today, reactivated within days
    spells = world.spells.filter(pl.col("from_at") < night, pl.col("to_at") >= night)
    now = spells.with_columns(user_id=world.lines["user_id"].gather(spells["line"])).join(told_running, on="user_id")
    assert (now["msisdn"] == now["msisdn_right"]).all() and (now["plan_id"] == now["plan_id_right"]).all()


def test_a_port_in_precedes_its_activation_and_a_port_out_its_termination(world: World) -> None:
    history = told(world, "provisioning", "status_history").sort("user_id", "event_no")
    following = history.with_columns(
        next_type=pl.col("event_type").shift(-1).over("user_id"), next_at=pl.col("event_at").shift(-1).over("user_id"),
        next_reason=pl.col("reason").shift(-1).over("user_id"),
    )  # fmt: skip
    comes, goes = (following.filter(event_type=kind) for kind in ("port_in", "port_out"))

    assert comes.height > 20 and (comes["next_type"] == "activate").all()
    assert (comes["event_at"] == comes["next_at"]).all()
    assert goes.height > 5 and (goes["next_type"] == "terminate").all()
    assert (goes["next_reason"] == "port_out").all()
    assert (history["reason"].is_not_null() == (history["event_type"] == "terminate")).all()


def test_every_customer_of_a_subscription_is_a_party(world: World) -> None:
    parties = told(world, "crm", "party")
    customers = told(world, "provisioning", "status_history")["cust_no"]

    assert set(customers) <= set(parties["cust_no"])
    assert set(parties["segment"]) == {"personal", "enterprise", "official", "test"}
    full = crm.tables(world, date(2026, 2, 1))["party_full"]
    assert full["cust_no"].is_unique().all()


def test_documents_carry_birth_date_and_a_valid_check_character(world: World) -> None:
    as_shown = world.truth["customer"].filter(document="", birth="")["cust_no"]
    people = crm.tables(world, FIRST)["party"].filter(pl.col("cust_no").is_in(as_shown.implode()), id_type="id_card")
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    for document, born, gender in people.head(300).select("id_no", "birth_date", "gender").iter_rows():
        total = sum(int(digit) * weight for digit, weight in zip(document, weights, strict=False))
        assert document[17] == "10X98765432"[total % 11]
        assert document[6:14] == f"{born:%Y%m%d}"
        assert int(document[16]) % 2 == (gender == "M")


def test_only_one_person_has_a_document(world: World) -> None:
    customers = crm.tables(world, FIRST)["party"].filter(id_type="id_card").select("cust_no", "id_no")
    several = customers.filter(pl.col("id_no").is_duplicated())

    assert 0 < several.height < 0.1 * customers.height


def test_a_ticket_shows_no_stage_of_tomorrow(world: World) -> None:
    day = date(2026, 1, 15)
    tickets = care.tables(world, day)["ticket"]
    stages = tickets.explode("stages").unnest("stages")

    assert stages["at"].max().date() == day
    closed = tickets.filter(pl.col("closed_at").is_not_null())
    assert (closed["result"].is_not_null() & (closed["closed_at"] <= closed["updated_at"])).all()
    assert tickets.filter(pl.col("closed_at").is_null())["satisfaction"].is_null().all()


def test_an_open_offer_gets_its_end_when_it_ends(world: World) -> None:
    offers = told(world, "provisioning", "offer_instance")
    twice = offers.filter(pl.col("offer_instance_no").is_duplicated()).sort("offer_instance_no", "updated_at")
    first, last = twice[::2], twice[1::2]

    assert first.height > 20
    assert (first["valid_to"].is_null() | (first["valid_to"] == datetime(2030, 12, 31))).all()
    assert (last["valid_to"] == last["updated_at"]).all()
    assert set(offers["offer_type"]) == {"plan", "bundle", "contract", "vas", "convergent"}


def test_contacts_go_to_targets_that_are_no_controls(world: World) -> None:
    targets = told(world, "campaign", "target")
    reached = told(world, "campaign", "contact").join(targets, on=["campaign_id", "user_id"])

    assert reached.height == told(world, "campaign", "contact").height
    assert (reached["is_control"] == 0).all()
    assert (reached["contacted_at"] > reached["frozen_at"]).all()
    assert campaign.tables(world, FIRST)["activity"].height == 4


def test_most_of_those_who_port_out_enquired_before(world: World) -> None:
    gone = (
        told(world, "mnp", "port_event")
        .filter(donor="own", status="done")
        .filter(pl.col("ported_at") > datetime(2025, 12, 5))
    )
    asked = told(world, "mnp", "enquiry").join(gone, on="msisdn").filter(pl.col("enquired_at") < pl.col("ported_at"))

    assert asked["msisdn"].n_unique() > 0.6 * gone.height
    assert mnp.tables(world, END)["enquiry"].height < 10


def test_outages_are_told_when_over_and_show_in_the_day_of_their_cell(world: World) -> None:
    outages = told(world, "network", "outage")
    outage = outages.filter(pl.col("started_at").dt.date() == pl.col("ended_at").dt.date()).row(0, named=True)
    cell = (
        network.tables(world, outage["started_at"].date())["cell_day"]
        .filter(cell_id=outage["cell_id"])
        .row(0, named=True)
    )

    assert cell["down_minutes"] >= (outage["ended_at"] - outage["started_at"]).total_seconds() // 60


def test_the_silent_price_moves_without_a_new_version(world: World) -> None:
    silent_on = world.plans.filter("is_silent")["valid_from"][0]
    before = catalogue.tables(world, FIRST)["plan"]
    after = catalogue.tables(world, silent_on)["plan"]
    changed = before.join(after, on=["plan_id", "plan_version"]).filter(
        pl.col("monthly_fee") != pl.col("monthly_fee_right")
    )

    assert changed["plan_id"].to_list() == ["PLY029"]
    assert (changed["valid_from"] == changed["valid_from_right"]).all()
    assert after.select("plan_id", "plan_version").is_duplicated().sum() == 0


def test_devices_are_told_when_new_and_again_while_they_live(world: World) -> None:
    rows = told(world, "device", "subscriber_device")
    full = device.tables(world, FIRST)["subscriber_device"]

    assert full.height > 1_800
    assert set(rows["imei"].str.head(8)) <= set(told(world, "device", "tac")["tac"])
    assert (rows["first_seen_on"] <= rows["last_seen_on"]).all()
    assert rows.height / 101 < 0.1 * full.height


def test_members_of_an_enterprise_are_lines_of_the_workbooks_enterprises(world: World) -> None:
    book = enterprise.tables(world, date(2026, 2, 1))

    assert set(book["member"]["enterprise_id"]) <= set(book["enterprise"]["enterprise_id"])
    assert set(book["member"]["role"]) == {"employee", "data_card", "m2m"}
    assert set(book["enterprise"]["cust_no"]) <= set(told(world, "crm", "party")["cust_no"])
    assert provisioning.tables(world, END).keys() == {"subscription", "status_history", "offer_instance"}
