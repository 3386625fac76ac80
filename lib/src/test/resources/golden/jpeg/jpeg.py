"""JPEG files of drawn shapes, and as PNG what PIL decodes each to, for JpegGoldenTest.

    python jpeg.py FOLDER      # Pillow 13.0, numpy 2.4, simplejpeg 1.9
"""

import sys
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageCms, features

folder = Path(sys.argv[1])
rng = np.random.default_rng(29)


def drawn(width, height):
    """Slow colours, hard edges, a disc, fine stripes and noise: what the steps of a decoder differ in."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) * 5 % 256], axis=-1)
    picture[height // 3 : height // 2, width // 4 :] = (230, 20, 30)
    picture[(x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 4) ** 2] = (10, 60, 240)
    picture[: height // 4, : width // 3][(x + y)[: height // 4, : width // 3] % 2 == 0] = (250, 250, 10)
    picture[-height // 4 :] = rng.integers(0, 256, picture[-height // 4 :].shape)
    return Image.fromarray(picture.astype(np.uint8), "RGB")


def decoded(name):
    with Image.open(folder / f"{name}.jpg") as again:
        again.convert("RGB").save(folder / f"{name}.png", "PNG", optimize=True, icc_profile=None, exif=b"")


def save(name, picture, **options):
    picture.save(folder / f"{name}.jpg", "JPEG", **options)
    decoded(name)


picture = drawn(61, 47)
save("420", picture, quality=75, subsampling="4:2:0")
save("422", picture, quality=85, subsampling="4:2:2")
save("444", picture, quality=95, subsampling="4:4:4")
save("coarse", picture, quality=10, optimize=True)
save("progressive", picture, quality=75, progressive=True)
save("restarts", picture, quality=75, restart_marker_blocks=3)
save("grey", picture.convert("L"), quality=75)
save("rgb", picture, quality=75, keep_rgb=True)
save("small", drawn(5, 3), quality=75)

# what PIL's convert leaves alone: a profile (red and blue exchanged, so that it would be seen), the turn of a camera
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
assert profile.count(b"rXYZ") == profile.count(b"bXYZ") == 1
profile = profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
save("profile", picture, quality=75, icc_profile=profile)
exif = Image.Exif()
exif[0x0112] = 6
save("turned", picture, quality=75, exif=exif)

# halved from top to bottom only, as 4:2:2 becomes where a photograph is turned without decoding it
for name in ("440", "411"):
    pixels = np.ascontiguousarray(np.asarray(picture))
    (folder / f"{name}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, 85, "RGB", name))
    decoded(name)
# no segment says what the channels are, and their numbers are not those of JFIF, 1 to 3
whole = (folder / "444.jpg").read_bytes()
assert whole[2:4] == b"\xff\xe0"
bare = bytearray(whole[:2] + whole[4 + int.from_bytes(whole[4:6], "big") :])
frame, scan = bare.index(b"\xff\xc0"), bare.index(b"\xff\xda")
for i in range(3):
    assert bare[frame + 10 + 3 * i] == bare[scan + 5 + 2 * i] == i + 1
    bare[frame + 10 + 3 * i] = bare[scan + 5 + 2 * i] = i
(folder / "unnamed.jpg").write_bytes(bare)
decoded("unnamed")
print(Image.__version__, "libjpeg-turbo", features.version("libjpeg_turbo"))
