"""Executes notebooks with nbconvert; called by environment/run.

One line a notebook: ok or failed, name, seconds, and for a failure the cell and its error. The executed copy
and its HTML are written in either case, so that a failed run can be looked at.
"""

import argparse
import pathlib
import re
import sys
import time

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor


class Run:
    """One execution of one notebook."""

    def __init__(self, path, timeout):
        self.path = path
        self.timeout = timeout
        self.notebook = nbformat.read(path, as_version=4)
        self.started = time.monotonic()
        self.cell = None

    def seconds_left(self, cell):
        """nbconvert asks this before each cell: the limit is one of the whole notebook."""
        self.cell = cell
        return max(1, self.timeout - (time.monotonic() - self.started))

    def execute(self):
        """Returns None, or what went wrong and where."""
        executor = ExecutePreprocessor(
            kernel_name="java",
            timeout_func=self.seconds_left,
            startup_timeout=300,
            record_timing=False,
            shutdown_kernel="graceful",
        )
        try:
            executor.preprocess(self.notebook, {"metadata": {"path": str(self.path.parent)}})
        except CellExecutionError as error:
            return f"{self.place()}: {error.ename}: {first_line(error.evalue)}"
        except CellTimeoutError:
            return f"{self.place()}: the notebook took longer than {self.timeout} s"
        except DeadKernelError:
            return f"{self.place()}: the kernel died"
        except RuntimeError as error:
            return f"{self.place()}: {first_line(error)}"
        return None

    def place(self):
        if self.cell is None:
            return "before the first cell"
        number = 1 + next(i for i, c in enumerate(self.notebook.cells) if c is self.cell)
        count = self.cell.get("execution_count")
        return f"cell {number}" + (f" (In [{count}])" if count else "")

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(self.notebook, folder / self.path.name)
        html, _ = HTMLExporter().from_notebook_node(
            self.notebook, {"metadata": {"name": self.path.stem}}
        )
        (folder / self.path.name).with_suffix(".html").write_text(html, encoding="utf-8")


def first_line(text):
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(text)).strip().splitlines()
    return lines[0] if lines else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--timeout", type=int, required=True)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("notebooks", nargs="+")
    arguments = parser.parse_args()

    failures = 0
    for name in arguments.notebooks:
        run = Run(pathlib.Path(name + ".ipynb"), arguments.timeout)
        problem = run.execute()
        seconds = time.monotonic() - run.started
        run.write(arguments.out)
        if problem is None and arguments.store:
            nbformat.write(run.notebook, run.path)
        failures += problem is not None
        status = "ok    " if problem is None else "failed"
        line = f"{status}  {run.path.stem:<28} {seconds:8.1f} s"
        print(line if problem is None else f"{line}  {problem}", flush=True)
    print(f"executed copies: {arguments.out}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
