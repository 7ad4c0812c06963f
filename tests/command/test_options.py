from skdistill.command.options import parse_arguments


def test_exports_that_are_named_one_by_one(tmp_path):
    arguments = ["--output", str(tmp_path / "s.npz"), "--export", "onnx"]
    assert parse_arguments([*arguments, "--export", "c,js"]).export == [
        "onnx",
        "c",
        "js",
    ]
    assert parse_arguments(arguments).export == ["onnx"]
