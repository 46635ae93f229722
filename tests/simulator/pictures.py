"""Pictures drawn at run time: a porch, a visitor, and the text that tells one from another."""

from functools import cache
import hashlib
from io import BytesIO
import time

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
SKINS = ("#f1c7a3", "#d9a27a", "#a86f4a", "#7a4b30", "#f6d7bd")
COATS = ("#b33939", "#227093", "#218c74", "#84817a", "#cc8e35", "#6d4c9f", "#2c3e50")
HAIRS = ("#2b1b12", "#5b3a1e", "#8d6a3f", "#c9c2b8", "#111111")
WALLS = ("#8fa3ad", "#b08d6f", "#9aa88a", "#a39a8c", "#8c8fa8")

type Box = tuple[float, float, float, float]


def draw(device_name: str, event_id: str, at: float, caption: str) -> bytes:
    """Return a JPEG of somebody at a door; every event id makes another visitor.

    ``at`` is Unix seconds; it is shown in UTC together with the names, so that a person
    recognises the event by looking.
    """
    seed = hashlib.sha256(event_id.encode()).digest()
    image = Image.new("RGB", SIZE, _pick(WALLS, seed[0]))
    canvas = ImageDraw.Draw(image)
    _porch(canvas, seed)
    _visitor(canvas, seed)
    moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
    _captions(canvas, device_name, f"{caption}  {moment}", event_id)
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _porch(canvas: ImageDraw.ImageDraw, seed: bytes) -> None:
    for row in range(48, 380, 24):
        shift = 20 if row // 24 % 2 else 0
        for left in range(-40 + shift, SIZE[0], 40):
            canvas.rectangle((left, row, left + 40, row + 24), outline="#00000028")
    canvas.rectangle((60, 80, 240, 380), fill="#5a4632", outline="#3a2c1e", width=4)
    canvas.rectangle((90, 110, 210, 210), fill="#cfe8f3", outline="#3a2c1e", width=3)
    canvas.ellipse((216, 230, 230, 244), fill="#d4af37")
    canvas.rectangle((0, 380, *SIZE), fill="#7d7468")
    lamp = 520 + seed[1] % 60
    canvas.polygon(((lamp, 70), (lamp - 22, 110), (lamp + 22, 110)), fill="#f7e08a")


def _visitor(canvas: ImageDraw.ImageDraw, seed: bytes) -> None:
    x, top = 340 + seed[2] % 90, 150 + seed[3] % 40
    skin, hair = _pick(SKINS, seed[4]), _pick(HAIRS, seed[5])
    canvas.rounded_rectangle((x - 75, top + 130, x + 75, 430), 30, fill=_pick(COATS, seed[6]))
    canvas.rectangle((x - 18, top + 105, x + 18, top + 140), fill=skin)
    canvas.ellipse((x - 58, top - 18, x + 58, top + 70), fill=hair)
    canvas.ellipse((x - 52, top, x + 52, top + 122), fill=skin)
    for eye in (x - 20, x + 20):
        canvas.ellipse((eye - 5, top + 46, eye + 5, top + 58), fill="#1d1d1d")
    if seed[7] % 2:
        for eye in (x - 20, x + 20):
            canvas.ellipse((eye - 14, top + 38, eye + 14, top + 66), outline="#222222", width=3)
    smile: Box = (x - 22, top + 68, x + 22, top + 98)
    canvas.arc(smile, 10, 170, fill="#7a2e2e", width=4)
    if seed[8] % 3 == 0:
        canvas.rectangle((x - 60, top - 14, x + 60, top + 12), fill=_pick(COATS, seed[9]))


def _captions(canvas: ImageDraw.ImageDraw, title: str, line: str, event_id: str) -> None:
    canvas.rectangle((0, 0, SIZE[0], 44), fill="#101418")
    canvas.text((12, 8), _latin(title), fill="white", font=_font(24))
    canvas.rectangle((0, 424, *SIZE), fill="#101418")
    canvas.text((12, 428), _latin(line), fill="white", font=_font(20))
    canvas.text((12, 454), event_id, fill="#9fb4c0", font=_font(16))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _latin(text: str) -> str:
    """Replace what the built-in font cannot draw."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _pick(colours: tuple[str, ...], number: int) -> str:
    return colours[number % len(colours)]
