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
*/
select
    fitted.comparison,
    fitted.level,
    fitted.m,
    fitted.u,
    fitted.match_weight,
    1 as version
from (
    values
    ('prior', 'all', null, null, -17.0),
    ('name', 'same', 0.93, 0.00002, 13.0),
    ('name', 'part', 0.05, 0.002, 4.6),
    ('name', 'other', 0.02, 0.99798, -5.6),
    ('birth', 'same', 0.95, 0.0001, 13.2),
    ('birth', 'part', 0.04, 0.004, 3.3),
    ('birth', 'other', 0.01, 0.996, -6.6),
    ('document', 'same', 0.8, 0.0000001, 22.0),
    ('document', 'part', 0.15, 0.0005, 8.2),
    ('document', 'other', 0.05, 0.9995, -4.3),
    ('address', 'same', 0.7, 0.00001, 16.0),
    ('address', 'part', 0.1, 0.001, 6.6),
    ('address', 'other', 0.2, 0.999, -2.3),
    ('phone', 'same', 0.3, 0.000001, 18.0),
    ('phone', 'other', 0.7, 0.999999, -0.5),
    ('gender', 'same', 0.99, 0.5, 1.0),
    ('gender', 'other', 0.01, 0.5, -5.6),
    ('decision', 'one person', null, null, 6.0)
) as fitted (comparison, level, m, u, match_weight)
