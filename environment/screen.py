"""What environment/run shows while notebooks run: one line that is redrawn on a terminal, plain lines in a log."""

import html
import json
import re
import shutil
import sys
import threading
import time

LOG_SECONDS = 20
TERMINAL_SECONDS = 0.2


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def of_display(data):
    """The line of a run in progress, out of the block that the notebook shows for it; None for other displays."""
    block = data.get("text/html", "")
    found = re.match(r"<div[^>]*><b>(.*?)</b>(.*?)<div", block, re.DOTALL)
    if not found:
        return None
    title, line = (html.unescape(re.sub("<[^>]*>", "", part)).strip() for part in found.groups())
    words = [w for w in line.split(" · ") if not w.endswith("tokens/s") and not w.startswith("rate ")]
    return f"{title}: {' · '.join(words)}"


class Times:
    """Seconds that the cells of each notebook took the last time, by profile; what is left is told by them."""

    def __init__(self, own, shipped):
        self.own = own
        self.lock = threading.Lock()
        self.known = {}
        for file in (shipped, own):
            if file.exists():
                self.known.update(json.loads(file.read_text(encoding="utf-8")))

    def left(self, notebook, index, in_cell):
        cells = self.known.get(notebook)
        if not cells or index >= len(cells):
            return None
        return max(0, cells[index] - in_cell) + sum(cells[index + 1 :])

    def remember(self, notebook, cells):
        with self.lock:
            self.known[notebook] = [round(seconds, 1) for seconds in cells]
            self.own.parent.mkdir(parents=True, exist_ok=True)
            lines = (f'  "{name}": {json.dumps(times)}' for name, times in sorted(self.known.items()))
            self.own.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


class Screen:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.terminal = out.isatty()
        self.drawn = 0.0
        self.width = 0
        self.last = ""

    def status(self, text, at_once=False):
        """Shows where things stand; not more often than a reader can follow."""
        now = time.monotonic()
        if self.terminal:
            if at_once or now - self.drawn >= TERMINAL_SECONDS:
                columns = shutil.get_terminal_size().columns - 1
                shown = text if len(text) <= columns else text[: columns - 1] + "…"
                self.out.write("\r" + shown + " " * (self.width - len(shown)))
                self.out.flush()
                self.width = len(shown)
                self.drawn = now
        elif (at_once or now - self.drawn >= LOG_SECONDS) and text != self.last:
            print("        " + text, file=self.out, flush=True)
            self.drawn = now
            self.last = text

    def line(self, text):
        """A line that stays."""
        if self.terminal:
            self.out.write("\r" + " " * self.width + "\r")
            self.width = 0
        print(text, file=self.out, flush=True)
