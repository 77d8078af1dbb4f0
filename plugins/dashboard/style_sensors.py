"""Sensors: cards with large values and lines, and the LED strip. Nodes with few sensors stand beside each other."""

SENSORS = """
.nodes, .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0 .8rem; }
.nodes { grid-auto-flow: row dense; }
.grid { gap: .8rem; }
.node { min-width: 0; grid-column: 1 / -1; display: flex; flex-direction: column; }
.grid { flex: 1; }
.node:only-child .grid { grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
@media (min-width: 38rem) { .n1 { grid-column: auto; } .n2 { grid-column: span 2; } }
@media (min-width: 57rem) { .n3 { grid-column: span 3; } }
@media (min-width: 76rem) { .n4 { grid-column: span 4; } }
.node:only-child { grid-column: 1 / -1; }
.sensor:is(article) { display: flex; flex-direction: column; }
.sensor > header { display: flex; flex-wrap: wrap; gap: .1rem .4rem; align-items: center; }
.sensor h3 { flex: 1 1 5rem; }
.from { font-size: .82rem; color: var(--soft); flex: 1 0 100%; }
article.raised { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
article.stale { border-style: dashed; }
.stale .large, .stale .rest dd, .stale b { color: var(--soft); }
.stale .trend { opacity: .55; }
dt { color: var(--soft); font-size: .85rem; }
dd { font-variant-numeric: tabular-nums; }
.lead { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(6.5rem, 100%), 1fr)); gap: .6rem 1.1rem;
  margin-top: .6rem; }
.large { font-size: 1.95rem; font-weight: 620; line-height: 1.15; letter-spacing: -.02em; }
.large.long { font-size: 1.3rem; line-height: 1.7; letter-spacing: 0; }
.unit { color: var(--soft); font-weight: 450; font-size: .95rem; letter-spacing: 0; }
.lead { flex: 1 0 auto; }
.lead > div, .lead .line { display: flex; flex-direction: column; }
.lead .line { flex: 1; margin-top: .3rem; }
.trend { display: block; width: 100%; height: 2.4rem; overflow: visible; }
.lead .trend { flex: 1 0 auto; max-height: 6rem; }
@media (min-width: 38rem) { .only .lead { grid-template-columns: 100%; grid-auto-rows: 1fr; } }
.trend path { fill: none; stroke: var(--accent); stroke-width: 1.75px; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }
.line small { display: block; color: var(--soft); line-height: 1.35; }
.line small { margin-top: .2rem; }
.rest { margin-top: .7rem; border-top: 1px solid var(--line); padding-top: .35rem; }
.rest div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .8rem; padding: .2rem 0; align-items:
  baseline; }
.rest dd { font-weight: 550; margin-left: auto; text-align: right; }
.rest .unit { font-size: .85rem; }
.rest .line { flex: 1 0 100%; display: grid; grid-template-columns: minmax(0, 1fr) 6rem; gap: .8rem; align-items:
  center;
  font-weight: 400; text-align: left; }
.rest .line small { margin: 0; }
.rest .trend, td .trend { height: 1.1rem; }
td .trend { width: 6rem; display: inline-block; vertical-align: middle; }
td.line { white-space: nowrap; }
td.line small { display: inline; margin: 0 0 0 .6rem; }
.strip { display: flex; flex-wrap: wrap; gap: .3rem 0; background: var(--strip); border-radius: .5rem; padding: .55rem
  .5rem; }
.strip li { width: 1.5rem; text-align: center; font-size: .75rem; line-height: 1.2; color: #a7b4c2; position: relative;
  font-variant-numeric: tabular-nums; }
.strip svg { display: block; width: 1.3rem; height: 1.3rem; margin: 0 auto .1rem; overflow: visible;
  forced-color-adjust: none; }
.strip circle { stroke: #fff; stroke-opacity: .4; }
.strip circle:not(.lit) { fill: var(--unlit); stroke-opacity: .15; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.4rem; margin-top: .6rem; font-size: .9rem; }
.legend span { color: var(--soft); }
@media (forced-colors: active) { .strip li { color: CanvasText; } }
@media print { .strip { background: none; } .strip li { color: #000; } .strip svg { print-color-adjust: exact;
  -webkit-print-color-adjust: exact; } }
"""
