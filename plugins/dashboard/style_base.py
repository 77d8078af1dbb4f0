"""Colours, type and the frame of the page: header, state, alarms, badges; and how it prints.

Colours of text have a contrast of 4.5 and more on what is behind them, in both schemes. Where the reader forces
colours, marks and lines take the text's. Type grows on a wall screen, as that is read from far away.
"""

BASE = """
:root { color-scheme: light dark; --page: #f3f5f7; --card: #fff; --line: #dfe4ea; --text: #15202b; --soft: #53606f;
  --accent: #0f66b8; --good: #146c43; --good-back: #e2f3e9; --warn: #855000; --warn-back: #fdf0d5; --bad: #b3211a;
  --bad-back: #fce8e6; --idle-back: #e9edf1; --strip: #10161d; --unlit: #2b3540; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #0c1117; --card: #151c24; --line: #27313d; --text:
  #e7edf3;
  --soft: #9caaba; --accent: #64aaf4; --good: #72d3a2; --good-back: #12301f; --warn: #f0bd68; --warn-back: #362a10;
  --bad: #ff9a92; --bad-back: #431d1b; --idle-back: #222c37; --strip: #090d12; --unlit: #2b3540; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI",
  Roboto,
  "Noto Sans", sans-serif; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
.wrap { max-width: 120rem; margin: 0 auto; padding: 1.1rem clamp(.75rem, 2.5vw, 2rem) 3rem; }
h1, h2, h3, p, dl, dd, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1, h2, h3, p, th, td, dt, dd, li, caption { overflow-wrap: anywhere; min-width: 0; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.015em; }
h2 { font-size: 1.05rem; line-height: 1.3; margin: 1.6rem 0 .6rem; }
h2 small { font-size: .85rem; font-weight: 400; margin-left: .35rem; }
h3 { font-size: 1rem; line-height: 1.3; }
small { font-size: .8rem; }
.soft { color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .85rem 1rem; min-width:
  0;
  overflow: hidden; }
.note { max-width: 44rem; margin-top: 1.4rem; padding: 1.1rem 1.25rem; }
.note h2 { margin: 0 0 .4rem; }
.note p + p { margin-top: .4rem; }
.top { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .7rem 1.5rem; }
.top > div { min-width: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .9rem; color: var(--soft); align-items: baseline;
  }
.facts span { min-width: 0; }
.simulated { color: var(--text); border: 1px dashed var(--soft); border-radius: .35rem; padding: 0 .4rem; }
time { font-variant-numeric: tabular-nums; }
.overall { font-size: 1.1rem; font-weight: 650; border-radius: .7rem; padding: .5rem .95rem .5rem .75rem; display: flex;
  align-items: center; gap: .6rem; max-width: 44rem; }
.badge { border-radius: 1rem; padding: .08rem .6rem .08rem .3rem; font-size: .8rem; font-weight: 600; display:
  inline-flex;
  align-items: center; gap: .35rem; font-variant-numeric: tabular-nums; line-height: 1.45; white-space: nowrap; }
.overall::before, .badge::before, .alarms h3::before { display: inline-grid; place-items: center; flex: none; width:
  1.15em;
  height: 1.15em; border-radius: 50%; background: var(--mark); color: var(--back); font-weight: 800; line-height: 1;
  font-size: .85em; }
.overall::before, .alarms h3::before { width: 1.4em; height: 1.4em; }
.good { --mark: var(--good); --back: var(--good-back); } .warn { --mark: var(--warn); --back: var(--warn-back); }
.bad { --mark: var(--bad); --back: var(--bad-back); } .idle { --mark: var(--soft); --back: var(--idle-back); }
.leader { --mark: var(--accent); --back: var(--idle-back); }
.overall, .badge { color: var(--mark); background: var(--back); }
.good::before { content: "✓"; content: "✓" / ""; } .warn::before, .warn h3::before { content: "!"; content: "!" / ""; }
.bad::before, .bad h3::before { content: "✕"; content: "✕" / ""; } .idle::before { content: "–"; content: "–" / ""; }
.leader::before { content: "★"; content: "★" / ""; }
.alarms { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: .7rem;
  align-items: start; }
.alarms li { background: var(--card); color: var(--text); border: 1px solid var(--line); border-left: .35rem solid
  var(--mark);
  border-radius: .7rem; padding: .7rem 1rem .8rem .85rem; overflow: hidden; }
.alarms .bad { background: var(--back); }
.alarms li::before { content: none; }
.alarms h3 { display: flex; align-items: center; gap: .5rem; }
.alarms h3 { color: var(--mark); }
.alarms .what { font-weight: 600; margin-top: .2rem; }
.alarms p { font-size: .92rem; }
.alarms .todo { margin-top: .25rem; color: var(--soft); }
.alarms .bad .todo { color: var(--text); }
@media (max-width: 40rem) { .overall { width: 100%; } }
@media (min-width: 120rem) { html { font-size: 118%; } }
@media (min-width: 150rem) { html { font-size: 131%; } }
@media (forced-colors: active) { :root { --accent: LinkText; } .badge, .overall { border: 1px solid; } }
@media print {
  :root { --page: #fff; --line: #bbb; --text: #000; --soft: #333; color-scheme: light; }
  .wrap { max-width: none; padding: 0; }
  .card, .alarms li, tr { break-inside: avoid; }
}
"""
