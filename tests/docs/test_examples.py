"""Every example of the handbook is looked at by what reads it in earnest; one that nobody looks at fails here.

Commands of ours go through the parser of the command line: none may be unknown, nor any option or choice of theirs. They are
executed in test_commands.py, each as its page has it; pages that are a session are executed whole in test_sessions.py.
"""

import ast
import functools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import handbook
import pytest
import typer
import yaml
from handbook import ROOT, Block, blocks, commands, is_shell, script

from steadyline import criterion, settings
from steadyline.cli.main import build
from steadyline.settings import VARIABLES

BLOCKS = blocks()
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""Click's, which Typer has within itself."""
SHELLS = [block for block in BLOCKS if is_shell(block)]
each_shell = pytest.mark.parametrize("block", SHELLS, ids=str)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SHOWN = {
    "docs/command-line.md": "generated from the commands themselves: tests/docs holds it to them",
    "docs/exposure.md": "what an answer or a log says; tests of each server have it",
    "docs/doctor.md": "what doctor prints; tests/deploy/doctor has it",
    "docs/history.md": "what trend prints: tests/steadyline/cli/test_trend.py has it",
    "docs/scaling.md": "a calculation, of which tests/bench/scaling.py prints the figures",
    "docs/optimisation.md": "what the commands above them printed when the page was written; figures differ",
}
"""Pages with blocks that are to be read alone, and why nothing can be done with them."""


@pytest.fixture(scope="module")
def root() -> Any:
    """The command line as click has it."""
    return typer.main.get_command(build())


def parse(group: Any, words: list[str]) -> None:
    """Have the parser take a command of ours as it is written, without running it."""
    with group.make_context("steadyline", list(words), resilient_parsing=False) as context:
        at, rest = group, [*getattr(context, "_protected_args", []), *context.args]
        while hasattr(at, "resolve_command"):
            name, at, rest = at.resolve_command(context, rest)
            assert at is not None, f"no command {name}"
            context = at.make_context(name, rest, parent=context)  # noqa: PLW2901 - one level down
            rest = [*getattr(context, "_protected_args", []), *context.args]


def _exists(words: list[str]) -> None:
    """A program of this repository is where it says."""
    if "-c" in words:
        compile(words[words.index("-c") + 1], "docs", "exec")
    elif "-m" in words:
        module = words[words.index("-m") + 1].replace(".", "/")
        assert module in ("venv", "pip") or any((ROOT / f"{module}{end}").exists() for end in (".py", "/__main__.py"))
    else:
        assert (ROOT / words[1]).exists() or any(block.title == words[1] for block in BLOCKS), words[1]


def _make(words: list[str]) -> None:
    """Each of its targets is in the Makefile."""
    for target in (word for word in words[1:] if "=" not in word):
        assert re.search(rf"^{re.escape(target)}:", MAKEFILE, re.MULTILINE), f"no target {target}"


def _manifests(words: list[str]) -> None:
    """The folders of manifests and the names in them are there."""
    for word in words:
        if word.startswith("deploy/"):
            assert (ROOT / word / "kustomization.yaml").exists(), word


def _variables(words: list[str]) -> None:
    """Each of ours is a setting."""
    for name in re.findall(r"\bSTEADYLINE_\w+", " ".join(words)):
        assert name in VARIABLES or name == "STEADYLINE_CONFIG", name


def _files(words: list[str]) -> None:
    """What it copies out of the repository is there."""
    for word in words[1:]:
        if word.startswith(("deploy/", "dashboards/")) and "$" not in word:
            assert [*ROOT.glob(word)], word


