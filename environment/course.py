"""The course's sheet, slides and exercises; called by environment/course.

The exercises in notebooks/course/exercises are a lecturer's versions in nbgrader's convention. Here they become a
course folder that nbgrader works in: one assignment a unit.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from embed import with_pictures

HERE = pathlib.Path(__file__).resolve().parent
COURSE = HERE.parent / "notebooks" / "course"
OUT = HERE / "out" / "course"

UNITS = {
    "unit1": ["00_quickstart", "01_equivalent_gradient"],
    "unit2": ["02_sylvester_equation", "03_choice_of_x"],
    "unit3": ["04_altlora"],
    "unit4": ["05_what_a_step_costs", "10_glue_table", "11_rank_ablation", "12_stability_ablation"],
}

# Java has no default in nbgrader that fails when it is run.
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "lowrank"
c.ClearSolutions.code_stub = {"java": 'throw new UnsupportedOperationException("your answer");'}
c.Execute.timeout = 300
c.Execute.startup_timeout = 300
c.ExportApp.log_level = 30
"""


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    OUT.mkdir(parents=True, exist_ok=True)
    if command == "nbgrader":
        sys.exit(subprocess.run(["nbgrader", *arguments], cwd=OUT).returncode)
    sys.exit({"pdf": pdf, "slides": slides, "release": release, "check": check}[command](*arguments))


def pdf():
    import pypandoc
    import typst

    page = OUT / "page.yaml"
    page.write_text("papersize: a4\nfontsize: 9.5pt\nmargin: {x: 15mm, y: 13mm}\n")
    sheet, text = OUT / "derivations.pdf", OUT / "derivations.typ"
    pypandoc.convert_file(
        str(COURSE / "derivations.md"),
        "typst",
        format="gfm+tex_math_dollars",
        outputfile=str(text),
        extra_args=["--standalone", "--shift-heading-level-by=-1", "--metadata-file", str(page)],
    )
    pages = typst.compile(str(text), format="png", ppi=20.0)
    pages = len(pages) if isinstance(pages, list) else 1
    sheet.write_bytes(typst.compile(str(text)))
    print(f"{sheet}: {pages} pages")
    return 0 if pages == 2 else fail("the sheet is meant to have two pages")


def slides():
    import nbformat
    from nbconvert.exporters import SlidesExporter

    folder = OUT / "slides"
    folder.mkdir(exist_ok=True)
    for deck in sorted((COURSE / "slides").glob("*.ipynb")):
        notebook = with_pictures(nbformat.read(deck, as_version=4), deck.parent)
        page, _ = SlidesExporter(reveal_scroll=True).from_notebook_node(notebook, {"metadata": {"name": deck.stem}})
        (folder / f"{deck.stem}.slides.html").write_text(page, encoding="utf-8")
        print(folder / f"{deck.stem}.slides.html")
    return 0


def release(*names):
    """Student notebooks of all units, and a new grade book."""
    for part in ("source", "release", "submitted", "autograded"):
        shutil.rmtree(OUT / part, ignore_errors=True)
    (OUT / "gradebook.db").unlink(missing_ok=True)
    (OUT / "nbgrader_config.py").write_text(CONFIG)
    for unit, notebooks in UNITS.items():
        wanted = [name for name in notebooks if not names or name in names]
        if not wanted:
            continue
        folder = OUT / "source" / unit
        folder.mkdir(parents=True)
        for name in wanted:
            shutil.copy(COURSE / "exercises" / f"{name}.ipynb", folder)
        nbgrader("generate_assignment", unit)
        print(f"{OUT / 'release' / unit}: {', '.join(wanted)}", flush=True)
    return 0


def check(*names):
    """Grades what is known, cell by cell."""
    unknown = set(names) - {name for notebooks in UNITS.values() for name in notebooks}
    if unknown:
        return fail(f"no such notebook: {', '.join(sorted(unknown))}")
    release(*names)
    mistakes = json.loads((COURSE / "exercises" / "mistakes.json").read_text())
    students = ["solutions", "empty", *mistakes]
    for unit in sorted(p.name for p in (OUT / "release").iterdir()):
        for student in students:
            submit(unit, student, mistakes.get(student, {}))
        nbgrader("autograde", unit)
    return compare(students, mistakes)


def submit(unit, student, mistakes):
    """What a student hands in: the released notebooks with every answer right but for some mistakes, or empty."""
    folder = OUT / "submitted" / student / unit
    for released in sorted((OUT / "release" / unit).glob("*.ipynb")):
        source = json.loads((OUT / "source" / unit / released.name).read_text())
        answers = {c["metadata"].get("nbgrader", {}).get("grade_id"): c["source"] for c in source["cells"]}
        wrong = mistakes.get(released.stem, {})
        if student not in ("solutions", "empty") and not wrong:
            continue
        notebook = json.loads(released.read_text())
        for cell in notebook["cells"]:
            grading = cell["metadata"].get("nbgrader", {})
            if grading.get("solution") and student != "empty":
                cell["source"] = "".join(answers[grading["grade_id"]])
                if grading["grade_id"] in wrong:
                    right, mistake = wrong[grading["grade_id"]]["instead of"], wrong[grading["grade_id"]]["writes"]
                    assert right in cell["source"], f"{released.stem}: the solution does not contain {right}"
                    cell["source"] = cell["source"].replace(right, mistake)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / released.name).write_text(json.dumps(notebook))


def compare(students, mistakes):
    from nbgrader.api import Gradebook

    surprises = []
    with Gradebook(f"sqlite:///{OUT / 'gradebook.db'}") as book:
        for student in students:
            for submission in book.student_submissions(student):
                for notebook in submission.notebooks:
                    if not notebook.grades or (student in mistakes and notebook.name not in mistakes[student]):
                        continue
                    lost = {c for m in mistakes.get(student, {}).get(notebook.name, {}).values() for c in m["loses"]}
                    for grade in notebook.grades:
                        none = student == "empty" or grade.cell.name in lost
                        expected = 0 if none else grade.cell.max_score
                        if grade.score != expected:
                            surprises.append(f"{student}, {notebook.name}, {grade.cell.name}: {grade.score}, not {expected}")
                    print(f"{notebook.name:<28} {student:<12} {notebook.score:4.0f} of {notebook.max_score:.0f} points")
    return fail("\n".join(surprises)) if surprises else 0


def nbgrader(*arguments):
    """Runs quietly; what it said is shown if it fails."""
    done = subprocess.run(["nbgrader", *arguments, "--force"], cwd=OUT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(fail(done.stdout + done.stderr))


def fail(message):
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
