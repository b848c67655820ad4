"""`python -m tools.build_h5p`: our own content types and the course's activities as `.h5p` files, in var/h5p-packages/.

To look at, to play elsewhere, and to open in any H5P editor as the beginning of one's own. Loading the course makes
the same bytes itself and does not read them.
"""

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "h5p-packages"


def build(folder: Path = FOLDER) -> list[Path]:
    """Writes each activity that has changed and removes those that are gone. Raises ValueError for a package that our
    own intake would refuse: set-up stops there, and not a reader's page. Needs Django set up."""
    from content.h5p.package import read_package
    from courses.pages.source import SOURCE
    from courses.pages.source_activities import read_activities

    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for one in read_activities(SOURCE).values():
        path, data = folder / f"{one.name}.h5p", one.package()
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
        reasons = read_package(path).reasons
        if reasons:
            raise ValueError(f"{path.name}: {reasons[0].message}")
        made.append(path)
    for older in set(folder.glob("*.h5p")) - set(made):
        older.unlink()
    return made


def main() -> int:
    """Build them all, and say where they are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.demo")
    django.setup()
    made = build()
    print(f"{len(made)} activities in {made[0].parent.relative_to(ROOT) if made else FOLDER.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
