"""Export an additive student of two classes, or of a number, as whole points."""

import math
from numbers import Integral, Real
from os import PathLike
from typing import Any

import numpy as np

from skdistill.common.checks import column_of
from skdistill.export.file import check_options, export_file
from skdistill.export.scorecard.card import COLUMNS
from skdistill.export.scorecard.columns import CardColumn, level_text
from skdistill.export.scorecard.rounding import choose_shifts
from skdistill.export.scorecard.run import TOLERANCE
from skdistill.export.scorecard.scale import (
    NumberScale,
    OddsScale,
    default_point_value,
)
from skdistill.export.source import exported_student
from skdistill.export.verify import check, check_tolerance
from skdistill.student.shapes import is_additive, shape_functions
from skdistill.tables.read import read_coded_columns
from skdistill.tables.sparse import is_sparse

# A longer card is no card that people read, but a mistake in its scale.
_MOST_ROWS = 1_000_000

# Kinds of outputs that a scorecard can hold, and defaults of the scale of odds.
_KINDS = ("classes", "numbers")
_ODDS = OddsScale(20, 600, 50)

# Integers up to this one are exact in a float.
_MOST_POINTS = 2**53


def to_scorecard(
    student: Any,
    path: str | PathLike[str] | None = None,
    *,
    points_to_double_odds: float = 20,
    base_score: float = 600,
    base_odds: float = 50,
    pos_label: Any = None,
    point_value: float | None = None,
    max_ranges: int | None = None,
    X: Any = None,
    verify_on: Any = None,
    tolerance: float = TOLERANCE,
) -> Any:
    """Return an additive student as a table of whole points, and write it as CSV.

    The score of a row is the sum of the base and of the points of each column. It is
    ``base_score + factor * (log_odds - ln(base_odds))`` with ``factor =
    points_to_double_odds / ln(2)``, as in [1]_. ``log_odds`` is the logarithm of the
    odds of `pos_label` against the other label, as the student says them. So a higher
    score makes `pos_label` more probable. At `base_score` its odds are `base_odds` to
    1, and each `points_to_double_odds` more points double them. By default, `pos_label`
    is ``classes_[1]``. Labels are sorted: of 0 and 1 it is 1. If 1 means default, give
    ``pos_label=0``, so that a higher score is better.

    For a student of one number, a point is worth `point_value` in the units of the
    number: the number is the sum of the points times `point_value`. If the student
    keeps its answers in a range, the sum may leave it. The nearest end of the range
    then counts. The parameters about odds, and `pos_label`, have no meaning.

    Without `max_ranges`, only the rounding of points separates the scorecard from the
    student. The points of a column are up to 0.51 away from the exact ones, those of
    the base up to 0.5. The points of a column may be moved by a constant before they
    are rounded, and the base is moved back by as much. The constants are chosen such
    that the sum of these errors is small. Points are negative where a value makes the
    score lower than the base.

    Parameters
    ----------
    student : DistilledClassifier, DistilledRegressor or Student
        A fitted estimator or its student, of two classes or one number and with
        ``hidden_layer_sizes=()``.
    path : str or path-like, default=None
        File to write, with the ending ``.csv``. An existing file is replaced. None
        writes no file.
    points_to_double_odds : float, default=20
        Points that double the odds, above 0. More points make the rounding finer.
    base_score : float, default=600
        Score at which the odds are `base_odds` to 1.
    base_odds : float, default=50
        Odds of `pos_label` against the other label at `base_score`, above 0.
    pos_label : label, default=None
        Label that a higher score makes more probable, one of ``classes_``. None for
        ``classes_[1]``. The first row of the scorecard names it, and `verify` reads it
        there.
    point_value : float, default=None
        Value of a point of a student of one number, in the units of the number. None is
        a round number, 1, 2 or 5 times a power of ten, of at most a hundredth of
        the number's deviation. It is given for numbers alone.
    max_ranges : int, default=None
        Greatest number of ranges of a column of numbers, at least 2; banks often use 4
        to 8. Neighbouring ranges are merged such that the squared differences of points
        are least over the rows of `X`. Without `X`, they are least over numbers of
        which equally many lie between any two neighbouring knots. A monotone column
        stays monotone. The scorecard then differs more from the student, often by more
        than the default `tolerance`: `verify` reports the difference. None cuts where
        the rounded points change.
    X : table of shape (n_rows, n_features), default=None
        Raw rows, such as those of training. A column that holds whole numbers alone
        there has ranges that begin at whole numbers. Without an input code
        (``encoder=None``), the columns get ranges between the least and the greatest
        value there. None knows of no rows.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows on which the scorecard is compared with the student, see `verify`.
        None compares nothing.
    tolerance : float, default=0.05
        Greatest accepted difference of a probability on `verify_on`, or of a number in
        deviations.

    Returns
    -------
    card : DataFrame of shape (n_card_rows, 6)
        Scorecard, with the columns

        - ``column``: name of the column; without names ``x0``, ``x1`` and so on;
        - ``kind``: what the row describes. "base" is the first row. "range" is a range
          of numbers, "level" a level of a category, "other levels" any level that
          training did not have or that was rare, "missing" a missing value. The last
          two stand there even if training had no such value. "per unit" gives points
          for each unit of a column without a range: multiply by the value, and round;
        - ``from`` and ``to``: the range ``from <= value < to``, infinite where it has
          no end;
        - ``level``: text of the level. In the first row, the scale of the scorecard;
        - ``points``: whole points, and a fraction if the kind is "per unit".

        A column is not listed if all its values have the same points. The base then
        contains them.

    Raises
    ------
    TypeError
        If student is neither an estimator nor a student, or if X is sparse.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If the student has hidden layers, more than two classes or numbers, or sets of
        labels. If a parameter about odds is given for a number, or `point_value` for
        classes, or if it is not a finite number above 0. If
        `points_to_double_odds` or `base_odds` is not a finite number above 0, or
        `base_score` not a finite number. If `pos_label` is no class. If `max_ranges` is
        not a whole number of at least 2, or if it is given without `X` for a student
        of ``encoder=None``. If there would be more than a million ranges, or if two
        levels of a column have the same text. If path has another ending. If the
        scorecard differs from the student by more than the tolerance; an existing file
        is then kept.
    ImportError
        If pandas is not installed.
    OSError
        If the file cannot be written.

    See Also
    --------
    scorecard_points : Score rows with a scorecard.
    verify : Compare the answers of a file with the student's.

    References
    ----------
    .. [1] Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6: scaling.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import Student
    >>> from skdistill.export import to_scorecard
    >>> from skdistill.student.input_code import InputCode
    >>> code = InputCode(
    ...     2,
    ...     linear=[], low=[], high=[], mean=[], scale=[],
    ...     knotted=[0], knots=[[20.0, 30.0, 60.0]],
    ...     categorical=[1], levels=[["owner", "tenant"]],
    ... )
    >>> table = np.array([[-0.1, 0.0, 0.05, 0.0, 0.5, -0.5, 0.0, 0.1]]).T
    >>> student = Student(
    ...     [np.empty((0, 1))], [[3.0]], "relu", ["bad", "good"], code, table,
    ...     feature_names=["age", "home"],
    ... )
    >>> card = to_scorecard(student)
    >>> card["column"] = card["column"].fillna("")
    >>> print(card.drop(columns="level").to_string(index=False, na_rep=""))
    column         kind  from   to  points
                   base                573
       age        range  -inf 23.4      -2
       age        range  23.4 26.9      -1
       age        range  26.9 32.0       0
       age        range  32.0 53.0       1
       age        range  53.0  inf       2
       age      missing                  0
      home        level                 15
      home        level                -14
      home other levels                  0
      home      missing                  3
    """
    model, student = student, exported_student(student, takes_texts=False, kinds=_KINDS)
    _check_student(student)
    odds = OddsScale(points_to_double_odds, base_score, base_odds)
    scale = _checked_scale(student, odds, pos_label, point_value)
    _check_max_ranges(student, max_ranges, X)
    if path is not None:
        path = check_options(path, (".csv",), tolerance)
    check_tolerance(tolerance)
    place, text = 1, str(scale)
    if isinstance(scale, OddsScale):
        if pos_label is not None:
            place = column_of(pos_label, student.classes_)
        text += f"; odds of {level_text(student.classes_.tolist()[place])}"
    base, columns = _whole_points(student, scale, 2 * place - 1, X, max_ranges)
    card = _frame(text, base, columns)
    if path is not None:
        content = card.to_csv(index=False, lineterminator="\n").encode()
        export_file(path, content, model, verify_on, tolerance)
    elif verify_on is not None:
        check(model, card, verify_on, tolerance)
    return card


