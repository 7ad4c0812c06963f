"""The package keeps its plan: layers, circles, sizes, one home for each name.

Sources are read. Each limit is today's figure, and may only fall.
"""

import ast
import re
import sys
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier

ROOT = Path(__file__).parent.parent / "skdistill"
FILES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

LIMITS = {
    "files in a circle": 0,
    "layers": 7,
    "entries at the top level": 20,
    "long files": 0,
    "long functions": 0,
    "files with private names of scikit-learn": 1,
    "places of the rule that two classes are one unit": 1,
    "uses of another object's private names": 0,
    "public names with two definitions": 0,
    "fields that do not open with their noun": 0,
    "sentences that do not open with their noun": 0,
}

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

# Longer ones: a page of documentation, and kernels that are one algorithm each.
LONGER = {
    "estimators/classifier.py",
    "kernels/dense.py:train_epoch",
    "kernels/instructions/code_update.py:_write_update",
    "kernels/instructions/product.py:_define_tile",
    "kernels/instructions/product.py:_tile",
    "kernels/layers/loss.py:kl_gradient",
    "kernels/layers/passes.py:backward",
    "kernels/layers/passes.py:forward",
    "kernels/predict.py:_predict",
    "kernels/sparse.py:train_sparse_epoch",
}


def name_of(path):
    """Return the path of a file within the package."""
    return str(path.relative_to(ROOT))


def module_of(path):
    """Return the name by which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(["skdistill", *parts]).removesuffix(".__init__")


BY_MODULE = {module_of(path): path for path in FILES}


def statements(tree):
    """Yield all nodes except those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from statements(node)


def imported_names(path):
    """Yield the module and the name of each import of a file."""
    for node in statements(TREES[path]):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""


@cache
def imported_files(path):
    """Return the files of the package that a file imports, anywhere in it."""
    found = {
        BY_MODULE.get(f"{module}.{name}") or BY_MODULE.get(module)
        for module, name in imported_names(path)
    }
    return found - {None, path}


def files_in_circles():
    """Return the files whose imports lead back to the file itself."""

    def reached(path):
        seen, left = set(), [path]
        while left:
            new = imported_files(left.pop()) - seen
            seen |= new
            left += new
        return seen

    return [name_of(path) for path in FILES if path in reached(path)]


def layers():
    """Return the longest chain of imports among entries at the top level."""
    entry = {path: path.relative_to(ROOT).parts[0] for path in FILES}
    graph = {name: set() for name in entry.values()}
    for path in FILES:
        graph[entry[path]] |= {entry[other] for other in imported_files(path)}
    graph = {name: others - {name} for name, others in graph.items()}
    floor = {}
    for name in TopologicalSorter(graph).static_order():
        floor[name] = 1 + max((floor[other] for other in graph[name]), default=0)
    return [f"{max(floor.values())}: {floor}"] * max(floor.values())


def entries():
    """Return the folders and modules at the top level."""
    return sorted({path.relative_to(ROOT).parts[0] for path in FILES})


def all_long_files():
    """Return the files with too many lines, and how many these are."""
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in FILES}
    return {name: n for name, n in sizes.items() if n > LONGEST_FILE}


def all_long_functions():
    """Return the functions with too many lines, not counting their docstrings.

    A constructor that only sets parameters, as scikit-learn asks for, is a list.
    """
    found = {}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not only_sets_parameters(node):
                first = node.body[0]
                documented = ast.get_docstring(node) is not None
                lines = node.end_lineno - node.lineno + 1
                lines -= documented and first.end_lineno - first.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found[f"{name_of(path)}:{node.name}"] = lines
    return found


def long_files():
    """Return the long files without those that may be longer."""
    return [f"{k}: {n}" for k, n in all_long_files().items() if k not in LONGER]


def long_functions():
    """Return the long functions without those that may be longer."""
    return [f"{k}: {n}" for k, n in all_long_functions().items() if k not in LONGER]


def only_sets_parameters(node):
    """Tell whether a function is a constructor that assigns arguments as they are."""
    return node.name == "__init__" and all(
        isinstance(line, ast.Assign)
        and isinstance(line.value, ast.Name)
        and [ast.unparse(target) for target in line.targets]
        == [f"self.{line.value.id}"]
        for line in node.body
    )


def private_names_of_sklearn():
    """Return the files that import private names of scikit-learn."""
    return [
        name_of(path)
        for path in FILES
        if any(
            module.split(".")[0] == "sklearn" and (name[:1] == "_" or "._" in module)
            for module, name in imported_names(path)
        )
    ]


