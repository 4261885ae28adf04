"""Checks module directories against Python's.

    check.py compare OURS REFERENCE [name ...]       every file of OURS/<name> equals that of REFERENCE/<name>
    check.py compare_pairs OURS REFERENCE            the same for every directory in REFERENCE, in the table or not
    check.py fixtures FIXTURES REFERENCE [name ...]  the golden files are what the reference exports now
    check.py use OURS REFERENCE RESULTS [name ...]   hub.Module runs, trains and exports OURS/<name> like Python's own;
                                                     TensorFlow 1.15 writes the outputs to RESULTS, later ones read them
    check.py hub_load OURS RESULTS [name ...]        hub.load gives the outputs in RESULTS

Instead of names, 0/2 stands for the first of two halves of the table.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import canonical
import difference
import directories
import modules
import packed
from report import Report


def compare(report, ours, reference, names):
    for case in modules.select(names):
        pair = os.path.join(ours, case.name), os.path.join(reference, case.name)
        report.check("%s compare" % case.name, directories.directory_differences, *pair)
    if not names:
        report.check("table compare", _table_differences, ours)
        _print_sizes(ours)


def _print_sizes(ours):
    """Prints how many nodes the graphs of the modules have, those of all cases and those of the rows of tables."""
    for label, is_counted in (("modules", lambda case: True), ("modules of tables", lambda case: case.subject)):
        counts = []
        for case in modules.table().values():
            directory = os.path.join(ours, case.name)
            if is_counted(case) and os.path.isdir(directory):
                counts += [len(meta_graph.graph_def.node) for meta_graph in canonical.read(directory).meta_graphs]
        if counts:
            sizes = len(counts), sum(counts) / len(counts), sorted(counts)[len(counts) // 2]
            print("nodes of %s: %d graphs, mean %.1f, median %d" % ((label,) + sizes))


def _table_differences(ours):
    extra = sorted(set(os.listdir(ours)) - set(modules.table()))
    return ["%s is exported but not in the table" % name for name in extra]


def compare_pairs(report, ours, reference):
    for name in sorted(os.listdir(reference)):
        pair = os.path.join(ours, name), os.path.join(reference, name)
        report.check("%s compare" % name, directories.directory_differences, *pair)


def fixtures(report, fixtures_directory, reference, names):
    golden = os.path.join(fixtures_directory, "golden")
    packs = os.path.join(fixtures_directory, "tables")
    rows = {}
    for name in sorted(os.listdir(packs)):
        rows.update(packed.read(os.path.join(packs, name)))
    for case in modules.select(names):
        found = rows.get(case.name, {}) if case.subject else _files(os.path.join(golden, case.name))
        report.check("%s fixture" % case.name, _fixture_differences, found, os.path.join(reference, case.name))
    if not names:
        table = modules.table()
        extra = set(os.listdir(golden)) - {name for name, case in table.items() if case.subject is None}
        extra |= set(rows) - {name for name, case in table.items() if case.subject}
        report.record("table fixture", ["%s is not in the table" % name for name in sorted(extra)])


def _files(directory):
    return {name: directories.read(os.path.join(directory, name)) for name in os.listdir(directory)}


def _fixture_differences(found, exported):
    import reference

    expected = reference.golden_files(exported)
    differences = ["%s: missing" % name for name in sorted(set(expected) - set(found))]
    differences += ["%s: not expected" % name for name in sorted(set(found) - set(expected))]
    for name in sorted(set(expected) & set(found)):
        if found[name] == expected[name]:
            continue
        differences.append("%s: %s" % (name, difference.first_difference(found[name], expected[name])))
        if name == "saved_model.pb":
            messages = canonical.parse(found[name]), canonical.parse(expected[name])
            differences += difference.saved_model_differences(*messages)
    return differences


def use(report, ours, reference, results, names):
    import using

    using.use(report, ours, reference, results, modules.select(names))


def hub_load(report, ours, results, names):
    import loading

    loading.hub_load(report, ours, results, modules.select(names))


# command: (function, number of directories, whether names may follow)
COMMANDS = {
    "compare": (compare, 2, True),
    "compare_pairs": (compare_pairs, 2, False),
    "fixtures": (fixtures, 2, True),
    "use": (use, 3, True),
    "hub_load": (hub_load, 2, True),
}


def main(arguments):
    function, count, named = COMMANDS.get(arguments[0] if arguments else "", (None, 0, False))
    if function is None or len(arguments) < 1 + count or (len(arguments) > 1 + count and not named):
        sys.exit(__doc__)
    report = Report()
    rest = [arguments[1 + count :]] if named else []
    function(report, *(arguments[1 : 1 + count] + rest))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
