"""The rows, recipe and view that a student is trained by, and where it starts."""

from typing import Any, NamedTuple

from skdistill.student.student import Student
from skdistill.training.recipe import Recipe

# Words for the outputs that a student learns, by their kind.
_LEARNED = {"classes": "classes", "label_sets": "labels", "numbers": "targets"}


class FormerFit(NamedTuple):
    """A student of a former training, from which another one continues.

    Attributes
    ----------
    student : Student
        Student of the former training.
    encoder : TabularEncoder or None
        Its encoder.
    """

    student: Student
    encoder: Any

    def check(self, layer_units, activation, output, student_input):
        """Raise if a new student has another form than the former one.

        Parameters
        ----------
        layer_units : list of int
            Number of features, units of each hidden layer, and output units.
        activation : str
        output : Output
        student_input : StudentInput
            Input of the new student.

        Raises
        ------
        ValueError
            If units, activation, encoder, or classes, labels or targets differ.
        """
        former, encoder = self.student, student_input.encoder
        before = (former.layer_units, former.activation, former.output.identity)
        now = (layer_units, activation, output.identity)
        code, learned = None if encoder is None else encoder.code_, former.input_code
        if code is not None and learned is not None:
            # The scores of texts are learned anew.
            learned = learned.with_texts(code.texts)
        if (*before, learned) != (*now, code):
            learns = _LEARNED[output.kind]
            raise ValueError(
                f"warm_start needs the same units, activation, {learns} and encoder as "
                f"before. They were {(*before, learned)!r:.200}, and are now "
                f"{(*now, code)!r:.200}"
            )


class StudentLesson(NamedTuple):
    """The data of a training, its recipe, view and rows, and where it starts.

    Attributes
    ----------
    data : DistillationData
    recipe : Recipe
    view : View
    transfer_set : TransferSet
    former : FormerFit or None
    source : BucketRows or None, default=None
        Rows to train on, if the transfer set is only a sample of them.
    """

    data: Any
    recipe: Recipe
    view: Any
    transfer_set: Any
    former: FormerFit | None
    source: Any = None

    @property
    def n_real(self):
        """Number of rows that are not synthetic."""
        return (self.source or self.transfer_set).n_real
