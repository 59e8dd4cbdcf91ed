"""What language models and progress bars leave in a text: reasoning, template marks, bars."""

# ruff: noqa: RUF001 - quotation marks

from __future__ import annotations

import re

_THOUGHTS = (
    "think|thinking|thought|thoughts|reasoning|reason|reflection|scratchpad|analysis"
    "|inner[_-]?monologue|internal[_-]?monologue|chain[_-]of[_-]thought|cot|antthinking|seed:think"
    "|thought[_-]?process|tool_calls?|function_calls?|tool_response"
)
# "<think>", "<thinking budget='3'>", "[THINK]", "◁think▷", "<|begin_of_thought|>",
# "<|START_THINKING|>", "<unused94>thought"; what is written between backticks is only named.
_OPEN = (
    rf"<(?:{_THOUGHTS})(?:\s[^<>\n]{{0,200}})?>|\[(?:think|thinking|reasoning)\]|◁think▷"
    r"|<\|(?:begin_of_thought|start_thinking|start_of_thought|think)\|>|<unused94>(?:thought)?"
)
_CLOSE = (
    rf"</(?:{_THOUGHTS})\s*>|\[/(?:think|thinking|reasoning)\]|◁/think▷"
    r"|<\|(?:end_of_thought|end_thinking|/think)\|>|<unused95>"
)
THOUGHT = re.compile(rf"(?i)(?<!`)(?:(?P<open>{_OPEN})|(?P<close>{_CLOSE}))(?!`)")

_ROLES = (
    "system|user|assistant|model|tool|developer|human|bot|ai|ipython|function|observation|context"
)
# gpt-oss says in which channel it speaks; only "final" is meant to be heard.
CHANNEL_THOUGHT = re.compile(r"<\|channel\|>[ ]*(?:analysis|commentary)\b[^<]{0,100}<\|message\|>")
CHANNEL_END = re.compile(r"<\|(?:end|start|channel|return|call)\|>")
_CHANNEL = re.compile(rf"{CHANNEL_THOUGHT.pattern}(?:(?!{CHANNEL_END.pattern})[\s\S])*")
_MARKS = re.compile(
    rf"(?i)(?:<\|(?:im_start|start|start_header_id|role|turn|start_of_role)\|>"
    rf"|<start_of_turn>)[ ]*(?:(?:{_ROLES})\b)?(?:<\|end_header_id\|>)?:?[ ]*\n?"
    r"|<\|channel\|>[ ]*final\b"
    r"|<<SYS>>(?:(?!<<SYS>>)[\s\S])*?<</SYS>>"
    r"|<</?SYS>>"
    r"|<\|[^<>|\n]{1,60}\|>"
    r"|</?s>|<(?:start_of_turn|end_of_turn|bos|eos|pad|unk|mask|cls|sep|sop|eop|eod|extra_id_\d{1,4}"
    r"|unused\d{1,4}|end_of_utterance|image_soft_token)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|BOS|EOS|CLS|SEP|PAD|gMASK)\]"
    r"|^\#{2,3} ?(?:Instruction|Response|Input):[ ]*$"
    r"|【[^【】\n]{1,40}†[^【】\n]{0,60}】",
    re.MULTILINE,
)


_NAMED_BEFORE = re.compile(
    r"(?i)\b(?:the|an?|this|that|its|each|every|any|no|one|of|called|named|tags?|tokens?|marks?|use|uses|using)"
    r"[ ][\"'“‘]?$"
)
_NAMED_AFTER = re.compile(
    r"(?i)[\"'”’]?[ ](?:tags?|tokens?|blocks?|elements?|marks?|markers?|sections?|syntax)\b"
)


def _is_named(mark: re.Match[str]) -> bool:
    """Whether a sentence speaks of `mark`: the <think> tag. Thoughts have no such words around."""
    text, start = mark.string, mark.start()
    behind = _NAMED_AFTER.match(text, mark.end()) is not None
    spoken_of = _NAMED_BEFORE.search(text, max(0, start - 12), start) is not None
    in_line = bool(re.search(r"[A-Za-z,][ ][\"'“‘]?$", text[max(0, start - 4) : start]))
    return in_line and (behind or (spoken_of and text[mark.end() : mark.end() + 1] in " .,;:!?)"))


