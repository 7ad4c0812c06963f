"""Score rows with a scorecard, and turn the scores into probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.export.scorecard.card import Card
from skdistill.export.scorecard.columns import level_text
from skdistill.export.scorecard.scale import NumberScale
from skdistill.student.student import Student
from skdistill.tables.read import read_coded_columns

# Greatest accepted difference of a probability, or of a number in deviations, for
# points that are rounded.
TOLERANCE = 0.05


def run(student: Student, artefact: Any, X: Any) -> tuple[NDArray, NDArray]:
    """Return decisions and answers.

    Parameters
    ----------
    student : Student
        Exported student. Its labels, the range of its numbers and the names of its
        columns are read, nothing else.
    artefact : DataFrame or Path
        Scorecard, or path of its CSV.
    X : table of shape (n_rows, n_features)
        Rows with the columns in the order of the student.

    Returns
    -------
    decisions : ndarray of shape (n_rows,), or (n_rows, 1) for numbers
        Labels or numbers.
    answers : ndarray of shape (n_rows, 2), or of that of `decisions` for numbers
        Probabilities or numbers.

    Raises
    ------
    ValueError
        If the artefact is no scorecard with a scale, if the scale is that of another
        kind of answers, if it is about a label that the
        student does not have, or if the scorecard has no points for a value.
    """
    card = Card.read(artefact)
    if card.scale is None:
        raise ValueError(
            "card does not say its scale: the level of its row of the kind 'base' "
            "needs to begin with 'points_to_double_odds=20; base_score=600; "
            "base_odds=50', or to be 'point_value=1', with its own numbers"
        )
    columns = read_coded_columns(X)
    names = student.names or [f"x{number}" for number in range(len(columns))]
    scores = card.scores(dict(zip(names, columns, strict=True)))
    output: Any = student.output
    if isinstance(card.scale, NumberScale) != (output.kind == "numbers"):
        raise ValueError(
            f"card has the scale '{card.scale}', and the student answers {output}: it "
            "belongs to another student"
        )
    if isinstance(card.scale, NumberScale):
        numbers = card.scale.numbers(scores).clip(output.low[0], output.high[0])
        numbers = numbers if output.is_flat else numbers[:, np.newaxis]
        return numbers, numbers
    log_odds = _sign(card, student) * card.scale.log_odds(scores)
    exponentials = np.exp(-np.abs(log_odds))
    less = exponentials / (1 + exponentials)
    second = np.where(log_odds > 0, 1 - less, less)
    return output.decide(log_odds), np.column_stack([1 - second, second])


def _sign(card, student):
    """Return 1 if a higher score makes the second class more probable, otherwise -1."""
    if card.label is None:
        return 1
    classes = student.classes_.tolist()
    texts = [level_text(label) for label in classes]
    if card.label not in texts:
        raise ValueError(
            f"card gives the odds of {card.label!r:.50}, which is not among the "
            f"classes {classes!r:.100}: it belongs to another student"
        )
    return 2 * texts.index(card.label) - 1
