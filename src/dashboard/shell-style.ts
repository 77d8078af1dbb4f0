/** The shell's style: as little as there is to see. Banner and bar stand beside the frame, never over it. */
export const SHELL_STYLE =
  ':root{color-scheme:light dark;--ink:#333;--paper:#f3f3f3;--line:#d0d0d0;--link:#0b57a4;--live:#1b7f3b;--gone:#a31621;' +
  '--alarm-ink:#fff;--alarm:#a31621}' +
  '@media(prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#1c1e21;--line:#3a3d42;--link:#8ab8ff;--live:#5fce86;' +
  '--gone:#ff9a94;--alarm-ink:#fff;--alarm:#8f1d25}}' +
  'html,body{height:100%;margin:0}' +
  'body{display:grid;grid-template:auto 1fr auto/100%;height:100dvh;background:var(--paper);color:var(--ink);' +
  'font:13px/1.4 system-ui,sans-serif}' +
  'main{position:relative;min-height:0}iframe{display:block;width:100%;height:100%;border:0}' +
  // What is shown may be an old page.
  '.old iframe{opacity:.6}' +
  // For who hears the page: the plugin's own heading is in a document of its own.
  'h1{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}' +
  '#banner{background:var(--alarm);color:var(--alarm-ink);font-size:15px}' +
  '#banner p{margin:0;padding:.6rem 1rem;max-width:70rem;overflow-wrap:anywhere}' +
  'footer{display:flex;justify-content:space-between;gap:1rem;padding:.3rem 1rem;border-top:1px solid var(--line)}' +
  '#state::before{content:"";display:inline-block;width:.55em;height:.55em;margin-right:.5em;border-radius:50%;' +
  'border:1px solid currentColor}' +
  '#state:empty::before{display:none}#state.live{color:var(--live)}#state.live::before{background:currentColor}' +
  '#state.gone{color:var(--gone)}a{color:var(--link)}a:focus-visible{outline:2px solid currentColor;outline-offset:2px}' +
  // In place of everything else.
  '#crash{align-self:start;margin:2rem auto;padding:0 1rem;max-width:40rem;font-size:16px;overflow-wrap:anywhere}' +
  '#crash h2{font-size:1.3rem;line-height:1.3}#crash button{font:inherit;padding:.5rem 1rem}' +
  '@media print{footer,#banner{display:none}}';
