/** The compiled command in a process of its own, on five machines: what it prints and how it ends. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { pc, pi4, pi5, piZero2, revPi } from './boards';
import { doctorOn, runCommand } from './run-command';
import { unit } from './units';

interface Document {
  readonly hardware: string;
  readonly user: string;
  readonly service: string | null;
  readonly toMend: number;
  readonly warnings: number;
  readonly checks: readonly {
    readonly id: string;
    readonly kind: string;
    readonly says: string;
    readonly mend?: object;
  }[];
}

function parsed(stdout: string): Document {
  return JSON.parse(stdout);
}

function kinds(document: Document, kind: string): string[] {
  return document.checks.filter((check) => check.kind === kind).map(({ id }) => id);
}

/** The block of docs/hardware.md below `<!-- doctor: NAME -->`. */
async function documented(name: string): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'docs', 'hardware.md'), 'utf8');
  const block = new RegExp(`<!-- doctor: ${name} -->\\n+\`\`\`(?:text|json)\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  assert.ok(block !== undefined, `docs/hardware.md has no block ${name}`);
  return block;
}

describe('edge-wasi doctor', () => {
  it('finds nothing to mend on a Raspberry Pi 4 that is set up', async (test) => {
    const { status, stdout, stderr } = await doctorOn(pi4(scratchFolder(test)), [], { units: unit({ User: 'pi' }) });
    assert.equal(stderr, '');
    assert.match(stdout, /\n\nNothing to mend\.\n$/);
    assert.doesNotMatch(stdout, / (warning|missing) {2}/);
    assert.equal(status, 0);
  });

  it('says on a fresh Raspberry Pi Zero 2 W what docs/hardware.md shows', async (test) => {
    const machine = piZero2(scratchFolder(test));
    const { status, stdout } = await doctorOn(machine, [], { units: unit({ User: 'pi' }) });
    assert.equal(stdout, await documented('zero-2-w'));
    assert.equal(status, 1);
  });

  it('gives the rule for udev where only root may open the strip of a Raspberry Pi 5', async (test) => {
    const { status, stdout } = await doctorOn(pi5(scratchFolder(test)), []);
    assert.match(stdout, /missing {2}LED strip +user pi may not open \/dev\/leds0 \(root:root 0600\)/);
    assert.match(
      stdout,
      /\$ echo 'KERNEL=="leds\[0-9\]\*", GROUP="gpio", MODE="0660"' \| sudo tee -a \/etc\/udev\/rules/,
    );
    assert.match(stdout, /\n1 thing to mend\.\n$/);
    assert.equal(status, 1);
  });

  it('asks the BME680 only through koffi', async (test) => {
    const machine = pi4(scratchFolder(test));
    const silent = parsed((await doctorOn(machine, ['--json'], { chipId: undefined })).stdout);
    assert.deepEqual(kinds(silent, 'missing'), ['bme680']);
    const without = parsed((await doctorOn(machine, ['--json'], { koffi: undefined })).stdout);
    assert.deepEqual(kinds(without, 'missing'), ['koffi']);
    const { kind, says } = without.checks.find(({ id }) => id === 'bme680') ?? {};
    assert.deepEqual([kind, says], ['skipped', 'not asked: koffi does not load: it is not installed']);
  });

  it('tells groups that this login lacks from those that its user has', async (test) => {
    const { status, stdout } = await doctorOn(pi4(scratchFolder(test)), ['--json'], { gids: [1000] });
    const document = parsed(stdout);
    assert.deepEqual(kinds(document, 'missing'), ['gpio', 'i2c-1', 'strip']);
    assert.match(
      document.checks.find(({ id }) => id === 'gpio')?.says ?? '',
      /this login is older than its group "gpio"/,
    );
    assert.equal(status, 1);
    const asked = await doctorOn(pi4(scratchFolder(test)), ['--user', 'pi'], { uid: 0, gids: [0] });
    assert.equal(asked.status, 0);
  });

  it('checks a RevPi as the user of its service, and writes the drop-in for its sandbox', async (test) => {
    const machine = revPi(scratchFolder(test));
    machine.file(
      '/var/lib/revpi-nodered/.node-red/wasi/host.toml',
      '[plugins.meter]\nenabled = true\n[plugins.meter.grants]\nuart = ["/dev/ttyRS485"]\nprocess_image = { read = ["Temp_1"] }\n',
    );
    const units = unit({ User: 'nodered', ProtectSystem: 'strict', PrivateDevices: 'yes' });
    const { status, stdout } = await doctorOn(machine, ['--json'], { units });
    const document = parsed(stdout);
    assert.equal(document.hardware, 'revpi');
    assert.equal(document.user, 'nodered');
    assert.deepEqual(kinds(document, 'missing'), ['service', 'serial-ttyRS485', 'process-image', 'enabled-plugins']);
    const service = document.checks.find(({ id }) => id === 'service');
    assert.deepEqual(service?.mend, {
      how: '`sudo systemctl edit nodered.service`, paste, then `sudo systemctl restart nodered.service`',
      lines: [
        '[Service]',
        'SupplementaryGroups=dialout picontrol',
        'PrivateDevices=no',
        'ReadWritePaths=/var/lib/revpi-nodered/.node-red',
      ],
    });
    assert.equal(status, 1);
  });

  it('says on a PC that hardware is simulated, and what it left out', async (test) => {
    const { status, stdout } = await doctorOn(pc(scratchFolder(test)), [], { arch: 'x64' });
    assert.match(stdout, /skipped {2}GPIO controller +simulated hardware is used on this machine/);
    const leftOut = stdout.split('\n').filter((line) => line.startsWith('  skipped')).length;
    assert.ok(leftOut > 10);
    assert.ok(
      stdout.endsWith(`\nSimulated hardware is used here; ${leftOut} checks were left out.\nNothing to mend.\n`),
      stdout,
    );
    assert.equal(status, 0);
  });

  it('has the JSON that docs/hardware.md documents', async (test) => {
    const { stdout } = await doctorOn(piZero2(scratchFolder(test)), ['--json'], { units: unit({ User: 'pi' }) });
    const { checks, ...head } = parsed(stdout);
    const { checks: shown, ...shownHead } = parsed(await documented('json'));
    assert.deepEqual(head, shownHead);
    for (const check of shown)
      assert.deepEqual(
        check,
        checks.find(({ id }) => id === check.id),
      );
    for (const { kind, mend } of checks) assert.equal(mend !== undefined, kind === 'missing' || kind === 'warning');
  });
});

describe('the command line', () => {
  it('prints its usage when asked, and its version', async () => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
    const help = await runCommand([], ['--help']);
    assert.match(help.stdout, /^Usage: edge-wasi <command>.*\n {2}doctor .*\n {2}cluster /s);
    assert.equal(help.status, 0);
    const doctors = await runCommand([], ['doctor', '--help']);
    assert.match(doctors.stdout, /^Usage: edge-wasi doctor/);
    assert.equal(doctors.status, 0);
    assert.deepEqual(await runCommand([], ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('ends with 3 where it fails itself', async () => {
    const { status, stdout, stderr } = await runCommand([], ['doctor', '--root', '/x'.repeat(5_000)]);
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /^edge-wasi: Error: ENAMETOOLONG/);
  });

  for (const [args, problem] of [
    [[], 'No command was given'],
    [['docter'], "Unknown command 'docter'"],
    [['doctor', 'now'], "Unexpected argument 'now'"],
    [['doctor', '--colour'], "Unknown option '--colour'"],
    [['doctor', '--user', 'nobody-of-this-name'], "There is no user 'nobody-of-this-name' in /etc/passwd"],
  ] as const) {
    it(`ends with 2 for: edge-wasi ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await runCommand([], args);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(`edge-wasi: ${problem}.\n\nUsage: `), stderr);
    });
  }
});
