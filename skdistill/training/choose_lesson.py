"""The choice of a lesson: rows with targets, and the recipe and view for them."""

from functools import cache, partial

from skdistill.training.choose import given_transfer_set, recipe_and_view, row_factors
from skdistill.training.lesson import StudentLesson
from skdistill.training.text_columns import learn_texts
from skdistill.training.views import make_views
from skdistill.transfer.transfer_set import weighted_by_class, with_synthetic


def choose_lesson(data, estimator, run, former=None, recipe=None):
    """Return the lesson that suits the data: see `train_student`."""
    names = getattr(estimator, "feature_names_in_", None)
    with run.stage.part("encode rows"):
        if data.texts is None:
            data = data._replace(texts=learn_texts(data, estimator, recipe))
        views = make_views(data, estimator, former, recipe, names)
        given = given_transfer_set(data, estimator, views[0].X)
    factors = row_factors(data, estimator)
    encode_synthetic = cache(partial(_encode_synthetic, data))
    with run.stage.part("choose parameters"):
        view = views[0]
        if recipe is None:
            recipe, view = recipe_and_view(
                data, estimator, given, views, factors, encode_synthetic
            )
            # The recipe tells whether they learn from the teacher.
            texts = learn_texts(data, estimator, recipe)
            if texts is not data.texts:
                data = data._replace(texts=texts)
                view = make_views(data, estimator, former, recipe, names)[0]
        lesson = make_lesson(data, estimator, recipe, view, encode_synthetic)
    return lesson._replace(former=former)


def make_lesson(data, estimator, recipe, view, encode_synthetic=None):
    """Return the lesson of a recipe and a view.

    Parameters
    ----------
    data : DistillationData
    estimator : DistilledClassifier
        Parameters of the fit. They are only read.
    recipe : Recipe
    view : View
    encode_synthetic : callable or None, default=None
        Function of an input that returns the encoded synthetic rows.

    Returns
    -------
    lesson : StudentLesson
    """
    encode_synthetic = encode_synthetic or partial(_encode_synthetic, data)
    data = recipe.labelled(data)
    given = given_transfer_set(data, estimator, view.X)
    rows = _all_rows(data, given, view, encode_synthetic)
    transfer_set = recipe.prepare(rows, data)
    # Class weights come last: teacher and labels are compared without them.
    factors = row_factors(data, estimator)
    transfer_set = weighted_by_class(transfer_set, factors)
    return StudentLesson(data, recipe, view, transfer_set, None)


def _encode_synthetic(data, student_input):
    """Return the synthetic rows as the network takes them."""
    return student_input.encode(data.synthetic.X)


def _all_rows(data, given, view, encode_synthetic):
    """Return the given rows in a view, then the synthetic rows with their targets."""
    rows = given._replace(X=view.X)
    if data.synthetic is None:
        return rows
    targets = data.task.soft_targets(data.synthetic.answers)
    return with_synthetic(rows, encode_synthetic(view.student_input), targets)
