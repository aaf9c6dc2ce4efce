"""The handbook's examples: every fenced block of every page a person writes or reads, and the commands in those of a shell."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("README.md")),
    *sorted((ROOT / "deploy").rglob("README.md")),
    ROOT / "tests" / "performance" / "README.md",
)
SHELL = ("sh", "console")
UNNAMED_SHELL = "tests/performance/README.md"
"""A page whose commands stand in blocks without a language."""
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')
_OPERATORS = {"|", "||", "&", "&&", ";", ";;", "(", ")"}
_OPENING = ("do", "then", "else", "if", "until", "while", "{", "!")
"""Words of the shell that stand before a command."""
_CLOSING = ("done", "fi", "}", "for", "case", "esac", "in")
"""Words of the shell that begin what is no command."""
_HEREDOC = re.compile(r"(<<-?'?(\w+)'?[^\n]*\n).*?^\2$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        page: path from the repository's top.
        line: of its fence.
        language: as it says, "" where it does not.
        title: of the file that it is, "" where it is none.
        text: without the fence's own indentation.
    """

    page: str
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        """For a test's name."""
        return f"{self.page}:{self.line}"


def blocks() -> list[Block]:
    """All of them, in the order of their pages."""
    return [block for page in PAGES if page.exists() for block in _of(page)]


def _of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        language, _, facts = found["info"].strip().partition(" ")
        title = _TITLE.search(facts)
        inner = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(page.relative_to(ROOT)), line, language, title[1] if title else "", inner)


def is_shell(block: Block) -> bool:
    """Whether it is of commands."""
    return block.language in SHELL or (block.page == UNNAMED_SHELL and not block.language)


def script(block: Block) -> str:
    """What a shell is given of a block: of a console, what stands behind its prompt."""
    if block.language != "console":
        return block.text
    return "".join(f"{line[2:]}\n" for line in block.text.splitlines() if line.startswith("$ "))


def commands(text: str) -> list[list[str]]:
    """The words of each command in a script, those within `$( )` too; assignments before it and redirections are left out."""
    text = _HEREDOC.sub(r"\1", text.replace("\\\n", " "))
    found = [inner for part in re.findall(r"\$\(([^()]*)\)", text) for inner in commands(part)]
    for line in re.sub(r"\$\([^()]*\)", "SUBSTITUTED", text).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.commenters = ""
        lexer.whitespace_split = True
        found += _split([*_words(lexer)])
    return found


def _words(lexer: shlex.shlex) -> Iterator[str]:
    for word in lexer:
        if word.startswith("#"):
            return
        yield word


def _split(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if word in _OPERATORS or word == "()":
            if kept := _command(command):
                yield kept
            command = []
        else:
            command.append(word)


def _redirects(word: str) -> bool:
    """Not what merely has such a sign in it, as a criterion in quotes."""
    return bool(word) and set(word) <= {"<", ">", "&"}


def _command(words: list[str]) -> list[str]:
    """Without what stands before the command, and without where it reads and writes."""
    while words and (words[0] in _OPENING or re.fullmatch(r"\w+=.*", words[0])):
        words = words[1:]
    kept: list[str] = []
    for word, before in zip(words, ["", *words], strict=False):
        if not _redirects(word) and not _redirects(before):
            kept.append(word)
    return [] if not kept or kept[0] in _CLOSING else kept
