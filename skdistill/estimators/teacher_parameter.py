"""The parameter `teacher`: how it is cloned, routed, set and described.

A fitted teacher is shared, not cloned, and its parameters cannot be set. An unfitted
teacher behaves as any nested estimator of scikit-learn.
"""

import copy
from typing import Any, ClassVar, Self

from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
)

from skdistill.teachers.default import default_teacher
from skdistill.teachers.quantiles import as_one_model
from skdistill.teachers.resolve import is_fitted_here
from skdistill.teachers.scikit_learn import is_fitted


class TeacherParameter(BaseEstimator):
    """Base class of estimators with a parameter `teacher`, which may be fitted."""

    #: Kind of the task that the teacher answers.
    task_kind: ClassVar[str]

    teacher: Any
    encoder: Any
    calibrate_teacher: Any
    cv: Any

    @property
    def levels_of_teacher(self) -> tuple[float, ...] | None:
        """Levels of the quantiles that the teacher answers, None for other answers."""
        return None

    @property
    def one_teacher(self) -> Any:
        """Teacher as one model. If none is given, the default one."""
        if self.teacher is None:
            return default_teacher(self.task_kind, self.levels_of_teacher)
        return as_one_model(self.teacher)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of this estimator and of an unfitted teacher.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the parameters of the teacher, as ``teacher__<name>``. A
            fitted teacher is used as it is, so its parameters are left out.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep=deep)
        if deep and is_fitted(self.teacher):
            nested = [name for name in params if name.startswith("teacher__")]
            for name in nested:
                del params[name]
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of this estimator and of an unfitted teacher.

        Parameters
        ----------
        **params : dict
            Parameters. ``teacher__<name>`` is a parameter of the teacher.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If a parameter of a fitted teacher is given. Such a teacher is shared, and
            used as it was fitted.
        """
        teacher = params.get("teacher", self.teacher)
        nested = [name for name in params if name.startswith("teacher__")]
        if nested and is_fitted(teacher):
            raise ValueError(
                f"{nested[0]} cannot be set: the teacher, "
                f"{type(teacher).__name__}, is fitted and used as it is. To vary its "
                "parameters, give an unfitted teacher: sklearn.base.clone(teacher)"
            )
        return super().set_params(**params)

    def get_metadata_routing(self) -> MetadataRouter:
        """Return how metadata is routed to the student, the teacher and the splitter.

        Returns
        -------
        routing : MetadataRouter
        """
        router = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        if not is_fitted_here(self.teacher, self.calibrate_teacher, self.cv):
            return router
        if hasattr(self.teacher, "fit"):
            router.add(
                teacher=self.teacher,
                method_mapping=MethodMapping()
                .add(caller="fit", callee="fit")
                .add(caller="partial_fit", callee="fit"),
            )
        if is_splitter(self.cv):
            router.add(
                splitter=self.cv,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
        return router

    def __sklearn_clone__(self):
        if not is_fitted(self.teacher):
            return super().__sklearn_clone__()
        without_teacher = copy.copy(self)
        without_teacher.teacher = None
        cloned = super(TeacherParameter, without_teacher).__sklearn_clone__()
        cloned.teacher = self.teacher
        return cloned

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        takes_tables = self.encoder is not None
        tags.input_tags.sparse = self.encoder in ("auto", None)
        tags.input_tags.allow_nan = takes_tables and _takes_missing(self.one_teacher)
        tags.input_tags.string = takes_tables
        tags.input_tags.categorical = takes_tables
        return tags


def is_splitter(cv: Any) -> bool:
    """Tell whether a parameter `cv` is a splitter. Strings have a `split` too."""
    return hasattr(cv, "split") and not isinstance(cv, str)


def _takes_missing(teacher):
    """Tell whether a teacher that is fitted here takes missing values."""
    if not isinstance(teacher, BaseEstimator) or is_fitted(teacher):
        return True
    return get_tags(teacher).input_tags.allow_nan
