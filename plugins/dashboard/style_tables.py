"""Tables and the log. On a phone a row is a block with the name of each column beside its cell: nothing is scrolled
sideways.
"""

TABLES = """
.behind { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 .8rem; }
.table { padding: .3rem 0 .4rem; overflow-x: auto; }
.grid + .table, .table + .table { margin-top: .8rem; }
.table > p { padding: .45rem 1rem; }
.summary { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; padding: .35rem 1rem; font-weight: 600; }
th, td { text-align: left; padding: .4rem .6rem; vertical-align: baseline; font-weight: 400; border-top: 1px solid
  var(--line); }
thead th { color: var(--soft); font-size: .82rem; border-top: 0; overflow-wrap: normal; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 1rem; } th:last-child, td:last-child { padding-right: 1rem; }
#cluster td:nth-child(3) { min-width: 5.9rem; }
tbody th { font-weight: 600; min-width: 6rem; }
tr.sensor > * { vertical-align: middle; }
tr.sensor > :last-child { min-width: 12rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
#plugins thead th:nth-child(n+3) { text-align: right; }
.number .unit { font-size: .85rem; }
.why td { border-top: 0; padding-top: 0; font-size: .9rem; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .6rem; margin-bottom: .6rem; font-size: .92rem;
  }
.tools input, .tools select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft);
  border-radius: .4rem; padding: .3rem .5rem; min-width: 0; }
.tools input { flex: 0 1 16rem; width: 8rem; }
.tools output { color: var(--soft); margin-left: auto; }
.lines { max-height: 24rem; overflow-y: auto; border-top: 1px solid var(--line); font-size: .88rem; scrollbar-width:
  thin; }
.lines li { display: grid; grid-template-columns: auto 3.4rem minmax(0, 1fr); gap: 0 .8rem; padding: .22rem .1rem;
  border-bottom: 1px solid var(--line); align-items: baseline; background: none; }
.lines time { color: var(--soft); }
.lines li > span { font-weight: 600; }
.lines li::before { content: none; }
.lines .error > span { color: var(--bad); } .lines .warn > span { color: var(--warn); }
.lines .info > span, .lines .debug > span, .lines .trace > span { font-weight: 400; color: var(--soft); }
.lines b { font-weight: 600; }
#log-none { padding: .6rem .1rem; }
@media (min-width: 75rem) {
  .behind { grid-template: auto 1fr / minmax(0, 1fr) minmax(27.5rem, 30%); align-items: start; }
  .side { grid-area: 1 / 2 / span 2; }
}
@media (max-width: 46rem) {
  .blocks, .blocks tbody, .blocks tr, .blocks th, .blocks td { display: block; }
  .blocks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .blocks tr { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; padding: .5rem 1rem; border-top: 1px solid
    var(--line); }
  .blocks .why { border-top: 0; padding-top: 0; margin-top: -.25rem; }
  .blocks th, .blocks td { padding: 0; border: 0; text-align: left; }
  .blocks:first-child tbody tr:first-child { border-top: 0; }
  .blocks tr::after { content: ""; flex: 1 0 100%; order: 1; }
  .blocks .why::after { content: none; }
  .blocks th { flex: 1 1 6rem; } .blocks td:not(.state) { order: 2; }
  .blocks .state { flex: none; }
  .blocks td:not(.state):not([colspan])::before { content: attr(data-label) " "; color: var(--soft); }
  .blocks td:not(.state):not([colspan]) { font-size: .86rem; }
  .lines { max-height: 70vh; }
  .lines li { grid-template-columns: auto minmax(0, 1fr); }
  .lines li p { grid-column: 1 / -1; }
  .tools input { flex: 1 0 65%; }
}
@media print { .tools { display: none; } .lines { max-height: none; overflow: visible; } .table { overflow: visible; } }
"""
