"""Files and folders go together, and nothing beyond them."""

from pathlib import Path

from pipelines.engine.removal import remove, remove_tree


def test_a_tree_goes_whole_and_what_its_links_point_to_stays(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "tree"
    for folder in (kept, tree / "a" / "b", tree / "c"):
        folder.mkdir(parents=True)
    for path in (kept / "file", tree / "file", tree / "a" / "b" / "file"):
        path.write_text("x")
    (tree / "c" / "folder").symlink_to(kept)
    (tree / "c" / "lost").symlink_to(tmp_path / "nowhere")

    remove_tree(tree)

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (kept / "file").read_text() == "x"


def test_a_tree_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove_tree(tmp_path / "nothing")


def test_files_that_are_gone_are_passed_over_and_not_counted(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")

    assert remove([tmp_path / "there", tmp_path / "gone", tmp_path / "there" / "below"]) == 1
    assert not list(tmp_path.iterdir())
