"""The page's look: one style sheet, light and dark by the reader's preference, no font or picture from elsewhere."""

CSS = """
:root { color-scheme: light dark; --page: #f3f5f8; --card: #fff; --line: #dce1e8; --text: #17202c; --soft: #566274;
  --accent: #0b6bcb; --good: #17794a; --good-back: #dff3e8; --warn: #8a5300; --warn-back: #fdeecf; --bad: #b3261e;
  --bad-back: #fbe3e1; --off: #cfd6df; --shadow: 0 1px 2px rgb(20 30 50 / 6%), 0 6px 20px rgb(20 30 50 / 5%); }
@media (prefers-color-scheme: dark) { :root { --page: #0e131a; --card: #171e28; --line: #2a3442; --text: #e8edf4;
  --soft: #9daabb; --accent: #6db3ff; --good: #6fd6a1; --good-back: #12352a; --warn: #f2bd61; --warn-back: #3a2c10;
  --bad: #ff9c94; --bad-back: #43201e; --off: #2c3644; --shadow: none; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans", sans-serif; -webkit-text-size-adjust: 100%; }
.wrap { max-width: 72rem; margin: 0 auto; padding: 1.25rem clamp(1rem, 4vw, 2rem) 3rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin: .5rem 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.02em; margin: 0; }
h2 { font-size: 1rem; font-weight: 600; color: var(--soft); margin: 2rem 0 .75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; } .soft { color: var(--soft); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17.5rem, 100%), 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; padding: 1rem 1.15rem;
  box-shadow: var(--shadow); min-width: 0; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .35rem .75rem; }
.from { font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
.badge { border-radius: 1rem; padding: .1rem .6rem; font-size: .78rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); } .warn { color: var(--warn); background: var(--warn-back); }
.bad { color: var(--bad); background: var(--bad-back); } .idle { color: var(--soft); background: var(--page); }
.lead { display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; margin: .85rem 0 0; }
.lead div { display: flex; flex-direction: column-reverse; }
.lead dd { font-size: 2rem; font-weight: 650; line-height: 1.15; letter-spacing: -.02em; }
.lead dd span { font-size: 1rem; font-weight: 500; color: var(--soft); letter-spacing: 0; }
dl { margin: 0; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dt { color: var(--soft); font-size: .85rem; }
.rest { margin-top: .85rem; border-top: 1px solid var(--line); padding-top: .5rem; }
.rest div { display: flex; justify-content: space-between; gap: 1rem; padding: .12rem 0; }
.rest dd { text-align: right; font-weight: 550; } .rest dd span { color: var(--soft); font-weight: 400; }
.stale .lead dd, .stale .rest dd { color: var(--soft); }
ul { list-style: none; margin: 0; padding: 0; }
.strip { display: flex; flex-wrap: wrap; gap: .6rem; background: #10151c; border-radius: .9rem; padding: .9rem 1.15rem;
  border: 1px solid var(--line); }
.strip li { width: 2.1rem; text-align: center; font-size: .72rem; color: #9daabb; font-variant-numeric: tabular-nums; }
.led { display: block; width: 1.35rem; height: 1.35rem; margin: 0 auto .2rem; border-radius: 50%;
  border: 1px solid rgb(255 255 255 / 22%); background: var(--lit); box-shadow: 0 0 .8rem var(--lit); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.plugins li { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .75rem; padding: .45rem 0;
  border-top: 1px solid var(--line); }
.plugins li:first-child { border-top: 0; } .plugins strong { min-width: 8rem; overflow-wrap: anywhere; }
.plugins .why { flex: 1 1 20rem; font-size: .88rem; color: var(--soft); overflow-wrap: anywhere; }
.note { max-width: 42rem; } .note p + p { margin-top: .5rem; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
"""
