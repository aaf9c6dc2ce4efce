"""The templates for CI: valid by the services' own schemas, no right that they need not, one comment that is renewed."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml
from scripted_server import ScriptedServer, answer

from steadyline.cli import main

CI = Path(__file__).parents[2] / "deploy/ci"
GITHUB = CI / "github/steadyline.yml"
GITLAB = CI / "gitlab/steadyline.gitlab-ci.yml"
SCHEMAS = {GITHUB: ("vendor.github-workflows",), GITLAB: ("vendor.gitlab-ci", "--data-transform", "gitlab-ci")}
MARK = "<!-- steadyline -->"
TEXT = "### Steadyline: As fast as it was\n"


def told(path):
    """What the service's schema says of a file, and whether it is content."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[path], path]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def jobs(path):
    """The jobs of a template by name."""
    document = yaml.safe_load(path.read_text())
    return document["jobs"] if path == GITHUB else document


def scripts(path):
    """Every shell script of a template, by its job."""
    for name, job in jobs(path).items():
        for step in job.get("steps", []):
            if "run" in step:
                yield name, step["run"]
        for key in ("script", "after_script"):
            for line in job.get(key, []):
                yield name, line


COMMANDS = [
    (path.name, line.strip())
    for path in SCHEMAS
    for _, script in scripts(path)
    for line in script.splitlines()
    if line.strip().startswith("steadyline ")
]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.parent.name)
def test_schema(path):
    """It is valid by the service's own schema."""
    done = told(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("path", "key"), [(GITHUB, "runs-on"), (GITLAB, "interruptible")])
def test_schema_would_tell(path, key, tmp_path, monkeypatch):
    """A key that is misspelt would be told."""
    wrong = tmp_path / path.name
    wrong.write_text(path.read_text().replace(f"{key}:", f"{key}x:"))
    monkeypatch.setitem(SCHEMAS, wrong, SCHEMAS[path])
    assert told(wrong).returncode == 1


@pytest.mark.parametrize(("file", "line"), COMMANDS)
def test_commands(file, line):
    """Each command line of ours has options that there are."""
    words = shlex.split(line.replace("$FAIL_ON", "warning").replace("$", "x"))
    name, *arguments = words[1 : words.index(">") if ">" in words else None]
    command = typer.main.get_command(main.build([name])).commands[name]
    assert command.make_context(name, arguments).params, file


def test_commands_are_found():
    """Both measure base and head in turn, and write the formats of their service."""
    for path in SCHEMAS:
        lines = [line for file, line in COMMANDS if file == path.name]
        assert [line.split()[1:3] for line in lines].count(["compare", "--ab"]) == 1
        formats = set(re.findall(r"--format (\w+)", " ".join(lines)))
        assert formats == {"markdown", "junit"} | ({"github"} if path == GITHUB else set())


def test_rights():
    """What a pull request brings runs where nothing may be written; who writes the comment runs nothing of it."""
    document = yaml.safe_load(GITHUB.read_text())
    compare, comment = (document["jobs"][name] for name in ("compare", "comment"))
    assert document["permissions"] == {}
    assert compare["permissions"] == {"contents": "read"}
    assert comment["permissions"] == {"pull-requests": "write"}
    used = [step.get("uses", "") for step in comment["steps"]]
    assert not any(use.startswith("actions/checkout") for use in used)
    assert compare["steps"][0]["with"]["persist-credentials"] is False
    assert jobs(GITLAB)["steadyline-note"]["variables"] == {"GIT_STRATEGY": "none"}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.parent.name)
def test_no_text_of_others_in_scripts(path):
    """No script has an expression of the service's in it, through which a branch's name would be run."""
    assert not [script for _, script in scripts(path) if "${{" in script]


FAKE_GH = """#!/bin/sh
printf '%s\\n' "$*" >> asked
case "$*" in *--paginate*) printf '%s' "$FOUND";; esac
"""


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        ("", "api --silent --method POST repos/o/r/issues/7/comments --field body=@comment.md"),
        ("11\n12\n", "api --silent --method PATCH repos/o/r/issues/comments/11 --field body=@comment.md"),
    ],
    ids=["the first", "another"],
)
def test_github_comment(found, asked, tmp_path):
    """The first one is made, the next ones take its place."""
    gh = tmp_path / "gh"
    gh.write_text(FAKE_GH)
    gh.chmod(0o755)
    (tmp_path / "steadyline.md").write_text(TEXT)
    (script,) = [script for job, script in scripts(GITHUB) if job == "comment"]
    facts = {
        "FOUND": found,
        "GITHUB_REPOSITORY": "o/r",
        "NUMBER": "7",
        "MARK": MARK,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    subprocess.run(["bash", "-e", "-c", script], check=True, cwd=tmp_path, env=facts)
    listed, wrote = (tmp_path / "asked").read_text().splitlines()
    assert wrote == asked
    assert f'select(.user.type == "Bot" and (.body | startswith("{MARK}")))' in listed
    assert (tmp_path / "comment.md").read_text() == f"{MARK}\n{TEXT}"


@pytest.fixture
def gitlab():
    """A GitLab without notes, unless the test says which."""
    server = ScriptedServer(otherwise=lambda _path: (answer(b"[]", headers={"Content-Type": "application/json"}),))
    yield server
    server.close()


def noted(server, folder):
    """Run the template's script beside a comparison's Markdown."""
    (folder / "steadyline.md").write_text(TEXT)
    *_, script = [script for job, script in scripts(GITLAB) if job == "steadyline-note"]
    facts = {
        "CI_API_V4_URL": f"{server.url}/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "STEADYLINE_NOTE_TOKEN": "hush",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    subprocess.run(["bash", "-e", "-c", script], check=True, cwd=folder, env=facts, timeout=60)
    return server.asked


NOTES = "/api/v4/projects/3/merge_requests/7/notes"


def test_gitlab_first_note(gitlab, tmp_path):
    """The first one is made, marked so that it is found again."""
    listed, made = noted(gitlab, tmp_path)
    assert (listed.method, made.method, made.path) == ("GET", "POST", NOTES)
    assert json.loads(made.body) == {"body": f"{MARK}\n{TEXT}"}
    assert made.headers["private-token"] == "hush"


def test_gitlab_another_note(gitlab, tmp_path):
    """The next ones take its place, on whatever page of notes it is; no other note does."""
    query = f"{NOTES}?sort=asc&order_by=created_at&per_page=100&page="
    others = [{"id": 1, "body": f"see {MARK}"}]
    gitlab.on(f"{query}1", (answer(json.dumps(others).encode(), headers={"X-Next-Page": "2"}),))
    gitlab.on(f"{query}2", (answer(json.dumps([{"id": 5, "body": f"{MARK}\nold"}]).encode(), headers={"X-Next-Page": ""}),))
    *_, renewed = noted(gitlab, tmp_path)
    assert (renewed.method, renewed.path) == ("PUT", f"{NOTES}/5")
