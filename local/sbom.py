"""Write what is inside a production site as a bill of materials, from its lock: `make sbom`.

CycloneDX (ECMA-424) in JSON: each package with its version, its hashes and its address as a package (purl). The
`cyclonedx-py` of the development lock reads the lock; what it cannot know, our own version and which packages we ask
for ourselves, is added here, and the whole is proved against the schema before it is written.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from local.environment import ROOT

LOCK = ROOT / "requirements" / "base.txt"
ASKED_FOR = ROOT / "requirements" / "base.in"
FILE = ROOT / "var" / "sbom.json"


def version() -> str:
    """The program's own version, as undersigned/__init__.py says it."""
    (found,) = re.findall(r'^__version__ = "(.+)"$', (ROOT / "undersigned" / "__init__.py").read_text(), re.MULTILINE)
    return found


def direct() -> set[str]:
    """The names of the packages that we ask for ourselves."""
    return {name.lower() for name in re.findall(r"^[A-Za-z][\w-]*", ASKED_FOR.read_text(), re.MULTILINE)}


def bill() -> dict[str, Any]:
    """The bill of materials. Raises subprocess.CalledProcessError when the lock cannot be read as one."""
    program = Path(sys.executable).with_name("cyclonedx-py")
    command: list[str | Path] = [program, "requirements", LOCK, "--pyproject", ROOT / "pyproject.toml"]
    command += ["--output-reproducible", "--no-validate"]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    root = made["metadata"]["component"]
    root["version"] = version()
    needed = [part["bom-ref"] for part in made["components"] if part["name"].lower() in direct()]
    made["dependencies"] = [entry for entry in made["dependencies"] if entry["ref"] != root["bom-ref"]]
    made["dependencies"].append({"ref": root["bom-ref"], "dependsOn": sorted(needed)})
    return made


def main(file: Path = FILE) -> int:
    """Prove it and write it to `file`. Returns the exit status."""
    made = bill()
    text = json.dumps(made, indent=2) + "\n"
    if fault := JsonStrictValidator(SchemaVersion.from_version(made["specVersion"])).validate_str(text):
        print(f"This is no CycloneDX: {fault}")
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    print(f"{file}: {len(made['components'])} packages of undersigned {made['metadata']['component']['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
