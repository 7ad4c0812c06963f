"""The plan of a short training."""

from skdistill.training.plan import auto_epochs

# Number of steps of a short training, and fewest steps of one call of the kernel.
_STEPS = 750
_STEPS_A_CALL = 20

# Steps and precision of a short training that is convex.
_CONVEX_STEPS = 200
_CONVEX_TOL = 1e-3


def short_plan(plan, n_kept, synthetic_share, decay):
    """Return the plan of a short training on some rows.

    Parameters
    ----------
    plan : TrainingPlan
        Plan of a whole training.
    n_kept : int
        Number of rows that are not synthetic.
    synthetic_share : float
        Share of synthetic rows in an epoch.
    decay : float
        Decay of the weights.

    Returns
    -------
    plan : TrainingPlan
    """
    batch_size = min(plan.batch_size, n_kept)
    n_rows = round(n_kept / (1.0 - synthetic_share))
    steps = -(-n_rows // batch_size)
    passes = max(1, 2 * _STEPS_A_CALL // steps) if steps < _STEPS_A_CALL else 1
    return plan._replace(
        weight_decay=decay,
        batch_size=batch_size,
        max_iter=auto_epochs(n_rows * passes, batch_size, _STEPS),
        passes=passes,
        synthetic_share=synthetic_share,
        # The predictions are compared and calibrated as probabilities.
        temperature=1.0,
        convex_iter=_CONVEX_STEPS,
        convex_tol=_CONVEX_TOL,
        early_stopping=False,
        verbose=False,
    )
