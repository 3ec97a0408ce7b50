"""Where leavers go is one truth for the clearing house, the life of the line and the calls of those who stay."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import mnp, provisioning
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World, simulate

FIRST, END = date(2025, 9, 2), date(2026, 2, 28)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(5_000, (END - FIRST).days + 1, END, seed=3))


@pytest.fixture(scope="module")
def ports(world: World) -> pl.DataFrame:
    """Ports to others as the clearing house tells them within the delivered days."""
    told = pl.concat(mnp.tables(world, day)["port_event"] for day in world.settings.day_list)
    return told.filter(pl.col("donor") == "own", pl.col("ported_at") >= FIRST)


def history(world: World) -> pl.DataFrame:
    return pl.concat(provisioning.tables(world, day)["status_history"] for day in world.settings.day_list)


def test_the_clearing_house_tells_the_destination_of_the_truth(world: World, ports: pl.DataFrame) -> None:
    truth = world.truth["port_out"].filter("is_told")
    done = ports.filter(status="done")
    both = done.join(truth, left_on=["msisdn", "ported_at"], right_on=["new_msisdn", "left_at"], suffix="_true")
    assert both.height == done.height == truth.height > 40
    assert (both["recipient"] == both["recipient_true"]).all()
    assert set(both["recipient"]) == {"unicom", "telecom"}


def test_a_reversed_port_follows_its_port_and_the_line_is_back(world: World, ports: pl.DataFrame) -> None:
    undone = ports.filter(status="reversed")
    done = ports.filter(status="done").join(undone, on=["msisdn", "recipient"], suffix="_back")
    truth = world.truth["port_out"].filter("is_reversed")
    assert done.height == undone.height == truth.height > 2
    wait = done["ported_at_back"] - done["ported_at"]
    assert wait.min() > timedelta(0) and wait.max() < timedelta(days=11)
    back = (
        history(world)
        .filter(event_type="reactivate")
        .join(undone, left_on=["msisdn", "event_at"], right_on=["msisdn", "ported_at"])
    )
    assert sorted(back["user_id"]) == sorted(truth["user_id"])
    now = world.lines.join(truth, on="user_id")
    assert now["terminated_at"].null_count() == truth.height
    shown = world.on(END).join(world.lines.select("line", "user_id"), on="line")
    assert set(truth["user_id"]) <= set(shown["user_id"])
    churn = world.truth["churn"].join(truth, on=["user_id", "left_at"])
    assert churn.height == truth.height and churn["is_back"].all()


def test_who_changed_without_a_port_has_a_number_of_the_other_operator(world: World, ports: pl.DataFrame) -> None:
    silent = world.truth["port_out"].filter(~pl.col("is_told"))
    prefix = {"unicom": "13[012]|15[56]|18[56]", "telecom": "133|153|18[019]"}
    assert silent.height > 100
    for operator, pattern in prefix.items():
        assert silent.filter(recipient=operator)["new_msisdn"].str.contains(f"^({pattern})").all()
    assert world.truth["port_out"]["new_msisdn"].is_unique().all()
    assert not set(silent["new_msisdn"]) & (set(world.spells["msisdn"]) | set(ports["msisdn"]))


def test_partners_call_leavers_where_they_are(world: World) -> None:
    usage = Usage(world)
    for _ in usage.parts(FIRST):
        pass
    early = usage.day(FIRST + timedelta(days=1))[0]
    usage.next_day = END  # the days between do not matter to who calls whom
    late = usage.day(END)[0]
    truth = world.truth["port_out"].filter(~pl.col("is_reversed"), pl.col("left_at") < datetime(2026, 2, 28))
    leavers = truth.filter(pl.col("left_at") > datetime(2025, 9, 4))
    to = late.filter(direction="mo").join(truth, left_on="other_msisdn", right_on="new_msisdn")
    before = early.filter(direction="mo", other_operator="own").select("other_msisdn")
    assert to.height > 50
    assert (to["other_operator"] == to["recipient"]).all()
    silent = leavers.filter(~pl.col("is_told"))
    assert early.join(silent, left_on="other_msisdn", right_on="new_msisdn").is_empty()
    assert before.join(leavers.filter("is_told"), left_on="other_msisdn", right_on="new_msisdn").height > 0