def lines_that_match(pattern, files=FILES):
    """Return the lines of code that match a pattern."""
    return [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def two_class_rules():
    """Return the lines that distinguish two classes from more."""
    return lines_that_match(
        r"(classes\w*\)|n_classes|labels\.size|shape\[1\]) (== 2|> 2)\b"
    )


def uses_of_private_names():
    """Return the lines that use a private name of another object."""
    outside = [path for path in FILES if "common" not in path.parts]
    return lines_that_match(r"\b(model|control|student|estimator)\._[a-z]\w*", outside)


def public_names_with_two_definitions():
    """Return the classes and constants that more than one file defines."""
    homes = defaultdict(set)
    for path, tree in TREES.items():
        for node in tree.body:
            names = []
            if isinstance(node, ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                targets = [n for t in node.targets for n in ast.walk(t)]
                names = [n.id for n in targets if isinstance(n, ast.Name)]
                names = [n for n in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", n)]
            for name in names:
                homes[name].add(name_of(path))
    return [f"{name}: {sorted(in_)}" for name, in_ in homes.items() if len(in_) > 1]


def fields_without_their_noun():
    """Return the lines of docstrings that open with a clause in place of a noun."""
    openings = (
        "That|By which|For which|Whose|Of what|What|Those|"
        "Of (?:a|the|its|each|all|some|which|so|biases|labels|numbers)"
    )
    return lines_that_match(rf"^\s+(?:{openings}) ")


def pages():
    """Return the pages for users and contributors, by path in the repository."""
    found = [*ROOT.parent.glob("*.md"), *ROOT.parent.glob("docs/**/*.md")]
    return {path.relative_to(ROOT.parent): path.read_text("utf-8") for path in found}


def sentences_without_their_noun():
    """Return the sentences that open with a clause in place of a noun.

    Questions may. All texts of the package count: docstrings, messages and comments.
    """
    opening = re.compile(
        r"(?:^|[.!?:] )(?:What|Where|That|Whose|Which|Of which|Else)\b[^.!?]+(?:[.!]|$)"
    )
    texts = [(name, re.sub(r"(?ms)^```.*?^```", "", t)) for name, t in pages().items()]
    for path, tree in TREES.items():
        constants = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
        texts += [(name_of(path), c) for c in constants if isinstance(c, str)]
        for lines in re.findall(r"(?:^ *#.*\n)+", path.read_text(), re.MULTILINE):
            texts.append((name_of(path), re.sub(r"(?m)^ *# ?", "", lines)))
    return [
        f"{name}: {sentence}"
        for name, text in texts
        for paragraph in re.split(r"\n\s*\n|(?m:^)\s*[-|] ", text)
        for sentence in opening.findall(" ".join(paragraph.split()))
    ]


MEASURES = {
    "files in a circle": files_in_circles,
    "layers": layers,
    "entries at the top level": entries,
    "long files": long_files,
    "long functions": long_functions,
    "files with private names of scikit-learn": private_names_of_sklearn,
    "places of the rule that two classes are one unit": two_class_rules,
    "uses of another object's private names": uses_of_private_names,
    "public names with two definitions": public_names_with_two_definitions,
    "fields that do not open with their noun": fields_without_their_noun,
    "sentences that do not open with their noun": sentences_without_their_noun,
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_kept(name):
    try:
        found = MEASURES[name]()
    except CycleError as error:
        pytest.fail(f"a circle of folders: {error.args[1]}")
    assert len(found) <= LIMITS[name], "\n".join([name, *found])


def test_what_may_be_longer_is():
    assert {*all_long_files(), *all_long_functions()} >= LONGER


def steps_of_the_page():
    """Return function and file of each step of `fit` in docs/architecture.md."""
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \d \| `(\w+)` \| `([\w/.]+)` \|", page, re.MULTILINE)


def test_rows_go_through_fit_as_the_page_says():
    """The calls of the file of `fit` that are handed rows, followed as they happen."""
    X, y = load_iris(return_X_y=True)
    found = []

    def holds_rows(value):
        kinds = ("FitArguments", "CheckedRows", "GivenRows", "DistillationData")
        shape = getattr(value, "shape", ())
        return type(value).__name__ in kinds or shape[:2] == X.shape

    def follow(frame, event, argument):
        caller = frame.f_back.f_code.co_filename if frame.f_back else ""
        path = Path(frame.f_code.co_filename)
        if (
            event == "call"
            and Path(caller) == ROOT / "estimators" / "distillation.py"
            and ROOT in path.parents
            and str(path) != caller
            and any(map(holds_rows, frame.f_locals.values()))
        ):
            found.append((frame.f_code.co_name, name_of(path)))

    model = DistilledClassifier(DecisionTreeClassifier(max_depth=2), max_iter=1)
    sys.setprofile(follow)
    try:
        model.fit(X, y)
    finally:
        sys.setprofile(None)
    assert found == steps_of_the_page()
    # The file of `fit` gets control back between two steps.
    assert len(found) - 1 == 3


def test_the_page_names_files_that_are_there():
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", page))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_tree_of_the_page_names_each_file_once():
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page[page.index("## The tree") : page.index("## The way of X")]
    rows = re.findall(r"^\| (.*?) \|", tree, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([\w/]+\.py)`", row)]
    assert sorted(named) == sorted(
        name_of(path) for path in FILES if path.name != "__init__.py"
    )