def _whole_points(student, scale, sign, X, max_ranges):
    """Return the points of the base, and the rows of each column that is listed.

    The sign is 1 if a higher score makes the second class more probable, otherwise -1.
    """
    factor = sign * scale.factor
    functions = [f for f in shape_functions(student) if f.kind != "unused"]
    for function in functions:
        _check_levels(function)
    rows = _numbers_of_columns(student, X)
    columns = [
        CardColumn.of(f, factor, rows.get(f.feature), max_ranges) for f in functions
    ]
    n_steps = sum(column.n_steps for column in columns)
    if not n_steps <= _MOST_ROWS:
        argument, wanted = scale.grain
        raise ValueError(
            f"{argument} makes a scorecard of about {n_steps:.3g} ranges: it needs to "
            f"be {wanted}, for at most {_MOST_ROWS:,} ranges"
        )
    base = scale.score(sign * float(student.intercepts_[0][0]))
    base += sum(column.at_zero for column in columns)
    whole_base, shifts = choose_shifts(base, [column.occupied for column in columns])
    listed = []
    for column, shift in zip(columns, shifts, strict=True):
        lines = column.lines(shift)
        points = {line.points for line in lines}
        if len(points) > 1 or column.is_per_unit:
            listed.append((column.function.name, lines))
        else:
            whole_base += points.pop()
    return whole_base, listed


