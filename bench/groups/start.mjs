/** Group "start": starting, loading, replacing and killing plugins, and the cost of the checks while they load and run. */
import { join } from 'node:path';
import { median } from '../figures.mjs';
import { PLUGINS } from '../node-red.mjs';
import { OWN_PLUGINS, OWN_PLUGINS_TOML } from '../own-plugins.mjs';
import { repeat } from '../processes.mjs';
import { row, stallRow, timeRow } from '../row.mjs';

const START_RUNS = 3;
const USER_FILE_RUNS = 2;
const START_TARGET_MS = 700;
const LOAD_CHECKS_TARGET_PERCENT = 5;
const POLL_CHECKS_TARGET_PERCENT = 3;
const OWN = Object.keys(OWN_PLUGINS);
const OWN_ALONE = OWN_PLUGINS_TOML + PLUGINS.map((name) => `[plugins.${name}]\nenabled = false\n`).join('');

export async function measure({ folder, guestsDir }) {
  const task = (name) => (run) => ({ userDir: join(folder, `${name}-${run}`), guestsDir });
  const newFile = { userDir: join(folder, 'new-file'), pluginDir: join(folder, 'new-file', 'plugins'), guestsDir };
  return {
    bundled: await repeat(START_RUNS, 'start', task('bundled')),
    newFile: await repeat(1, 'new-file', () => newFile),
    // The four files that the process before has copied and prepared.
    userFiles: await repeat(USER_FILE_RUNS, 'start', () => ({ ...newFile, configText: OWN_ALONE, plugins: OWN })),
    newBuild: await repeat(1, 'new-build', task('new-build')),
    changes: await repeat(1, 'changes', task('changes')),
    checks: await repeat(1, 'checks', task('checks')),
  };
}

export function rows({ bundled, newFile, userFiles, newBuild, changes, checks }) {
  return [
    timeRow({
      id: 'bundled',
      figure: 'start: the four bundled plugins are ready',
      runs: bundled,
      pick: (run) => run.firstMs,
      target: START_TARGET_MS,
    }),
    timeRow({
      id: 'bundled.again',
      figure: 'the same, second start in the same Node-RED',
      runs: bundled,
      pick: (run) => run.secondMs,
    }),
    timeRow({
      id: 'userFiles',
      figure: 'start with four plugin files of your own, which ran before',
      runs: userFiles,
      pick: (run) => run.firstMs,
    }),
    timeRow({
      id: 'newFile.one',
      figure: 'a new Python plugin: from its file copied to its first answer',
      runs: newFile,
      pick: (run) => run.oneMs,
    }),
    timeRow({
      id: 'newFile.four',
      figure: 'four new Python plugins copied at once: to the first answer of all',
      runs: newFile,
      pick: (run) => run.fourMs,
    }),
    timeRow({
      id: 'newBuild.answer',
      figure: 'a new build copied over a running Python plugin: to its first answer',
      runs: newBuild,
      pick: (run) => run.answerMs,
    }),
    timeRow({
      id: 'newBuild.longestPoll',
      figure: 'the longest poll of that plugin meanwhile (a poll starts every 100 ms)',
      runs: newBuild,
      pick: (run) => run.longestPollMs,
    }),
    row({
      id: 'newBuild.busy',
      figure: 'polls of that plugin that fail with POLL_BUSY meanwhile',
      unit: '',
      runs: newBuild,
      pick: (run) => run.busy,
    }),
    timeRow({
      id: 'reload',
      figure: 'a build that ran before copied over a running Python plugin: to its first answer',
      runs: changes,
      pick: (run) => run.reloadMs,
    }),
    timeRow({
      id: 'kill',
      figure: 'a plugin that exceeds its deadline: to a new instance that can be polled',
      runs: changes,
      pick: (run) => run.killMs,
    }),
    checksRow(checks, 'load', ['digests', 'imports', 'memories'], LOAD_CHECKS_TARGET_PERCENT),
    checksRow(checks, 'poll', ['arguments', 'devices', 'messages'], POLL_CHECKS_TARGET_PERCENT),
    stallRow({ id: 'stall.start', figure: 'start', runs: bundled, pick: (run) => run.stall }),
    stallRow({ id: 'stall.newFile', figure: 'four new files at once', runs: newFile, pick: (run) => run.stall }),
    stallRow({ id: 'stall.newBuild', figure: 'new builds', runs: newBuild, pick: (run) => run.stall }),
    stallRow({ id: 'stall.reload', figure: 'builds that ran before', runs: changes, pick: (run) => run.reloadStall }),
    stallRow({ id: 'stall.kill', figure: 'kills', runs: changes, pick: (run) => run.killStall }),
  ];
}

function checksRow(checks, of, parts, target) {
  const percent = (part) => median(checks.map((run) => run[of][part] * 100));
  return row({
    id: `checks.${of}`,
    figure: `share of all security checks in ${of === 'load' ? 'loading the bundled plugins' : 'a poll of pi_monitor'}`,
    unit: '%',
    target,
    runs: checks,
    pick: (run) => parts.reduce((sum, part) => sum + run[of][part] * 100, 0),
    note: () => parts.map((part) => `${part} ${percent(part).toFixed(2)}`).join(', '),
  });
}
