"""The samples of Stanford Cars and of SVHN: pictures of one colour a class, and lists in MATLAB's format by SciPy.

    python samples.py          # Pillow 13.0, SciPy 1.17, numpy 2.4
"""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

here = Path(__file__).parent
colours = [(200, 40, 40), (40, 180, 60), (50, 70, 210)]
names = ["Boxy Van 2001", "Flat Coupe 2003", "Round Microcar 1957"]


def annotations(labels, folder):
    """The structures of Cars: corners of a box, a class from 1, and the name of a file."""
    fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname"]
    array = np.empty((1, len(labels)), dtype=[(field, object) for field in fields])
    for i, label in enumerate(labels):
        name = f"{i + 1:05d}.jpg"
        (here / "cars" / folder).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (24, 16), colours[label]).save(here / "cars" / folder / name, quality=90)
        box = [np.uint16(value) for value in (2, 3, 22, 14)]
        array[0, i] = (*box, np.uint8(label + 1), name)
    return {"annotations": array}


train = annotations([0, 1, 2] * 4, "cars_train")
test = annotations([2, 0, 1, 1, 2, 0], "cars_test")
notes = here / "cars" / "devkit"
notes.mkdir(parents=True, exist_ok=True)
cells = np.empty((1, len(names)), dtype=object)
cells[0, :] = names
savemat(notes / "cars_meta.mat", {"class_names": cells}, do_compression=True)
savemat(notes / "cars_train_annos.mat", train, do_compression=True)
savemat(here / "cars" / "cars_test_annos_withlabels.mat", test)

(here / "svhn").mkdir(exist_ok=True)
for split, labels in {"train": [0, 1, 2, 0, 1, 2, 0, 1, 2], "test": [2, 0, 1]}.items():
    x = np.stack([np.broadcast_to(np.uint8(colours[label]), (32, 32, 3)) for label in labels], axis=-1)
    y = np.array([[label or 10] for label in labels], dtype=np.uint8)
    savemat(here / "svhn" / f"{split}_32x32.mat", {"X": x, "y": y}, do_compression=True)
