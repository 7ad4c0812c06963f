"""The command: distil a table of the user, or score rows by a student."""

import sys

from skdistill.command.console import fill, plain_warnings, stage

# First word of the command that scores rows. A table of this name is ./predict.
_SCORING = "predict"


def main(arguments=None):
    """Run the command.

    Parameters
    ----------
    arguments : list of str or None, default=None
        Arguments. None for those of the process.

    Returns
    -------
    status : int
        Exit status: 0, or 1 if the input cannot be used.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    # Rows are scored where NumPy alone is installed too, so no more is imported.
    if arguments[:1] == [_SCORING]:
        from skdistill.command.predict.command import predict

        return predict(arguments[1:])
    from skdistill.command.distil import distil
    from skdistill.command.options import parse_arguments

    options = parse_arguments(arguments)
    try:
        with plain_warnings():
            distil(options, _measure)
    except Exception as error:
        notes = getattr(error, "__notes__", [])
        # A note names the teacher that raised the error.
        if not notes and not isinstance(error, (ImportError, OSError, ValueError)):
            raise
        print(fill(" ".join([f"error: {error}", *notes])), file=sys.stderr)
        return 1
    return 0


def _measure(options, student, rows):
    """Return a report on teacher, student and the same network on labels alone."""
    from skdistill.report import DistillationReport
    from skdistill.report.control import fit_labels_alone

    with stage("training the same network on labels alone"):
        control = fit_labels_alone(student, rows.X_train, rows.y_train)
    with stage("measuring"):
        return DistillationReport.from_estimator(
            student,
            rows.X_test,
            rows.y_test,
            baseline=control,
            teacher_saw_rows=options.teacher is not None and options.test is None,
        )


if __name__ == "__main__":
    sys.exit(main())
