/*
description: What agreement and disagreement of two customer records weigh, in bits; fitted once, only applied by nights.
grain: [comparison, level]
columns:
  comparison: varchar - Attribute compared; prior before any is looked at, decision for the bound above which records are one.
  level: varchar - How far the attribute agrees; same, part, other, or missing on a side.
  m: decimal(18,12) - Share of the pairs of one person that agree so far; null where there is none.
  u: decimal(18,12) - Share of the pairs of two people that do; null where there is none.
  match_weight: decimal(9,4) - Logarithm of m / u to the base of two.
  version: integer - Number of the fit.
  fitted_as_of: date - Business day as whose records it was fitted.
*/
select
    fitted.comparison,
    fitted.level,
    fitted.m,
    fitted.u,
    fitted.match_weight,
    1 as version,
    date '2026-03-31' as fitted_as_of
from (
    values
    ('prior', 'all', null, null, -20.2171),
    ('name', 'same', 0.965148600022, 0.000021551515, 15.4507),
    ('name', 'part', 0.029719905937, 0.000939771237, 4.9830),
    ('name', 'other', 0.010000000000, 0.999038677249, -6.6425),
    ('birth', 'same', 0.988881761808, 0.000059768333, 14.0141),
    ('birth', 'part', 0.011118238192, 0.004406669144, 1.3352),
    ('birth', 'other', 0.010000000000, 0.995533562524, -6.6374),
    ('document', 'same', 0.853374505311, 0.000000561791, 20.5347),
    ('document', 'part', 0.146625423159, 0.000742313672, 7.6259),
    ('document', 'other', 0.010000000000, 0.999257124537, -6.6428),
    ('address', 'same', 0.788816097967, 0.000012668594, 15.9261),
    ('address', 'part', 0.070003109009, 0.000262374042, 8.0597),
    ('address', 'other', 0.141180793024, 0.999724957363, -2.8240),
    ('phone', 'same', 0.346214759744, 0.000001867997, 17.4998),
    ('phone', 'other', 0.653785240256, 0.999998132003, -0.6131),
    ('gender', 'same', 1.000000000000, 0.500944421356, 0.9973),
    ('gender', 'other', 0.010000000000, 0.499055578644, -5.6411),
    ('decision', 'one person', null, null, 6.0000)
) as fitted (comparison, level, m, u, match_weight)
