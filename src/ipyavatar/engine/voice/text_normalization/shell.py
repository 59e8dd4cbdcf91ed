"""What is typed into a shell: prompts, options, redirections, revisions."""

# ruff: noqa: E501, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .code import ENDINGS
from .rule import Rule, any_of, rule

_COMMANDS = (
    "git pip pip3 conda mamba npm npx yarn pnpm docker kubectl helm curl wget ssh scp rsync ls rm cp mv mkdir"
    " rmdir chmod chown grep egrep rg awk sed tar unzip gzip ps df du cmake gcc clang ffmpeg python python3"
    " ipython jupyter pytest ruff mypy uv uvx poetry node deno cargo rustc java javac psql mysql sqlite3 apt"
    " cd docker-compose pre-commit torchrun streamlit uvicorn gunicorn terraform mvn gradle dotnet apt-get brew yum dnf systemctl journalctl nvidia-smi nohup xargs wc uniq tee jq conda-env ipyavatar"
).split()
"""Those that are no words of English."""
_WORDS_TOO = (
    "head tail kill cat sort cut find less more make touch split join tree watch diff echo sleep top time"
    " nice screen bash open code patch sudo export source go black flask accelerate"
).split()
_AT_START = r"(?:^|[|;&$(] ?|\bsudo )"
_BEFORE_OPTIONS = re.compile(
    rf"(?:(?<![\w./-])(?:{any_of(_COMMANDS)})|{_AT_START}(?:{any_of(_WORDS_TOO)}))(?= )(?!.*[.!?] [A-Z])"
)
_PROSE = "a|an|and|are|as|at|but|for|from|i|in|is|it|my|of|on|or|our|so|that|the|this|to|was|we|with|you|your"
_BEFORE_FOLDER = re.compile(
    rf"(?:(?<![\w./-])(?:{any_of(_COMMANDS)}|find)|{_AT_START}(?:{any_of(_WORDS_TOO)}))"
    rf"(?: (?!(?:{_PROSE}) )[\w./:=@\"'-]{{1,40}}){{0,6}} $"
)
_NEVER_ALONE = re.compile(r"\b(?:git|pip3?|conda|mamba|docker|kubectl|npm|python3?|jupyter|node) $")
"""Of these a full stop ends the sentence, even behind a space."""
_JUST_BEFORE = re.compile(rf"(?<![\w./-])(?:{any_of(_WORDS_TOO)}) $")
_NEGATIVE = frozenset("find less more go time make sudo source".split())
"""Of these words, what follows them is rather a negative number or variable."""
_MARKS = {"~": "tilde", "^": "caret"}


def _is_command(match: re.Match[str]) -> bool:
    """Whether a program stands before it in this sentence."""
    before = match.string[max(0, match.start() - 160) : match.start()]
    return _BEFORE_OPTIONS.search(before) is not None or "find dot " in before


def _folder(match: re.Match[str]) -> str:
    """The folder where one is: a full stop behind a space, of a command."""
    before = match.string[max(0, match.start() - 160) : match.start()]
    if _NEVER_ALONE.search(before) or not _BEFORE_FOLDER.search(before):
        return match.group()
    return "dot"


def _option(match: re.Match[str]) -> str:
    mark, name = match.groups()
    before = match.string[max(0, match.start() - 20) : match.start()]
    just = _JUST_BEFORE.search(before)
    if not _is_command(match) and (just is None or just.group()[:-1] in _NEGATIVE):
        return match.group()
    if name.isdigit() and (mark == "--" or not before[-2:-1].isalpha()):
        return match.group()
    spelled = mark == "-" and len(name) < 4 and name.isalpha()
    return f"{'dash ' * len(mark)}{' '.join(name) if spelled else name}"


def _redirection(match: re.Match[str]) -> str:
    stream, sign = match.groups()
    word = {">": "to", ">>": "appended to", "<": "from"}[sign]
    return f" {'all ' if stream == '&' else f'{stream} ' if stream else ''}{word} "


def _revision(match: re.Match[str]) -> str:
    steps = re.sub(r"[~^]", lambda m: f" {_MARKS[m.group()]} ", match[2])
    return match[1] + re.sub(r"@\{(\d+)\}", r" at \1", steps)


SHELL: tuple[Rule, ...] = (
    rule(
        "long option by itself",
        r"(?:^|(?<= )|(?<=\())--(?=[a-z][a-z\d]+(?:-[a-z\d]+){0,6}(?:[\s=,.;:)]|$))(?!.{1,200} --(?: |$))",
        "dash dash ",
        "Use --force: a dash stands between two spaces.",
    ),
    rule(
        "short option by itself",
        r"^-(?=[A-Za-z]$)|(?<= )-(?=[A-Za-z] (?:flag|option|switch|argument)\b)",
        "dash ",
        "The -v flag.",
    ),
    rule(
        "prompt of a machine",
        r"^\s*[a-z][\w.-]{0,30}@[\w.-]{1,40}:[~/\w.-]{0,80}[$#] (?=\S)",
        "",
        "ada@host:~$ ls: nobody says the prompt.",
    ),
    rule(
        "stream into another",
        r"(?<=[\w.\"')] )([12])>&([12])(?!\w)",
        r"\1 to \2",
        "2>&1 compares nothing.",
    ),
    rule(
        "redirection",
        rf"(?<=[\w.\"')]) ?(?<=\s)([12&]?)(>>?|<) ?(?=/dev/\w|[\w./~-]{{1,80}}\.(?:{ENDINGS})\b)",
        _redirection,
        "> out.txt, likewise; before paths and comparisons.",
    ),
    rule(
        "revision",
        r"(?<![\w-])(HEAD|head|main|master)((?:[~^]\d{0,3}|@\{\d{1,4}\}){1,6})(?!\w)",
        _revision,
        "HEAD~3 is not about three.",
    ),
    rule(
        "folder where one is",
        r"(?<= )\.(?=[ )]|$)",
        _folder,
        "git add ., find . -name: a full stop is silent; before options.",
    ),
    rule(
        "option",
        r"(?<= )(--?)([A-Za-z]\d{1,4}(?!\w)|[A-Za-z][A-Za-z]*|\d+)(?![.:]?\d)(?!\s?[*/^+])",
        _option,
        "After a program: ls -la, --force. Elsewhere it is a minus or a dash.",
    ),
)
"""After what is printed, and before paths."""
