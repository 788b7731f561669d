"""The bill of materials says what production is made of."""

import re

from local import sbom
from local.environment import ROOT
from undersigned import __version__


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


def test_it_lists_each_package_of_the_lock_with_its_version_and_hashes():
    made = sbom.bill()
    assert {part["name"]: part["version"] for part in made["components"]} == pins("base.txt")
    hashed = [part["name"] for part in made["components"] if part["externalReferences"][0]["hashes"]]
    assert sorted(hashed) == sorted(pins("base.txt"))


def test_it_names_the_program_and_what_that_asks_for_itself():
    made = sbom.bill()
    root = made["metadata"]["component"]
    names = {part["bom-ref"]: part["name"] for part in made["components"]}
    (needed,) = (entry["dependsOn"] for entry in made["dependencies"] if entry["ref"] == root["bom-ref"])
    asked = re.findall(r"^[A-Za-z0-9-]+", (ROOT / "requirements" / "base.in").read_text(), re.MULTILINE)
    assert (root["name"], root["version"]) == ("undersigned", __version__)
    assert sorted(names[ref] for ref in needed) == sorted(name.lower() for name in asked)
