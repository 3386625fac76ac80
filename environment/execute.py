"""Executes notebooks with nbconvert; called by environment/run.

While a notebook runs: which cell of how many, the run in progress with its loss, time so far and time left. Then
one line a notebook: ok or failed, name, seconds, and for a failure the cell and its error; and what the cells with
the tag "result" show. The executed copy and its HTML are written in either case, so that a failed run can be
looked at.
"""

import argparse
import copy
import os
import pathlib
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

from embed import with_pictures
from screen import Screen, Times, clock, of_display

HERE = pathlib.Path(__file__).resolve().parent


class Executor(ExecutePreprocessor):
    """Tells its run which cell is at work and what it shows."""

    run = None

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code":
            self.run.begin(cell)
        return super().preprocess_cell(cell, resources, index)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.run.shows(msg["content"].get("data", {}))
        return super().process_message(msg, cell, cell_index)


class Run:
    """One execution of one notebook."""

    def __init__(self, path, timeout, times):
        self.path = path
        self.timeout = timeout
        self.times = times
        self.notebook = nbformat.read(path, as_version=4)
        self.started = time.monotonic()
        self.took = None
        self.cell = None
        self.at_work = "starting the kernel"
        self.code_cells = [c for c in self.notebook.cells if c.cell_type == "code"]
        self.begun = []

    def seconds(self):
        return time.monotonic() - self.started

    def seconds_left(self, cell):
        """nbconvert asks this before each cell: the limit is one of the whole notebook."""
        return max(1, self.timeout - self.seconds())

    def begin(self, cell):
        self.cell = cell
        self.begun.append(time.monotonic())
        self.at_work = ""

    def shows(self, data):
        self.at_work = of_display(data) or self.at_work

    def status(self):
        parts = [self.path.stem]
        if self.begun:
            parts.append(f"cell {len(self.begun)} of {len(self.code_cells)}")
        if self.at_work:
            parts.append(self.at_work)
        parts.append(clock(self.seconds()))
        index = max(0, len(self.begun) - 1)
        in_cell = time.monotonic() - (self.begun[-1] if self.begun else self.started)
        left = self.times.left(self.path.stem, index, in_cell)
        if left is not None:
            parts.append(f"about {clock(left)} left")
        return " | ".join(parts)

    def execute(self):
        """Returns None, or what went wrong and where."""
        executor = Executor(
            kernel_name="java",
            timeout_func=self.seconds_left,
            startup_timeout=300,
            record_timing=False,
            shutdown_kernel="graceful",
        )
        executor.run = self
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
        finally:
            self.took = self.seconds()
        ends = self.begun[1:] + [time.monotonic()]
        self.times.remember(self.path.stem, [end - begin for begin, end in zip(self.begun, ends)])
        return None

    def place(self):
        if self.cell is None:
            return "before the first cell"
        number = 1 + next(i for i, c in enumerate(self.notebook.cells) if c is self.cell)
        count = self.cell.get("execution_count")
        return f"cell {number}" + (f" (In [{count}])" if count else "")

    def results(self):
        """The text of what the cells with the tag "result" show."""
        for cell in self.code_cells:
            if "result" in cell.metadata.get("tags", []):
                for output in cell.outputs:
                    text = output.get("text") or output.get("data", {}).get("text/plain", "")
                    if text.strip():
                        yield text.rstrip("\n")

    def to_store(self):
        """The notebook without what its cells with the tag "not-stored" show: pictures of somebody else's set."""
        stored = copy.deepcopy(self.notebook)
        for cell in stored.cells:
            if "not-stored" in cell.metadata.get("tags", []):
                cell.outputs = []
        return stored

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(self.notebook, folder / self.path.name)
        html, _ = HTMLExporter().from_notebook_node(
            with_pictures(self.notebook, self.path.parent), {"metadata": {"name": self.path.stem}}
        )
        (folder / self.path.name).with_suffix(".html").write_text(html, encoding="utf-8")


class Runs:
    """All notebooks of one command, so many at a time; the screen tells of those at work."""

    def __init__(self, screen):
        self.screen = screen
        self.at_work = []
        self.over = threading.Event()

    def show(self):
        while not self.over.wait(0.25):
            working = list(self.at_work)
            if working:
                self.screen.status("  ||  ".join(run.status() for run in working))

    def execute(self, name, arguments, times):
        """Returns the run and None, or what went wrong."""
        run = Run(pathlib.Path(name + ".ipynb"), arguments.timeout, times)
        self.at_work.append(run)
        if not self.screen.terminal:
            self.screen.status(run.status(), at_once=True)
        try:
            problem = run.execute()
        finally:
            self.at_work.remove(run)
        run.write(arguments.out)
        if problem is None and arguments.pictures_as:
            problem = difference(run.notebook, arguments.pictures_as / run.path.name)
        if problem is None and arguments.store:
            nbformat.write(run.to_store(), run.path)
        return run, problem

    def all(self, arguments, times):
        """Runs and problems in the order in which they end."""
        shower = threading.Thread(target=self.show, daemon=True)
        shower.start()
        # the first alone: what it fetches and makes is there for all
        yield self.execute(arguments.notebooks[0], arguments, times)
        if arguments.jobs > 1:
            share_processors(arguments.jobs)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            rest = [pool.submit(self.execute, n, arguments, times) for n in arguments.notebooks[1:]]
            for done in as_completed(rest):
                yield done.result()
        self.over.set()
        shower.join()


def share_processors(jobs):
    """Threads of engines that wait for each other spin: more of them than processors cost many times what they gain."""
    threads = -(-os.cpu_count() // jobs)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    for name in ("IJAVA_JVM_OPTS", "JJAVA_JVM_OPTS"):
        os.environ[name] = f"{os.environ.get(name, '')} -Dai.djl.pytorch.num_threads={threads}".strip()


def first_line(text):
    """The first line, and what it announces."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(text)).strip().splitlines()
    if len(lines) > 1 and lines[0].rstrip().endswith(":"):
        return f"{lines[0].rstrip()} {lines[1].strip()}"
    return lines[0] if lines else ""


def pictures(notebook):
    """How many images and HTML tables a notebook's outputs hold."""
    images = tables = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            images += "image/png" in data
            tables += "".join(data.get("text/html", "")).lstrip().startswith("<table")
    return f"{images} images, {tables} tables"


def difference(notebook, other):
    """None if a notebook shows as many pictures as its other copy, else both counts."""
    if not other.exists():
        return f"nothing to compare with: {other} is not there"
    here, there = pictures(notebook), pictures(nbformat.read(other, as_version=4))
    return None if here == there else f"{here}; on the kit's kernel {there}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--timeout", type=int, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--pictures-as", type=pathlib.Path, help="compare the pictures with copies in this folder")
    parser.add_argument("notebooks", nargs="+")
    arguments = parser.parse_args()

    screen = Screen()
    times = Times(arguments.out / "times.json", HERE / f"times_{arguments.out.name}.json")
    failures = 0
    for run, problem in Runs(screen).all(arguments, times):
        failures += problem is not None
        status = "ok    " if problem is None else "failed"
        line = f"{status}  {run.path.stem:<28} {run.took:8.1f} s"
        screen.line(line if problem is None else f"{line}  {problem}")
        if problem is None:
            for text in run.results():
                screen.line("\n" + text)
    screen.line(f"executed copies: {arguments.out}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
