"""The default beside regressions, a pruned machine and a network, all of words."""

from functools import cache

from sklearn.base import clone
from sklearn.feature_selection import SelectKBest, chi2

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, setting, teachers
from skdistill import DistilledClassifier

TITLE = "The default beside its peers"
SHARED = (corpora, setting, teachers)

N_COLUMNS = 3000
PRUNED = "pruned SVM"
PEERS = {
    "regression": teachers.regression,
    "regression, C=10": teachers.regression_of_small_penalty,
    PRUNED: teachers.linear,
}
STUDENTS = {
    "student of a linear teacher": (teachers.linear, {}),
    "student of a forest": (teachers.forest, {}),
    "network of a linear teacher": (teachers.linear, {"hidden_layer_sizes": (128, 64)}),
}
NETWORK = [*STUDENTS][-1]


def cases(tiny):
    """Yield corpora, models and splits; one split for the network, which is slow."""
    models = [*PEERS, *STUDENTS]
    if tiny:
        models.remove(NETWORK)
    for corpus in setting.corpora_here(tiny):
        for model in models:
            few = tiny or model == NETWORK
            for seed in setting.splits(few):
                yield {"corpus": corpus, "model": model, "seed": seed}


def measure(corpus, model, seed):
    """Return scores of a model and its bytes."""
    data, vectorizer, X = _columns(corpus, seed)
    figures = {}
    if model == PRUNED:
        vectorizer = _of_best_words(vectorizer, X, data.y).fit(data.train)
        X = vectorizer.transform(data.train)
    if model in PEERS:
        fitted = PEERS[model]()
    else:
        teacher, parameters = STUDENTS[model]
        fitted = DistilledClassifier(teacher(), random_state=seed, **parameters)
    with setting.timed(figures, "seconds"):
        fitted.fit(X, data.y)
    logits = setting.logits_of(fitted, vectorizer.transform(data.test))
    figures |= setting.scores(logits, data.y_test)
    if model in PEERS:
        # A file depends on the columns and classes, and not on the weights.
        fitted = DistilledClassifier(fitted, weight_decay=1e-4, weight_dtype="int8")
        fitted.fit(X, data.y)
    figures["bytes"] = setting.file_bytes(setting.text_student(vectorizer, fitted))
    return figures


def _of_best_words(vectorizer, X, y):
    """Make a vectorizer of the words that differ most between classes."""
    chosen = SelectKBest(chi2, k=min(N_COLUMNS, X.shape[1])).fit(X, y)
    terms = vectorizer.get_feature_names_out()[chosen.get_support()]
    return clone(vectorizer).set_params(vocabulary=terms, min_df=1)


@cache
def _columns(corpus, seed):
    data, vectorizer = setting.split(corpus, seed), setting.words()
    X = vectorizer.fit_transform(data.train)
    return data, vectorizer, X


def section(results):
    """Return the text of the section."""
    lines, ends = [], []
    for (corpus, model), part in results.groupby(["corpus", "model"], sort=False):
        means = part.mean(numeric_only=True)
        cells = [f"{100 * means['accuracy']:.1f}", f"{means['loss']:.3f}"]
        cells += [f"{means['calibrated']:.3f}", f"{means['bytes'] / 1024:.0f}"]
        lines.append([corpus, model, *cells, f"{means['seconds']:.1f}"])
    for model in [*STUDENTS][:-1]:
        ends.append(f"- {_against_regression(results, model)}")
    text = setting.paragraph(
        f"""
        Models of words and pairs of words. Regression is logistic, on labels, with
        scikit-learn's defaults and with C=10. The SVM has the {N_COLUMNS:,} columns of
        greatest chi-squared. Students have the defaults, and the network two hidden
        layers, of 128 and 64 units. Accuracy in %; the log-loss as it is, and at the
        temperature of the test texts that makes it smallest. KB of the file, its
        vocabulary included; for a peer, those of a student with its columns in int8.
        Seconds of CPU of a student contain the fit of its teacher. Number of splits,
        none of which served to choose: {results["seed"].nunique()}; one for the
        network.
        """
    )
    heads = ["corpus", "model", "accuracy", "loss", "calibrated", "KB", "seconds"]
    return "\n\n".join([text, markdown_table(heads, lines), "\n".join(ends)])


def _against_regression(results, model):
    """Say where a student is behind the regression, and where its loss is lower."""
    table = results.pivot_table(index=["corpus", "seed"], columns="model")
    gains = 100 * (table["accuracy"][model] - table["accuracy"]["regression"])
    lower = table["calibrated"][model] < table["calibrated"]["regression"]
    texts, behind = [], []
    for corpus, part in gains.groupby(level=0, sort=False):
        texts.append(f"{corpus} {setting.with_error(part)}")
        if part.mean() < -(part.sem() if len(part) > 1 else 0.0):
            behind.append(corpus)
    n_lower = int((lower.groupby(level=0).mean() > 0.5).sum())
    return (
        f"The {model} against the regression, points of accuracy: {', '.join(texts)}. "
        f"Behind by more than a standard error: {', '.join(behind) or 'nowhere'}. "
        f"Its calibrated loss is lower on {n_lower} of {len(texts)} corpora."
    )