def drop_reasoning(text: str) -> str:
    """`text` without what a model thought before it answered.

    Thoughts may be nested. One that is never closed goes to the end; an end without a beginning
    (some templates write the beginning themselves) ends what is before it. Of beginnings without
    an end, one that a sentence speaks of is a word of it.
    """
    said, depth, at = [], 0, 0
    marks = list(THOUGHT.finditer(text))
    unended = sum(1 if mark["open"] else -1 for mark in marks)
    for mark in marks:
        if mark["open"] and unended > 0 and _is_named(mark):
            unended -= 1
            continue
        if mark["open"]:
            if not depth:
                said.append(text[at : mark.start()])
            depth += 1
        else:
            if not depth:
                said.clear()
            depth = max(0, depth - 1)
        at = mark.end()
    if not depth:
        said.append(text[at:])
    return "\n".join(said) if len(said) > 1 else "".join(said)


def strip_template_marks(text: str) -> str:
    """`text` without the marks of chat templates, and the roles they name."""
    if not _MARKS.search(text):
        return text
    return _MARKS.sub("\n", _CHANNEL.sub("\n", text))


_SHARE = r"(?P<share>\d{1,3}(?:\.\d{1,3})?%)"
_COUNT = r"(?P<done>\d[\d.,]{0,15}[kMG]?)/(?P<all>\d[\d.,]{0,15}[kMG]?)"
# What a bar is drawn with. A cell of a table has words, or a number.
_DRAWN_WITH = "[ \t=>.~*\u2500-\u25ff\u2800-\u28ff-]"
_BAR = re.compile(
    rf"{_SHARE}[ ]*\|(?:(?:#{{1,200}}\d?)?{_DRAWN_WITH}{{0,200}}|\d[ ]{{3,200}})\|"
    rf"(?:[ ]*{_COUNT})?(?:[ ]*\[(?P<rest>[^\]\n]{{0,200}})\])?"
)
_COUNTED = re.compile(rf"{_COUNT}(?=[ ]*\[(?:=|>|\.|\d\d:))(?:[ ]*\[(?P<rest>[^\]\n]{{0,200}})\])?")
_DRAWN = re.compile(
    r"\[[=#>.\-*~ ]{0,200}(?:==|##|>|\.\.\.|--|\*\*)[=#>.\-*~ ]{0,200}\]|\|[#=>\-. ]{4,200}\|"
)
_METRIC = re.compile(r"[A-Za-z_]\w*\s*=\s*\S+")


# Of pip, and of tqdm where it does not know how many there will be.
_LOADED = re.compile(
    r"(?:(?<![━╸╺─])[━╸╺─]{3,200}[ ]+|^[ ]+)"
    r"(?P<done>\d[\d.]{0,9})/(?P<all>\d[\d.]{0,9}) (?P<unit>[kMG]?B)"
    r"(?:[ ]+[\d.?]+ [kMG]?B/s)?[ ]+eta [\d:-]+",
    re.MULTILINE,
)
_COUNTED_ON = re.compile(r"(?P<done>\d{1,12})it \[\d\d:[^\]\n]{0,200}\]")


def strip_progress_bars(text: str) -> str:
    """`text` with what a progress bar tells, and without the bar: "45%, 9 of 20"."""
    if not any(mark in text for mark in ("%", "/", "[", "|")):
        return text
    text = _LOADED.sub(r"\g<done> of \g<all> \g<unit>", text)
    text = _BAR.sub(_told, _COUNTED_ON.sub(r"\g<done> iterations", text))
    text = _COUNTED.sub(_told, text)
    return _DRAWN.sub(" ", text)


def _told(match: re.Match[str]) -> str:
    parts = [match["share"]] if "share" in match.re.groupindex else []
    if match["done"]:
        parts.append(f"{_grouped(match['done'])} of {_grouped(match['all'])}")
    # Of the brackets, measured values are worth a word; times and rates change while they are said.
    parts += [m for m in map(str.strip, (match["rest"] or "").split(",")) if _METRIC.fullmatch(m)]
    return ", ".join(parts)


def _grouped(count: str) -> str:
    """With commas, so that nobody takes it for a year."""
    return f"{int(count):,}" if count.isascii() and count.isdigit() else count
