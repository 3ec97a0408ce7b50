"""Where an operator finds each kind of injected fault: a condition on the row of `fault` that reports it.

`fault` is the ledger of injected faults with the `ops.delivery` row of the delivery that each came in.
"""

from pipelines.engine.home import PROJECT


def rule(name: str) -> str:
    """The offenders that a cross-table rule of the night names."""
    return f"({(PROJECT / 'quality' / 'rules' / f'{name}.sql').read_text()})"


REDELIVERED = """superseded_on is not null and exists (
    select 1 from ops.restatement as changed
    where changed.table_name = 'core.usage_day_version' and changed.to_day = superseded_on
    and changed.partition_start = data_date)"""
RESTATED = """exists (
    select 1 from ops.restatement as changed
    where changed.table_name = 'core.usage_day_version' and changed.partition_start = original::date
    and changed.to_day in (
        select version.known_on from ops.delivery as version
        where (version.system, version.table_name, version.data_date)
        = (fault.system, fault.table_name, fault.data_date)))"""
LATE = """exists (
    select 1 from ops.completeness as due
    where due.state = 'late' and (due.system, due.table_name, due.data_date)
    = (fault.system, fault.table_name, fault.data_date))"""
QUARANTINED = """exists (
    select 1 from ops.quarantine as bad
    where bad.delivery_id = fault.delivery_id and bad.file_name = file
    and bad.row_no = coalesce(fault.row_no, bad.row_no) and {0})"""
STAGED = "(delivery_id, row_no) in (from {0})"
WATCHED = """exists (
    select 1 from ops.check_result as watched
    where watched.to_day = known_on and not watched.passed and watched.table_name = {0}
    and watched.check_name like '{1}')"""
NOTED = "exists (select 1 from note where note.delivery_id = fault.delivery_id and note.text like '%{0}%')"
IN_LAKE_TWICE = "key in (select event_id || '/' || record_seq from copied)"
UNIQUENESS = WATCHED.format("'raw_' || fault.system || '.' || fault.table_name", "compound columns to be unique%")
KEY = "(select key from vault.{0} where value = fault.{1})"

# What was billed for all usage of the line against what was rated, apart by more than rounding four items.
MISBILLED = """exists (
    select 1 from usage_month where billed_amt {0} rated_amt and abs(billed_amt - rated_amt) > 0.02
    and strftime(month_start, '%Y%m') = split_part(fault.key, '/', 3) and subscription_key = (
        select key from vault.subscription where value = split_part(fault.key, '/', 2)))"""

