"""Texts of all kinds, and pipelines that read them."""

# ruff: noqa: RUF001, SIM905

import random
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import Pipeline

from skdistill import Student
from skdistill.export.c.text_student.letters import CLAIMED

WORDS = """
the of and to in is a that it was I for on you he be with as by at have are this not
but had his they from She which or we an There were one Do been their has WOULD what
will if can all About no other into up them naïve NAÏVE café CAFÉ Über straße ÀÉÎÕÜ
ñandú ½ x² ª 1 42 3.14 don't e.g. C++ foo_bar __init__ a-b rock'n'roll àbc ÿ µm ß ¡Hola!
«oui» 50£ … — „x“ 🙂 👩\u200d👩 ⌘ €5 2€ \u2019t \x00 \x7f \ufe0f
""".split()
WORDS += ["tab\there", "nbsp\u00a0word", "a\x1cb\x1dc", "d\x85e"]

ODD = [
    "İSTANBUL'da",
    "ΣΊΣΥΦΟΣ ΟΔΟΣ Σ",
    "ΑΣ.Β ΑΣ. ΑΣ' ΑΣ\u0301Β Σ.Σ",
    "straße STRASSE ẞ",
    "ﬁnance ﬂow",
    "cafe\u0301 café",
    "हिन्दी भाषा",
    "ภาษาไทย",
    "日本語 テスト",
    "한국어 각 가",
    "x² H₂O ½ ⅷ Ⅷ ①",
    "👩‍👩‍👧 ok",
    "a\u200bb zero",
    "soft\u00adhyphen",
    "\ufeffbom word",
    "\u2028line\u2029para",
    "١٢٣ ४५६",
    "𝒜𝓁𝑔𝑒𝒷𝓇𝒶 𝟙𝟚𝟛",
    "𐐀𐐨 𞤀𞤢",
    "ǅ Ǆ ǆ",
    "ℵ ℝ K Å",
    "a\u0323\u0307",
    "ａｂｃ ＡＢＣ １２",
    "e\u20dd",
    "עִבְרִית",
    "العَرَبِيَّة ﷺ",
    "tiếng Việt",
    "ŉ ǰ ΐ",
    "\u3000wide space",
    "豈 ㌀",
]

SEPARATORS = [" ", " ", " ", "", "  ", "\n", "\u00a0", "\x1f", "\t \t", "."]


def latin_texts(n, seed=0):
    """Return texts of characters that a header claims without a table."""
    rng = random.Random(seed)
    claimed = [p for low, high in CLAIMED for p in range(low, high + 1)]
    return [_text(rng, WORDS, claimed) for _ in range(n)]


def odd_texts(n, seed=0):
    """Return texts of all Unicode."""
    rng = random.Random(seed)
    some = [
        [p for p in range(0x110000) if not 0xD800 <= p < 0xE000],
        [p for p in range(0x3000) if chr(p).isprintable()],
    ]
    return [_text(rng, WORDS + ODD * 3, rng.choice(some)) for _ in range(n)]


def _text(rng, words, points):
    separator = rng.choice(SEPARATORS)
    parts = rng.choices(words, k=rng.randint(0, 15))
    for _ in range(rng.choice([0, 0, 1, 5])):
        letters = "".join(map(chr, rng.choices(points, k=rng.randint(1, 6))))
        parts.insert(rng.randint(0, len(parts)), letters)
    text = separator.join(parts)
    return text.upper() if rng.random() < 0.1 else text


class Fitted:
    """An estimator, as far as an export is concerned."""

    def __init__(self, student):
        self.student_ = student


def pipeline(*steps, texts, n_classes=3, hidden=(), dtype="float32", seed=0):
    """Return fitted steps with a network of random weights behind them."""
    X = texts
    for step in steps:
        X = step.fit_transform(X)
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], *hidden, 1 if n_classes == 2 else n_classes]
    student = Student(
        [rng.normal(size=shape) * 2 for shape in pairwise(widths)],
        [rng.normal(size=width) for width in widths[1:]],
        "tanh",
        [f"class {i}" for i in range(n_classes)],
        weight_dtype=dtype,
    )
    return Pipeline(
        [*((str(i), step) for i, step in enumerate(steps)), ("last", Fitted(student))]
    )


def pipelines(texts):
    """Return pipelines of vectorizers of every kind by name."""
    wb = {"analyzer": "char_wb"}
    made = {
        "words": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3),
        "words, ascii": TfidfVectorizer(
            strip_accents="ascii", ngram_range=(2, 3), max_features=400
        ),
        "words, unicode": TfidfVectorizer(
            strip_accents="unicode", norm="l1", max_features=400
        ),
        "words, stop words, case": TfidfVectorizer(
            stop_words=["the", "The", "of", "café", "x²", "Σ"],
            lowercase=False,
            ngram_range=(1, 3),
            min_df=3,
            use_idf=False,
        ),
        "spaces": CountVectorizer(token_pattern=r"\S+", max_features=400),
        "a set": CountVectorizer(token_pattern=r"[a-z0-9_']{2,}", binary=True),
        "within words": TfidfVectorizer(ngram_range=(3, 5), max_features=900, **wb),
        "short within words": TfidfVectorizer(
            ngram_range=(4, 6), strip_accents="unicode", max_features=500, **wb
        ),
        "characters": CountVectorizer(
            analyzer="char", ngram_range=(1, 3), max_features=700
        ),
        "characters, case": TfidfVectorizer(
            analyzer="char",
            ngram_range=(2, 2),
            lowercase=False,
            norm=None,
            max_features=500,
        ),
        "hashed words": HashingVectorizer(n_features=300, ngram_range=(1, 2)),
        "hashed characters": [
            HashingVectorizer(
                n_features=257,
                ngram_range=(2, 4),
                alternate_sign=False,
                norm="l1",
                **wb,
            ),
            TfidfTransformer(sublinear_tf=True),
        ],
        "hashed, binary": HashingVectorizer(
            n_features=64, binary=True, strip_accents="unicode", norm=None
        ),
    }
    options = {
        "words": {"n_classes": 2, "dtype": "int8"},
        "within words": {"dtype": "int8"},
        "characters": {"hidden": (7,), "dtype": "float16"},
    }
    return {
        name: pipeline(
            *(steps if isinstance(steps, list) else [steps]),
            texts=texts,
            seed=place,
            **options.get(name, {}),
        )
        for place, (name, steps) in enumerate(made.items())
    }
