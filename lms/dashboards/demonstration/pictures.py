"""Files for the demonstration, drawn here so that no photograph of anybody is needed."""

import zipfile
from html import escape
from io import BytesIO

import pikepdf
from PIL import Image, ImageDraw, ImageFont

PAPERS = ["#fff7e0", "#e6f3ef", "#fde7df", "#e9ecfa", "#f4e9f7", "#eef5df"]
BOARDS = {
    "board.png": ("Everybody learns. Some of us need a different way.", [
        ("Talking and joining in", "Get down to my level.\nWait for me.\nUse one picture."),
        ("Thinking and learning", "Show me again.\nOne step at a time.\nSame words, same order."),
        ("Feelings", "Tell me what stays\nthe same.\nA quiet corner is not\na punishment."),
        ("Seeing, hearing, moving", "Face me in the light.\nTurn the noise down.\nGive me time\non the stairs."),
    ]),
    "map.png": ("Help near us. Ask us, we will ring with you.", [
        ("Talking", "Speech and language\ndrop-in: Tuesdays"),
        ("Hearing and sight", "Sensory service:\nask at the desk"),
        ("Health", "Health visitors:\nclinic on Mondays"),
        ("Advice", "Independent advice:\nfree, private"),
        ("Parents together", "Stay and play,\nfirst Saturday"),
        ("Childcare", "Holiday clubs with\none-to-one places"),
    ]),
}  # fmt: skip
PAGES = {
    "plan.pdf": ("Support plan (names removed)", [
        "Child A, 3 years 2 months. Plan 2. Written with the parents. Review in six weeks.", "",
        "What Child A enjoys: water, diggers, being outside, one friend in particular.",
        "What the family would like: to come to the table without tears.",
        "What Child A showed us: turned the carpet picture over, kept the water tray.", "",
        "Outcome 1: sits at snack with two friends for five minutes, four days in five.",
        "  How: a now-and-next board; own cup; second sitting.  Who: key person, daily.",
        "  At home: same board on the fridge at tea time.", "",
        "Outcome 2: asks for help with a sign or a word instead of pulling.",
        "  How: wait five seconds, sign 'help' ourselves.  Who: everybody in the room.", "",
        "Review: outcome 1 three days in five, on the way. Outcome 2 met.",
        "Changes: keep the board; stop the second sitting; add a choice of two snacks.",
        "What did we stop doing? The sticker chart.",
    ]),
    "month.pdf": ("First month: your part in supporting children with SEN", [
        "Before you start   One-page approach. Children with plans: names and one line each.",
        "Day one            Watch. Write down three things that you wonder about.",
        "Week one           Half an hour with the SENCO: everybody's duty, and how we go round",
        "                   assess, plan, do, review.",
        "Week two           Join a talk with a parent. Practise your opening sentence.",
        "Week three         Two short observations of one child. We read them together.",
        "Week four          Agree one outcome with a parent and with the child.",
        "End of month       What did you need to know sooner?", "",
        "Who to ask         Your room leader first, then the SENCO, on any day.",
    ]),
}  # fmt: skip


LETTERS = {
    "role.docx": ("For our staff handbook: what the SENCO does here", [
        ("What you can ask me", [
            "A child worries you and you cannot say why: come the same day, before you have proof.",
            "A parent asks what we have noticed: we talk with them together, the first time at least.",
            "A plan does not help: we change the plan, not the child.",
        ]),
        ("What I do not do", [
            "I do not decide alone. The parents and the key person are part of every step.",
            "I do not keep a child’s support to myself: every adult in the room knows the plan.",
        ]),
        ("When you find me", ["Tuesdays and Thursdays from one to three, in the quiet room. At other times: ask."]),
    ]),
}  # fmt: skip
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def draw(name: str) -> bytes:
    """The bytes of a picture, page or Word document by its file name."""
    if name in LETTERS:
        return _letter(*LETTERS[name])
    return _board(*BOARDS[name]) if name in BOARDS else _page(*PAGES[name])


def _letter(title: str, parts: list[tuple[str, list[str]]]) -> bytes:
    """A Word document with a title, headings and paragraphs."""
    lines = [("Title", title)]
    for heading, paragraphs in parts:
        lines += [("Heading1", heading), *(("", words) for words in paragraphs)]
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{escape(words)}</w:t></w:r></w:p>'
        for style, words in lines
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("Title", "Title"), ("Heading1", "Heading 1"))
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{DOCUMENT}" '
        'Target="word/document.xml"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def _board(title: str, papers: list[tuple[str, str]]) -> bytes:
    """A display board: cork, coloured papers, drawing pins."""
    columns = 2 if len(papers) == 4 else 3
    image = Image.new("RGB", (1000, 720), "#b98b5a")
    pen = ImageDraw.Draw(image)
    for step in range(0, 1000 * 720, 977):  # the grain of the cork
        x, y = step % 1000, step // 1000
        pen.ellipse((x, y, x + 3, y + 2), fill="#a97a49")
    pen.rectangle((0, 0, 999, 719), outline="#6d4a2a", width=16)
    pen.rectangle((60, 40, 940, 120), fill="#ffffff")
    pen.text((500, 80), title, fill="#123f44", font=ImageFont.load_default(32), anchor="mm")
    width, height = 860 // columns, 270
    for number, (heading, words) in enumerate(papers):
        x, y = 70 + number % columns * width, 150 + number // columns * (height + 10)
        lean = 6 if number % 2 else -4
        pen.polygon(
            [(x, y), (x + width - 30, y + lean), (x + width - 30, y + height - 20), (x, y + height - 20 - lean)],
            fill=PAPERS[number % len(PAPERS)],
        )
        pen.ellipse((x + width // 2 - 22, y + 4, x + width // 2 - 8, y + 18), fill="#c2410c")
        pen.text((x + 18, y + 40), heading, fill="#123f44", font=ImageFont.load_default(26))
        pen.multiline_text((x + 18, y + 88), words, fill="#333333", font=ImageFont.load_default(22), spacing=8)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _page(title: str, lines: list[str]) -> bytes:
    """One A4 page of plain text."""
    words = [f"BT /Title 18 Tf 56 780 Td ({_escaped(title)}) Tj ET"]
    words += [
        f"BT /Body 9 Tf 56 {740 - 18 * row} Td ({_escaped(line)}) Tj ET" for row, line in enumerate(lines) if line
    ]
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        fonts = {"/Title": "/Helvetica-Bold", "/Body": "/Courier"}
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary({
                name: document.make_indirect(pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name(base)))
                for name, base in fonts.items()
            })
        )  # fmt: skip
        page.Contents = document.make_stream("\n".join(words).encode("latin-1"))
        document.docinfo["/Title"] = title
        out = BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