def _numbers_of_columns(student, X):
    """Return the numbers of each column of rows, by the number of the column."""
    if X is None:
        return {}
    if is_sparse(X):
        raise TypeError("X is sparse: give a dense table, X.toarray()")
    student.numbers(X)  # This raises for rows that the student does not take.
    columns = read_coded_columns(student.in_order(X))
    return {
        feature: column.values.astype(np.float64)
        for feature, column in enumerate(columns)
        if column.labels is None
    }


def _frame(text, base, columns):
    """Return the scorecard as a DataFrame."""
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ImportError(
            "to_scorecard needs pandas: install it, or skdistill[table]"
        ) from error
    rows = [(None, "base", np.nan, np.nan, text, base)]
    for name, lines in columns:
        rows += [(name, ln.kind, ln.start, ln.end, ln.level, ln.points) for ln in lines]
    card = pd.DataFrame(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)))
    return card.astype({"column": object, "kind": object, "level": object})


def _check_student(student):
    """Raise unless the student adds up functions for two classes."""
    if not is_additive(student):
        shape_functions(student)  # This raises the error.
    if student.output.kind == "numbers" and not student.output.is_one_unit:
        raise ValueError(
            f"student answers {student.output}, and a scorecard has one score: fit one "
            "student for each"
        )
    if not student.output.is_one_unit:
        raise ValueError(
            f"student has {len(student.classes_)} classes "
            f"({student.classes_.tolist()!r:.100}), and a scorecard has one score for "
            "two: merge classes before fit, or fit one student for each class"
        )


def _checked_scale(student, odds, pos_label, point_value):
    """Return the scale of a student, or raise if an argument does not suit it."""
    if student.output.kind == "classes":
        if point_value is not None:
            raise ValueError(
                f"point_value={point_value!r} is the value of a point of a number, and "
                "the student tells classes apart: give points_to_double_odds"
            )
        _check_scale(odds)
        return odds
    given = {**odds._asdict(), "pos_label": pos_label}
    for name, default in zip(given, (*_ODDS, None), strict=True):
        if given[name] != default:
            raise ValueError(
                f"{name}={given[name]!r} is about the odds of classes, and the student "
                "answers a number: give point_value"
            )
    mean, deviation = (v.item() for v in (student.output.mean, student.output.scale))
    if point_value is None:
        point_value = default_point_value(deviation)
    is_number = isinstance(point_value, Real) and not isinstance(point_value, bool)
    if not is_number or not math.isfinite(point_value) or not point_value > 0:
        raise ValueError(f"point_value={point_value!r} is not a finite number above 0")
    scale = NumberScale(point_value, mean, deviation)
    if not abs(scale.score(0.0)) < _MOST_POINTS:
        raise ValueError(
            f"point_value={point_value!r} gives scores beyond 2**53, which are not "
            "exact: give a greater one"
        )
    return scale


def _check_scale(scale):
    """Raise unless a scale is made of usable numbers."""
    for name, value in scale._asdict().items():
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        is_finite = is_number and math.isfinite(value)
        if name == "base_score":
            if not is_finite:
                raise ValueError(f"base_score={value!r} is not a finite number")
        elif not is_finite or not value > 0:
            raise ValueError(f"{name}={value!r} is not a finite number above 0")
    if not abs(scale.score(0.0)) < _MOST_POINTS:
        raise ValueError(
            f"base_score={scale.base_score!r} with points_to_double_odds="
            f"{scale.points_to_double_odds!r} gives scores beyond 2**53, which are not "
            "exact: give smaller ones"
        )


def _check_max_ranges(student, max_ranges, X):
    """Raise unless the columns can have a greatest number of ranges."""
    if max_ranges is None:
        return
    is_whole = isinstance(max_ranges, Integral) and not isinstance(max_ranges, bool)
    if not is_whole or max_ranges < 2:
        raise ValueError(
            f"max_ranges={max_ranges!r} is not a whole number of at least 2"
        )
    if student.input_code is None and X is None:
        raise ValueError(
            f"max_ranges={max_ranges!r} needs rows, because the student of "
            "encoder=None has points per unit and no ranges: give X"
        )


def _check_levels(function):
    """Raise if a scorecard would write two levels of a column alike."""
    texts: dict[str, Any] = {}
    for level in function.levels:
        text = level_text(level)
        if text in texts:
            raise ValueError(
                f"column {function.name!r} has the levels {texts[text]!r:.50} and "
                f"{level!r:.50}, which a scorecard writes alike: give them one type "
                "before fit"
            )
        texts[text] = level
