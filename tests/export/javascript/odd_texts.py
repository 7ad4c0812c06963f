"""Texts of odd characters, and pipelines with random students that read them."""

# ruff: noqa: RUF001

import random
import sys
import unicodedata
from functools import cache

import numpy as np
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier, Student

# Words and pieces in which languages and programs differ most.
ODD = [
    "İSTANBUL'da",
    "ΣΊΣΥΦΟΣ ΟΔΟΣ Σ",
    "Σ'Σ.Σ:Σ·Σ",
    "straße STRASSE ẞ",
    "ﬁnance ﬂow",
    "cafe\u0301 café",
    "naïve NAÏVE",
    "हिन\u094dदी भाषा",
    "ภาษาไทย",
    "日本語 テスト",
    "한국어",
    "x² H₂O ½ ⅷ Ⅷ ①",
    "foo_bar __init__",
    "don't o’clock",
    "e.g. i.e.",
    "👩\u200d👩\u200d👧 ok",
    "a\u200bb zero",
    "soft\xadhyphen",
    "\ufeffbom word",
    "a\x1cb\x1dc d\x85e",
    "tab\t\tnew",
    "line",
    "nbsp\xa0word",
    "\u2028line\u2029para",
    "١٢٣ ४५६",
    "𝒜𝓁𝑔𝑒𝒷𝓇𝒶 𝟙𝟚𝟛",
    "𐐀𐐨 𞤀𞤢",
    "ǅ Ǆ ǆ",
    "ℵ ℝ K Å",
    "a\u0323\u0307",
    "ａｂｃ ＡＢＣ １２",
    "e⃝",
    "ʕΣ Σʕ",
    "১২ বাংলা",
    "ע\u05b4ב\u05b0ר\u05b4ית",
    "الع\u064eر\u064eب\u0650ي\u064e\u0651ة",
    "tiếng Việt",
    "ŉ ǰ ΐ",
    "C++ C# .NET",
    "a\u0345Σ\u0345b",
    "\x00\x01",
    "\ue000\uf8ff",
    "a",
]

_COMMON = (
    "the and of a to in that is was he for it with as his on be at by had not "
    "are but from or have an they which one you were her all she there would "
    "their we him been has when who will more no if out so said what up its "
    "about into than them can only other new some could time these two may then "
    "do first any my now such like our over man me even most made after also "
    "did many before must through"
)
PLAIN = _COMMON.split()


@cache
def _pools():
    """Return code points: all that this Python knows, low ones, and unknown ones."""
    kinds = [unicodedata.category(chr(point)) for point in range(sys.maxunicode + 1)]
    known = [p for p, kind in enumerate(kinds) if kind not in ("Cs", "Cn", "Co")]
    unknown = [p for p, kind in enumerate(kinds) if kind == "Cn" and p < 0x32000]
    low = [point for point in known if point < 0x3000]
    return known, low, low, unknown


def odd_texts(n, seed=0):
    """Return texts: of plain words, with odd pieces put in, and of random characters.

    No text holds half of a surrogate pair.
    """
    rng = random.Random(seed)
    texts = [*ODD, "", "  "]
    while len(texts) < n // 2:
        words = rng.choices(PLAIN, k=rng.randint(3, 25))
        words[0] = words[0].title()
        for _ in range(rng.randint(0, 4)):
            words.insert(rng.randint(0, len(words)), rng.choice(ODD))
        texts.append(rng.choice([" ", " ", "", "\u00a0", "  ", "\n"]).join(words))
    while len(texts) < n:
        pool = rng.choice(_pools())
        often = rng.choice(["ΣσΑά ", " abcXYZ", " aeiou-_'1\u0301\u0323"])
        texts.append(
            "".join(
                rng.choice(often) if rng.random() < 0.6 else chr(rng.choice(pool))
                for _ in range(rng.randint(0, 50))
            )
        )
    rng.shuffle(texts)
    return texts


def with_random_student(*steps, n_classes=3, weight_dtype="float32", scale=2.0, X=None):
    """Return a pipeline of transformers, fitted here, and a random student."""
    vectorize = make_pipeline(*steps).fit(odd_texts(2000) if X is None else X)
    n_columns = vectorize.transform([""] if X is None else X[:1]).shape[1]
    rng = np.random.default_rng(0)
    units = 1 if n_classes == 2 else n_classes
    model = DistilledClassifier()
    model.student_ = Student(
        [rng.normal(0, scale, (n_columns, units))],
        [rng.normal(0, 0.3, units)],
        "relu",
        [f"class {number}" for number in range(n_classes)],
        weight_dtype=weight_dtype,
    )
    model.classes_ = model.student_.classes_
    return make_pipeline(*steps, model)


def expected_probabilities(pipeline, X):
    """Return the softmax of scikit-learn's columns times the weights, in float64."""
    student = pipeline[-1].student_
    logits = pipeline[:-1].transform(X) @ student.coefs_[0].astype(np.float64)
    logits = np.asarray(logits) + student.intercepts_[0]
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    logits -= logits.max(axis=1, keepdims=True)
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
