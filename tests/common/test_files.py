"""A new file is complete on the disk before it takes the place of another."""

import os

from skdistill.common.files import new_file, write_file


def test_the_disk_has_a_file_before_it_replaces_another(monkeypatch, tmp_path):
    events, replace = [], os.replace
    monkeypatch.setattr(os, "fsync", lambda file: events.append(os.fstat(file).st_size))
    monkeypatch.setattr(
        os, "replace", lambda *paths: events.append("replaced") or replace(*paths)
    )
    write_file(tmp_path / "a", b"12345", waits_for_disk=True)
    assert events == [5, "replaced"]
    write_file(tmp_path / "a", b"123")
    assert events[2:] == ["replaced"]
    assert (tmp_path / "a").read_bytes() == b"123"


def test_a_part_of_a_file_has_its_name_and_ending(tmp_path):
    path = tmp_path / ("long" * 50 + ".npz")
    with new_file(path) as file:
        (part,) = tmp_path.iterdir()
        assert part.name.startswith("longlong")
        assert part.suffix == ".npz"
        assert file.name == str(part)
    assert list(tmp_path.iterdir()) == [path]