REPORTED = {
    "late_event": RESTATED,
    "duplicate": f"{IN_LAKE_TWICE} and {UNIQUENESS}",
    "duplicate_later": IN_LAKE_TWICE,  # each delivery has it once: seen when records are counted against events
    "late_partial": f"{RESTATED} and split_part(key, '/', 1)::bigint in (select event_id from merged)",
    "garbage_imei": STAGED.format("unknown_handset"),
    "imei_clone": STAGED.format("shared_handset"),  # seen among handsets with several numbers; no check tells
    "orphan": f"""{KEY.format("msisdn", "injected")} in (select msisdn_key from unknown_number)
        and {WATCHED.format("'core.usage_day_version'", "subscription_key <> -1")}""",
    "broken_row": QUARANTINED.format("bad.rule in ('type', 'pattern', 'min')"),
    "out_of_order_status": """key::bigint in (
        select event_no from core.fct_subscription_event where known_on = fault.known_on and known_on > event_day)""",
    "constant_outlet": STAGED.format("unknown_outlet"),
    "constant_date": STAGED.format("undated_outlet"),  # staging knows the constant and makes it null
    "reversed_payment": """(key, original, amount_charge) in (
        select (payment_no, reversal_of_payment_no, paid_amt) from core.fct_payment where is_reversal)""",
    "back_dated_adjustment": """key::bigint in (
        select adjustment_no from core.fct_adjustment where cycle_month < date_trunc('month', fault.data_date))""",
    "negative_bill": WATCHED.format("'core.fct_bill_item'", "billed_amt >= 0"),
    "missing_delivery": LATE,
    "short_file": "status = 'refused' and reason like '%rows are missing%'",
    "redelivery": REDELIVERED,
    "new_column": NOTED.format("surplus column ''vendor_ext''"),
    "reordered_columns": NOTED.format("columns in another order"),
    "header_case": NOTED.format("in other letters"),
    "missing_column": "status = 'refused' and reason like '%the header lacks%'",
    "unit_change": REDELIVERED,
    "zone_shift": REDELIVERED,
    "wrong_encoding": f"status = 'refused' or {QUARANTINED.format('''bad.rule = 'encoding' ''')}",
    # A delivery of which nothing is left is refused: then its reason tells.
    "mixed_encoding": "status = 'refused' and reason like '%encoding%' or "
    + QUARANTINED.format("bad.rule = 'encoding'"),
    "truncated_gzip": "status = 'refused' and reason like '%truncated%'",
    "absent_file": LATE,
    "absent_manifest": LATE,
    "recycled_number": f"""(
        select count(distinct subscription_key) from core.bridge_msisdn where msisdn_key = {KEY.format("msisdn", "key")}
        and subscription_key in ({KEY.format("subscription", "original")}, {KEY.format("subscription", "injected")})
        ) = 2""",
    "sim_swap": f"""exists (
        select 1 from core.bridge_sim where subscription_key = {KEY.format("subscription", "key")}
        and imsi_key = {KEY.format("imsi", "injected")})""",
    "plan_id_reuse": "key in (select plan_id from core.dim_plan group by plan_id having count(distinct name_zh) > 1)",
    "test_user": f"""{KEY.format("subscription", "key")} in (
        select subscription_key from core.subscriber_day
        group by subscription_key having not bool_or(is_commercial))""",
    "unbilled_usage": MISBILLED.format("<"),
    "over_billed": MISBILLED.format(">"),
}

# What the conditions look up, each computed once.
LOOKUPS = f"""
create temp table record as
    select delivery_id, row_no, event_day, event_id, record_seq, msisdn_key, imei_key, tac, true as is_call
    from stg_mediation.cdr where superseded_on is null
    union all
    select delivery_id, row_no, event_day, event_id, record_seq, msisdn_key, imei_key, tac, false as is_call
    from stg_charging.data_record where superseded_on is null;
create temp table event as
    select event_id, service_type <> 'data' as is_call, partials from core.usage_event where is_current;
create temp table merged as select event_id from event where partials > 1;
create temp table copied as
    select event_id, record_seq, count(*) - 1 as copies from record
    group by is_call, event_id, record_seq having count(*) > 1;
create temp table unknown_handset as
    select delivery_id, row_no from record
    where tac in (select tac from {rule("every_handset_type_of_the_day_is_known")});
create temp table shared_handset as
    select delivery_id, row_no from record where (event_day, imei_key) in (
        select (event_day, imei_key) from record group by event_day, imei_key having count(distinct msisdn_key) > 1);
create temp table unknown_number as
    select day, msisdn_key, events from core.fct_usage_day where subscription_key = -1;
create temp table unknown_outlet as
    select delivery_id, row_no from stg_provisioning.subscription
    where outlet_id in (select outlet_id from {rule("every_outlet_that_sold_a_line_is_known")});
create temp table usage_month as
    with rated as (
        select used.subscription_key, date_trunc('month', used.day)::date as month_start, used.charge_amt as rated_amt,
            0 as billed_amt
        from core.fct_usage_day as used
        join core.subscriber_day as line on used.day = line.day and used.subscription_key = line.subscription_key
        where line.pay_type = 'postpaid'
        union all
        select subscription_key, cycle_month, 0, billed_amt from core.fct_bill_item
        where item_code in ('voice', 'sms', 'data', 'roaming')
    )
    select subscription_key, month_start, sum(rated_amt) as rated_amt, sum(billed_amt) as billed_amt
    from rated group by subscription_key, month_start;
create temp table undated_outlet as select delivery_id, row_no from stg_channel.outlet where opened_on is null;
"""
