"""The house keeps its plan: layers, circles, sizes, one home for each name.

Sources are read, and nothing of the package is run. Each limit is today's figure, and
may only fall.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "skdistill"
FILES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

LIMITS = {
    "files in a circle": 0,
    "layers": 7,
    "entries at the top level": 17,
    "long files": 2,
    "long functions": 9,
    "files with private names of scikit-learn": 1,
    "places of the rule that two classes are one unit": 1,
    "uses of another object's private names": 0,
    "public names with two definitions": 0,
    "fields that do not open with their noun": 3,
}

LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def name_of(path):
    """Return where a file stands in the package."""
    return str(path.relative_to(ROOT))


def module_of(path):
    """Return the name by which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(["skdistill", *parts]).removesuffix(".__init__")


BY_MODULE = {module_of(path): path for path in FILES}


def statements(tree):
    """Yield all nodes but those that only a type checker reads."""
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
    """Return the files from which imports lead back to themselves."""

    def reached(path):
        seen, left = set(), [path]
        while left:
            new = imported_files(left.pop()) - seen
            seen |= new
            left += new
        return seen

    return [name_of(path) for path in FILES if path in reached(path)]


def layers():
    """Return the longest way of imports among folders and modules at the top level."""
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


def long_files():
    """Return the files of too many lines."""
    sizes = {path: len(path.read_text().splitlines()) for path in FILES}
    return [f"{name_of(p)}: {n}" for p, n in sizes.items() if n > LONGEST_FILE]


def long_functions():
    """Return the functions of too many lines of code, their docstring left out."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                first = node.body[0]
                documented = ast.get_docstring(node) is not None
                lines = node.end_lineno - node.lineno + 1
                lines -= documented and first.end_lineno - first.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found.append(f"{name_of(path)}:{node.name}: {lines}")
    return found


def private_names_of_sklearn():
    """Return the files that import what scikit-learn does not document."""
    return [
        name_of(path)
        for path in FILES
        if any(
            module.split(".")[0] == "sklearn" and (name[:1] == "_" or "._" in module)
            for module, name in imported_names(path)
        )
    ]


def lines_that_match(pattern, files=FILES):
    """Return the lines of code that a pattern is found in."""
    return [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def two_class_rules():
    """Return the places that tell two classes from more."""
    return lines_that_match(
        r"(classes\w*\)|n_classes|labels\.size|shape\[1\]) (== 2|> 2)\b"
    )


def uses_of_private_names():
    """Return the places that use a private name of another object."""
    outside = [path for path in FILES if "common" not in path.parts]
    return lines_that_match(r"\b(model|control|student|estimator)\._[a-z]\w*", outside)


def public_names_with_two_definitions():
    """Return classes and constants that two files define."""
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
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_kept(name):
    try:
        found = MEASURES[name]()
    except CycleError as error:
        pytest.fail(f"a circle of folders: {error.args[1]}")
    assert len(found) <= LIMITS[name], "\n".join([name, *found])
