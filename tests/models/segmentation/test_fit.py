"""Planted segments are found with their number; data without any is told; ids outlive order and refitting."""

from typing import Any

import numpy as np
import pytest

from models.segmentation.fit import SegmentationError, fit, read
from models.segmentation.k_means import agreement, apart, silhouette
from models.segmentation.scale import coordinates, features, nearest

FEW = range(2, 6)


def columns(points: Any) -> dict[str, Any]:
    return {f"f{place}": points[:, place] for place in range(points.shape[1])}


def planted(rows: int = 300, *, moved: float = 0.0, seed: int = 1) -> tuple[Any, Any]:
    """Four groups of a third, a quarter and so on, well apart; `moved` shifts every one a little."""
    chance = np.random.default_rng(seed)
    middles = np.array([[0, 0, 0, 0], [7, 0, 0, 0], [0, 7, 0, 0], [0, 0, 7, 7]], dtype=float) + moved
    group = chance.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    return middles[group] + chance.normal(0, 1, (rows, 4)), group


def test_planted_segments_are_found_with_their_number_and_members() -> None:
    points, group = planted(600)
    found = fit(list(range(600)), columns(points))

    assert len(found.segments) == 4
    assert found.is_distinct
    assert found.told == []
    place, _ = nearest(coordinates(found.features, columns(points)), found.centres)
    assert agreement(place, group) > 0.98


@pytest.mark.parametrize("kind", ["normal", "uniform", "skewed", "related"])
def test_data_without_segments_is_told_to_have_none(kind: str) -> None:
    chance = np.random.default_rng(2)
    normal = chance.normal(0, 1, (600, 3))
    points = {
        "normal": normal,
        "uniform": chance.uniform(0, 1, (600, 2)),
        "skewed": np.exp(1.5 * normal),
        "related": normal[:, :1] + 0.5 * chance.normal(0, 1, (600, 3)),
    }[kind]

    found = fit(list(range(600)), columns(points), numbers=FEW)

    assert not found.is_distinct
    assert "the segments cut a continuum" in found.told[-1]


def test_the_order_of_rows_decides_nothing() -> None:
    points, _ = planted()
    order = np.random.default_rng(3).permutation(300)

    straight = fit(list(range(300)), columns(points), numbers=FEW)
    turned = fit(order.tolist(), columns(points[order]), numbers=FEW)

    assert straight.text() == turned.text()


def test_segments_keep_id_and_name_when_fitted_again_on_other_lines_and_one_feature_more() -> None:
    first = fit(list(range(600)), columns(planted(600)[0]), numbers=range(4, 5))
    points, group = planted(600, moved=0.3, seed=9)
    more = columns(points) | {"other": np.random.default_rng(4).normal(0, 1, 600)}

    second = fit(list(range(600)), more, numbers=range(4, 5), before=read(first.text()))

    names = {segment.segment_id: segment.name for segment in first.segments}
    assert {segment.segment_id: segment.name for segment in second.segments} == names
    old, _ = nearest(coordinates(first.features, columns(points)), first.centres)
    new, _ = nearest(coordinates(second.features, more), second.centres)
    ids = [np.array([s.segment_id for s in each.segments]) for each in (first, second)]
    assert (ids[0][old] == ids[1][new]).mean() > 0.97
    assert len(set(group)) == 4


def test_a_segment_that_was_not_there_before_gets_a_number_never_used() -> None:
    points, group = planted(600)
    kept = np.flatnonzero(group < 3)
    three = fit(kept.tolist(), columns(points[kept]), numbers=range(3, 4))

    four = fit(list(range(600)), columns(points), numbers=range(4, 5), before=read(three.text()))

    assert [segment.segment_id for segment in four.segments] == [1, 2, 3, 4]
    newest = four.segments[3]
    assert newest.profile["f2"] > 1
    assert newest.profile["f3"] > 1


def test_columns_that_tell_nothing_are_left_out_and_told() -> None:
    points, _ = planted()
    values = columns(points) | {"same": np.ones(300), "again": points[:, 0], "gaps": points[:, 1].copy()}
    values["gaps"][:30] = np.nan

    found = fit(list(range(300)), values, numbers=range(4, 5))

    assert [feature.name for feature in found.features] == ["f0", "f1", "f2", "f3", "gaps"]
    assert found.told[:3] == [
        "same has one value only and is left out",
        "again is f0 again and is left out",
        "gaps is missing in 10.0% of the rows; its median stands there",
    ]


def test_a_skewed_feature_becomes_a_logarithm_and_one_huge_line_no_segment() -> None:
    values = np.exp(np.random.default_rng(5).normal(0, 2, 400))
    values[0] = 1e12
    (feature,), _ = features({"gb": values})

    assert feature.unit > 0
    assert abs(feature.coordinate(values)).max() <= 5


def test_too_few_rows_and_features_that_never_vary_are_refused() -> None:
    with pytest.raises(SegmentationError, match="3 rows; at least 50"):
        fit([1, 2, 3], {"x": np.array([1.0, 2, 3])})
    with pytest.raises(SegmentationError, match="no feature varies: x has one value only"):
        fit(list(range(60)), {"x": np.ones(60)})


def test_silhouette_and_agreement_are_those_counted_by_hand() -> None:
    points = np.array([[0.0], [1.0], [5.0], [9.0]])

    # own distance, that to the other segment: (1, 7), (1, 6), (4, 4.5), (4, 8.5)
    by_hand = np.mean([6 / 7, 5 / 6, 0.5 / 4.5, 4.5 / 8.5])
    assert silhouette(apart(points), np.array([0, 0, 1, 1])) == pytest.approx(by_hand)
    assert silhouette(apart(points), np.array([0, 0, 0, 0])) == 0
    assert agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])) == 1
    assert agreement(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(-0.5)