@functools.cache
def _options(*program: str) -> frozenset[str]:
    """What a program says that it takes."""
    command = [sys.executable, "-m", *program, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout, done.stderr
    return frozenset(re.findall(r"--[a-z][a-z-]+", done.stdout))


def _said(words: list[str]) -> set[str]:
    """The options that a command names."""
    return {word.partition("=")[0] for word in words if word.startswith("--")}


def _in_source(*files: str) -> set[str]:
    """The options that our own parts of other programs add, which their help has only once they are loaded."""
    return {name for file in files for name in re.findall(r'"(--[a-z-]+)"', (ROOT / file).read_text(encoding="utf-8"))}


def _locust(words: list[str]) -> None:
    """It takes these options, or our locustfile does."""
    assert _said(words) <= _options("locust") | _in_source("load/options.py")


def _pytest(words: list[str]) -> None:
    """Its files are there, and it takes these options; the suite's own are in its conftest.py."""
    for word in words[1:]:
        if word.startswith("tests/"):
            assert (ROOT / word.partition("::")[0]).exists(), word
    own = _in_source("tests/performance/conftest.py", "steadyline/cli/pytest_compare.py")
    assert _said(words) <= _options("pytest") | own


def _nothing(_words: list[str]) -> None:
    """Its own words say nothing about this repository."""


ELSEWHERE: dict[str, tuple[str, Callable[[list[str]], None]]] = {
    "docker": ("needs a Docker engine; tests/deploy/test_compose_file.py and make test-compose have it", _nothing),
    "kind": ("makes a cluster; tests/deploy/kubernetes holds the manifests to their schemas", _nothing),
    "kubectl": ("needs a cluster; tests/deploy/kubernetes holds the manifests to their schemas", _manifests),
    "sudo": ("changes the machine", _files),
    "make": ("its targets run the tests, or for long", _make),
    "python": ("a program of this repository, with tests of its own", _exists),
    "python3": ("a program of this repository or of the page", _exists),
    ".venv/bin/python": ("a program of this repository, with tests of its own", _exists),
    "pytest": ("would run the tests in the tests", _pytest),
    "locust": ("a load of minutes; tests/load and tests/examples/test_load.py have it", _locust),
    "export": ("for the commands after it", _variables),
    ".": ("a virtual environment of the reader's", _nothing),
    "git": ("changes a repository, or fetches one", _nothing),
    "pip": ("installs", _nothing),
    "chromium": ("makes the page's picture; tests/steadyline/cli/report_page/test_browser.py has one", _nothing),
    "amtool": ("asks a running Alertmanager; tests/alerts/rules check what it is given", _nothing),
    "grafana": ("tests/deploy/grafana starts it", _files),
    "apt-get": ("changes the machine", _nothing),
    "promtool": ("tests/alerts/rules run it", _nothing),
    "takes": ("a function of the page's own", _nothing),
}
"""Programs that a page names and that are not run by reading it: why, and what can be seen of them all the same."""
PLAIN = {
    "curl",
    "cat",
    "grep",
    "sed",
    "head",
    "cp",
    "mkdir",
    "cd",
    "sleep",
    "exit",
    "test",
    "kill",
    "rm",
    "ss",
    "df",
    "ps",
    "tail",
    "date",
    "wait",
}
"""Programs of every machine, on files and processes of the page's own."""


@each_shell
def test_a_shell_reads_it(block: Block) -> None:
    """It is whole: quotes, loops and what goes on in the next line."""
    done = subprocess.run(["bash", "-n"], input=script(block), capture_output=True, text=True, check=False)
    assert done.stderr == ""


@each_shell
def test_each_command_is_one(block: Block, root: Any) -> None:
    """Ours as the parser has it; others by what is known of them; a program that nobody knows here fails."""
    for words in commands(script(block)):
        name = words[0]
        if name == "steadyline":
            parse(root, words[1:])
        elif name in ELSEWHERE:
            ELSEWHERE[name][1](words)
        else:
            assert name in PLAIN, f"{name}: say in ELSEWHERE why it is not run, and what can be seen of it"


@pytest.mark.parametrize("words", [["lood"], ["load", "--userz", "2"], ["load", "--users", "many"], ["baseline", "promot"]])
def test_the_parser_refuses(root: Any, words: list[str]) -> None:
    """So that the test above sees what is wrong: a command, an option, a value, a command of a command."""
    with pytest.raises(USAGE_ERROR):
        parse(root, words)


def _python(block: Block, _folder: Path) -> None:
    """It compiles, and what it imports is there; in a process of its own, because Locust patches the one that imports it."""
    tree = compile(block.text, str(block), "exec", flags=ast.PyCF_ONLY_AST)
    imports = "\n".join(line for line in block.text.splitlines() if re.match(r"(from|import) ", line))
    assert tree
    done = subprocess.run([sys.executable, "-c", imports], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def _toml(block: Block, folder: Path) -> None:
    """Settings take it; a package's own table only has to be TOML."""
    if "project" in tomllib.loads(block.text):
        return
    file = folder / "steadyline.toml"
    file.write_text(block.text)
    settings.load({}, file)


def _yaml(block: Block, folder: Path) -> None:
    """Prometheus takes what it is to be given; steps of a workflow have commands of ours; the rest has to be YAML."""
    held = yaml.safe_load(block.text)
    assert held
    if isinstance(held, list) and "targets" in held[0]:
        (folder / "own.yml").write_text(block.text)
        config = folder / "prometheus.yml"
        config.write_text("scrape_configs: [{job_name: own, file_sd_configs: [{files: [own.yml]}]}]\n")
        promtool("check", "config", str(config))


def _json(block: Block, _folder: Path) -> None:
    """A baseline's is one; tests/steadyline/cli/baseline_files have the page's own."""
    assert json.loads(block.text)


def _criteria(block: Block, _folder: Path) -> None:
    """Each line is a criterion, or what a page shows for reading alone."""
    if block.page == "docs/criteria.md":
        for line in block.text.splitlines():
            criterion.parse(line)
    else:
        assert block.page in SHOWN, "say in SHOWN why nothing can be done with it, or give it its language"


def promtool(*arguments: str) -> None:
    """Prometheus' own checks."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not on PATH")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


READERS: dict[str, Callable[[Block, Path], None]] = {
    "python": _python,
    "toml": _toml,
    "yaml": _yaml,
    "json": _json,
    "text": _criteria,
    "": _criteria,
}


@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in SHELLS and block.language != "promql"], ids=str)
def test_what_reads_it_takes_it(block: Block, tmp_path: Path) -> None:
    """Python, settings, Prometheus or the criteria's parser; a language without a reader fails."""
    assert block.language in READERS, f"no reader for {block.language}"
    READERS[block.language](block, tmp_path)


def test_prometheus_parses_each_query(tmp_path: Path) -> None:
    """All of them at once, as recording rules."""
    queries = [block.text.strip() for block in BLOCKS if block.language == "promql"]
    rules = [{"record": f"docs:query:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "docs", "rules": rules}]}))
    assert len(queries) > 50
    promtool("check", "rules", str(tmp_path / "rules.yml"))


def test_commands_are_seen_in_every_form() -> None:
    """Comments, what goes on in the next line, loops, pipes, assignments, redirections, a command in a command, quotes."""
    text = "A=1 one a # b\nfor x in 1; do\n  two b\ndone\nthree \\\n  c > d && four $(five e) | six <<'END'\nseven\nEND\n"
    assert sorted(handbook.commands(text + "eight 'f < 1' --g 2>h\n")) == sorted(
        [
            ["one", "a"],
            ["two", "b"],
            ["three", "c"],
            ["four", "SUBSTITUTED"],
            ["five", "e"],
            ["six"],
            ["eight", "f < 1", "--g", "2"],
        ]
    )
