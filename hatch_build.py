"""What the build of a wheel does besides copying: it compiles the catalogues, locale/<language>/LC_MESSAGES/*.po."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLED = Path("undersigned", "bundled")


def compiled(root: Path, folder: Path) -> dict[str, str]:
    """Compile every catalogue under `root`/locale into `folder`.

    Returns where each compiled file lies and where it belongs in the wheel. Raises ValueError, or the error of Babel's
    parser, which is one, for a catalogue that is not well-formed.
    """
    made = {}
    for catalogue in sorted((root / "locale").glob("*/LC_MESSAGES/*.po")):
        target = (folder / catalogue.relative_to(root)).with_suffix(".mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        with catalogue.open("rb") as source, target.open("wb") as destination:
            write_mo(destination, read_po(source, locale=catalogue.parts[-3], abort_invalid=True))
        made[str(target)] = str(BUNDLED / target.relative_to(folder))
    return made


class CustomBuildHook(BuildHookInterface):
    """Called by hatchling; an editable installation reads the checkout, where `compilemessages` is one's own to run."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the compiled catalogues to what goes in."""
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"] |= compiled(Path(self.root), Path(mkdtemp()))
