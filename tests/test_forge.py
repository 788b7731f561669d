"""The files that forges and editors read: well-formed, calling .ci/run and nothing else, and fetching from no host."""

import re
import sys
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

from local.environment import ROOT
from undersigned import __version__

GITHUB, GITLAB, FORGEJO = ROOT / ".github", ROOT / ".gitlab", ROOT / ".forgejo"
WORKFLOWS = sorted([*GITHUB.glob("workflows/*"), *FORGEJO.glob("workflows/*")])
FORMS = [path for path in sorted(GITHUB.glob("ISSUE_TEMPLATE/*.yml")) if path.stem != "config"]
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.gitlab-ci": [ROOT / ".gitlab-ci.yml"],
}
READ_BY_FORGES = [path for folder in (GITHUB, GITLAB, FORGEJO) for path in folder.rglob("*") if path.is_file()]
READ_BY_FORGES += [ROOT / ".gitlab-ci.yml", ROOT / ".pre-commit-config.yaml", ROOT / ".editorconfig"]
HOUSE_RULES = ["SECURITY.md", "CODE_OF_CONDUCT.md"]
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def commands(jobs: dict[str, Any]) -> list[str]:
    """The last command of each job of a workflow."""
    return [job["steps"][-1]["run"] for job in jobs.values()]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_file_fits_its_forges_schema(schema):
    assert SCHEMAS[schema]
    done = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, *map(str, SCHEMAS[schema])])
    assert done.exit_code == 0, done.output


def test_a_file_that_does_not_fit_is_told(tmp_path):
    path = tmp_path / "ci.yml"
    path.write_text((GITHUB / "workflows" / "ci.yml").read_text().replace("runs-on:", "runs-at:"))
    done = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", "vendor.github-workflows", str(path)])
    assert done.exit_code == 1, done.output


def test_every_forge_runs_what_everybody_else_runs():
    assert [commands(read(path)["jobs"]) for path in WORKFLOWS] == [[".ci/run"]] * 2
    assert read(ROOT / ".gitlab-ci.yml")["everything"]["script"] == [".ci/run"]


def test_actions_of_others_are_pinned_by_their_major_version():
    used = [
        step["uses"]
        for path in WORKFLOWS
        for job in read(path)["jobs"].values()
        for step in job["steps"][:-1]
        if "uses" in step
    ]
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []


def test_no_file_for_forges_or_editors_names_a_host():
    assert [str(path) for path in READ_BY_FORGES if "://" in path.read_text()] == []


def test_hooks_are_programs_of_ours():
    repositories = read(ROOT / ".pre-commit-config.yaml")["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    programs = [hook["entry"].split()[0] for hook in hooks]
    assert [program for program in programs if Path(program).parent != Path(".venv/bin")] == []
    assert [program for program in programs if not Path(sys.executable).with_name(Path(program).name).exists()] == []


def test_both_forges_ask_the_same_of_a_change():
    asked = (GITHUB / "pull_request_template.md").read_text()
    assert asked == (GITLAB / "merge_request_templates" / "Default.md").read_text()


def test_both_forges_ask_the_same_about_a_bug():
    asked = {field["attributes"]["label"] for field in read(GITHUB / "ISSUE_TEMPLATE" / "bug.yml")["body"][1:4]}
    titles = re.findall(r"^## (.+)$", (GITLAB / "issue_templates" / "Default.md").read_text(), re.MULTILINE)
    assert asked == set(titles[:3])


@pytest.mark.parametrize("page", HOUSE_RULES)
def test_the_house_rules_invent_nobody(page):
    """Whoever publishes the repository fills in who is asked; until then no name and no address stands there."""
    text = (ROOT / page).read_text()
    assert "> **For whoever publishes this repository:**" in text
    assert re.findall(r"\S+@\S+\.\w+|https?://\S+", text) == []


def test_the_changes_stand_by_version_and_kind():
    headings = re.findall(r"^(#{2,3}) (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    versions = [title for level, title in headings if level == "##"]
    assert versions[0] == "Unreleased"
    assert versions[1].partition(" – ")[0] == __version__
    pattern = r"\d+\.\d+\.\d+(rc\d+)? – (unreleased|\d{4}-\d\d-\d\d)"
    assert [title for title in versions[1:] if not re.fullmatch(pattern, title)] == []
    assert [title for level, title in headings if level == "###" and title not in KINDS] == []
