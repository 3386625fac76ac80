"""Puts the pictures that a notebook's text links to into the text, for HTML that is read elsewhere."""

import base64
import copy
import html
import mimetypes
import re

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^():\s]+)\)")


def with_pictures(notebook, folder):
    """A copy of a notebook that lies in a folder."""

    def embedded(match):
        file = folder / match.group(2)
        kind = mimetypes.guess_type(file.name)[0]
        data = base64.b64encode(file.read_bytes()).decode()
        return f'<img alt="{html.escape(match.group(1))}" src="data:{kind};base64,{data}">'

    result = copy.deepcopy(notebook)
    for cell in result.cells:
        if cell.cell_type == "markdown":
            cell.source = PICTURE.sub(embedded, cell.source)
    return result
