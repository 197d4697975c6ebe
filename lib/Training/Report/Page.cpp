//===- Page.cpp - a page that needs nothing beside itself -------*- C++ -*-===//
#include "lib/Training/Report/Page.h"
#include "lib/Training/Report/Html.h"

namespace moe::report {

/// Colours of runs are told apart with every common colour blindness and have a contrast of 3:1 or more with the panel, in both schemes.
static constexpr const char *style = R"css(
:root { color-scheme: light dark;
  --page: #f4f5f7; --panel: #fff; --text: #1c1f24; --soft: #565d68; --rule: #d9dce1; --heat: #0b5cad;
  --c0: #0072b2; --c1: #c24e00; --c2: #00795a; --c3: #a03f86; --c4: #7d6200; --c5: #4d5561;
  --ramp0: #1d4fa3; --ramp1: #c95400; --add: #dff3e4; --del: #fbe3e0; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14161a; --panel: #1d2026; --text: #e6e8eb; --soft: #a2a9b4; --rule: #363b44; --heat: #6cb6ff;
  --c0: #56b4e9; --c1: #ff9554; --c2: #35c79c; --c3: #e595cd; --c4: #dfc04a; --c5: #b9c0ca;
  --ramp0: #6ea8ff; --ramp1: #ffab5e; --add: #173a26; --del: #47211f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.5rem; margin: .3em 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.8em 0 .6em; }
h3 { font-size: 1rem; margin: 1.2em 0 .4em; overflow-wrap: anywhere; }
p { margin: .4em 0; }
p.note { color: var(--soft); max-width: 75ch; }
.wide { overflow-x: auto; background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; }
.wide:focus-visible { outline: 2px solid var(--c0); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 9px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; font-size: .86em; vertical-align: bottom; }
tbody th { color: var(--text); font-size: 1em; vertical-align: middle; }
th:first-child, td.text, th.text { text-align: left; }
td.text { white-space: normal; min-width: 9em; overflow-wrap: break-word; }
td.differs { white-space: normal; text-align: left; min-width: 15em; max-width: 26em; overflow-wrap: anywhere; font-size: .9em; }
td.best { font-weight: 700; }
.swatch { display: inline-block; width: 22px; height: 10px; margin-right: 8px; vertical-align: 1px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 430px), 1fr)); gap: 14px; }
.chart { margin: 0; padding: 10px 14px 10px 10px; min-width: 0; background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; }
figcaption { margin-bottom: 10px; overflow-wrap: anywhere; }
figcaption span, .legend, .scale { color: var(--soft); font-size: .86em; }
.plot { position: relative; height: 210px; margin: 0 12px 36px 50px; border-left: 1px solid var(--rule); border-bottom: 1px solid var(--rule);
  font-size: 12px; color: var(--soft); touch-action: pan-y; }
.plot.heat { height: calc(var(--rows) * 22px); min-height: 44px; max-height: 320px; }
.plot > svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.ty { position: absolute; right: calc(100% + 6px); transform: translateY(50%); line-height: 1; white-space: nowrap; }
.tx { position: absolute; top: calc(100% + 5px); transform: translateX(-50%); line-height: 1; white-space: nowrap; }
.xname { position: absolute; right: 0; top: calc(100% + 20px); line-height: 1.1; }
path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.grid { stroke: var(--rule); stroke-width: 1; }
.reference { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 2 4; }
.line { stroke-width: 1.8; }
.points { stroke-width: 6; }
.faint { stroke-width: 1; opacity: .35; }
.dashed { stroke-dasharray: 5 4; }
.d0 { stroke-dasharray: none; } .d1 { stroke-dasharray: 8 4; } .d2 { stroke-dasharray: 2 4; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.ramp { stroke: var(--ramp0); stroke: color-mix(in oklab, var(--ramp1) var(--t), var(--ramp0)); }
.cell { fill: var(--heat); stroke: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0; padding: 0 0 0 50px; }
.legend li { overflow-wrap: anywhere; }
.key { width: 20px; height: 10px; margin-right: 6px; }
.scale { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin: 0; padding-left: 50px; }
.bar { width: 90px; height: 10px; background: linear-gradient(to right, transparent, var(--heat)); border: 1px solid var(--rule); }
details { margin: .5em 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
pre { margin: 0; padding: 10px 12px; font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; tab-size: 2; width: max-content; min-width: 100%; }
pre span { display: block; } pre .add { background: var(--add); } pre .del { background: var(--del); } pre .gap { color: var(--soft); }
.at { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--soft); pointer-events: none; }
.tip { position: absolute; z-index: 2; top: 4px; padding: 4px 8px; background: var(--panel); color: var(--text); border: 1px solid var(--rule);
  border-radius: 6px; pointer-events: none; white-space: nowrap; max-width: 100%; overflow: hidden; box-shadow: 0 2px 8px #0003; }
@media print { .wide { overflow: visible; } }
)css";

/// Reads the values back from the paths: the nearest point of each line with a label.
static constexpr const char *script = R"js(
for (const plot of document.querySelectorAll('.plot[data-x]')) {
  const [x0, x1] = plot.dataset.x.split(' ').map(Number), [y0, y1, isLog] = plot.dataset.y.split(' ').map(Number);
  let lines, marker, tip;
  const read = path => [...path.getAttribute('d').matchAll(/[ML](-?\d+) (-?\d+)/g)].map(m => [m[1] / 2000, 1 - m[2] / 10000]);
  const valueOf = y => isLog ? y0 * Math.pow(y1 / y0, y) : y0 + y * (y1 - y0);
  const hide = () => { if (marker) { marker.remove(); tip.remove(); marker = null; } };
  plot.addEventListener('pointerleave', hide);
  plot.addEventListener('pointermove', event => {
    lines = lines || [...plot.querySelectorAll('path[data-label]')].map(path => [path.dataset.label, read(path)]);
    const box = plot.getBoundingClientRect(), at = (event.clientX - box.left) / box.width;
    if (at < 0 || at > 1 || !lines.length) return hide();
    if (!marker) {
      marker = plot.appendChild(document.createElement('span')); marker.className = 'at';
      tip = plot.appendChild(document.createElement('div')); tip.className = 'tip';
    }
    const near = lines.map(([label, points]) => [label, points.reduce((a, b) => Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a)]);
    const x = near.reduce((a, b) => Math.abs(b[1][0] - at) < Math.abs(a[1][0] - at) ? b : a)[1][0];
    marker.style.left = 100 * x + '%';
    tip.textContent = '';
    const say = text => { tip.appendChild(document.createElement('div')).textContent = text; };
    say(plot.dataset.name + ' ' + Math.round(x0 + x * (x1 - x0)).toLocaleString('en'));
    for (const [label, point] of near.slice(0, 12)) say(label + '  ' + Number(valueOf(point[1]).toPrecision(4)));
    tip.style.left = x < .5 ? 'calc(' + 100 * x + '% + 8px)' : 'auto';
    tip.style.right = x < .5 ? 'auto' : 'calc(' + 100 * (1 - x) + '% + 8px)';
  });
}
)js";

std::string makePage(const std::string &title, const std::string &body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
         "<title>" +
         escape(title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<main>\n" + body + "</main>\n<script>" + script +
         "</script>\n</body>\n</html>\n";
}

} // namespace moe::report
