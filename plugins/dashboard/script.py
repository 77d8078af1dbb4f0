"""The page's one script. It counts ages on, tells times in the reader's zone, and filters the log; all of it again
after the host has morphed the page (`wasi-update`). The same text at every render: a page whose script changes is
loaded anew.

Ages are counted from when the page came, since the reader's clock may differ from the host's. A reading that grows
stale while nothing comes turns its card here, as no new page would: nobody polls any more.
"""

SCRIPT = """(() => {
'use strict';
const all = (what) => document.querySelectorAll(what), one = (id) => document.getElementById(id);
let came = Date.now(), typed = '', level = '4', state = '';
const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
const ageOf = (seconds) => {
  if (seconds < 2) return 'just now';
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  const said = units.slice(first, first + 2).map(([unit, size], at) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count || !at ? count + ' ' + unit : '';
  });
  return said.join(' ').trim() + ' ago';
};
const ages = () => {
  const passed = Math.max(0, Math.floor((Date.now() - came) / 1000));
  let turned = 0;
  for (const badge of all('[data-age]')) {
    const age = Number(badge.dataset.age) + passed, limit = Number(badge.dataset.stale);
    const isStale = age > limit;
    if (isStale && Number(badge.dataset.age) <= limit) {
      turned += 1;
      badge.classList.replace('good', 'warn');
      badge.closest('.sensor').classList.add('stale');
    }
    badge.textContent = (badge.dataset.before || (isStale ? 'stale, ' : '')) + ageOf(age);
  }
  const line = one('state');
  if (!turned || !line) return;
  const sensors = turned === 1 ? '1 sensor' : turned + ' sensors';
  const fresh = line.classList.replace('good', 'warn') || state === '';
  if (fresh) state = '';
  const words = state ? state + '; ' + sensors + ' more stale' : sensors + ' stale';
  if (line.textContent !== words) line.textContent = words;
};
const two = (number) => String(number).padStart(2, '0');
const times = () => {
  const today = new Date().toDateString();
  for (const time of all('time')) {
    const at = new Date(time.dateTime);
    const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
    const day = at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate());
    time.textContent = at.toDateString() === today ? clock : day + ' ' + clock;
  }
  for (const zone of all('.zone')) zone.hidden = true;
};
const filter = () => {
  const lines = all('#log-lines > li'), wanted = typed.trim().toLowerCase();
  let shown = 0;
  for (const line of lines) {
    const fits = line.dataset.level <= level && line.textContent.toLowerCase().includes(wanted);
    if (line.hidden === fits) line.hidden = !fits;
    if (fits) shown += 1;
  }
  const none = one('log-none'), count = one('log-count');
  if (none) none.hidden = shown > 0;
  const words = shown === lines.length ? lines.length + ' lines' : shown + ' of ' + lines.length + ' lines';
  if (count && count.textContent !== words) count.textContent = words;
};
const update = () => {
  came = Date.now();
  const line = one('state'), text = one('log-filter'), choice = one('log-level');
  state = line && !line.classList.contains('good') ? line.textContent : '';
  if (text && text.value !== typed) text.value = typed;
  if (choice && choice.value !== level) choice.value = level;
  ages();
  times();
  filter();
};
document.addEventListener('input', ({ target }) => {
  if (target.id === 'log-filter') typed = target.value;
  else if (target.id === 'log-level') level = target.value;
  else return;
  filter();
});
document.addEventListener('wasi-update', update);
setInterval(ages, 1000);
update();
})();"""
