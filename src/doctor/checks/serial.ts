/** Serial ports that host.toml grants, and on a RevPi its process image. */
import { settingState } from '../boot-config';
import { type Check, ok, skipped } from '../finding';
import { onRealHardware } from './board-needs';
import { addToBootConfig } from './boot-lines';
import { deviceFinding, deviceName } from './device-file';

/** What `enable_uart=1` makes: the header's port and its lasting name. */
const HEADER_PORTS = ['/dev/serial0', '/dev/ttyS0', '/dev/ttyAMA0'];

export function serialPort(path: string): Check {
  return {
    id: `serial-${deviceName(path)}`,
    group: 'devices',
    title: `Serial port ${path}`,
    run: (context) =>
      onRealHardware(context, async () => {
        const { boot, files } = context;
        const isOff = boot !== undefined && settingState(boot, 'enable_uart', '1') !== 'holds';
        const absent =
          HEADER_PORTS.includes(path) && isOff
            ? addToBootConfig(boot, ['enable_uart=1'])
            : { how: 'plug it in, and see which ports there are', lines: ['ls -l /dev/serial/by-id/ /dev/tty[AUS]*'] };
        const finding = await deviceFinding(
          context,
          { path, group: 'dialout', kernelName: deviceName(path), absent },
          path,
        );
        const console = /\bconsole=(\S+)/g;
        const consoles = [...((await files.text('/proc/cmdline')) ?? '').matchAll(console)].map(
          (match) => match[1] ?? '',
        );
        const isConsole = consoles.some((entry) => entry.split(',')[0] === deviceName(path));
        if (finding.kind !== 'ok' || !isConsole) return finding;
        return {
          kind: 'missing',
          says: `the kernel's console writes to ${path}`,
          mend: { how: 'free it', lines: ['sudo raspi-config nonint do_serial_cons 1', 'sudo reboot'] },
        };
      }),
  };
}

export const processImage: Check = {
  id: 'process-image',
  group: 'devices',
  title: 'Process image',
  run: (context) =>
    onRealHardware(context, async ({ processImage: isGranted }) => {
      if (context.board.kind !== 'revpi') return skipped('only a RevPi has one');
      const path = '/dev/piControl0';
      const absent = { how: 'install or start its driver', lines: ['sudo modprobe piControl', 'sudo reboot'] };
      const finding = await deviceFinding(
        context,
        { path, group: 'picontrol', kernelName: 'piControl*', absent },
        path,
      );
      // Nobody asks for it yet: good to know for later.
      return isGranted || finding.kind !== 'missing' ? finding : { ...finding, kind: 'warning' };
    }),
};

export const temperature: Check = {
  id: 'cpu-temperature',
  group: 'devices',
  title: 'CPU temperature',
  run: (context) =>
    onRealHardware(context, async ({ systemInfo }) => {
      if (!systemInfo) return skipped('no plugin may read it');
      for (const zone of await context.files.entries('/sys/class/thermal')) {
        const milli = Number(await context.files.text(`/sys/class/thermal/${zone}/temp`));
        if (zone.startsWith('thermal_zone') && Number.isFinite(milli)) return ok(`${(milli / 1_000).toFixed(1)} °C`);
      }
      return {
        kind: 'missing',
        says: 'there is no thermal zone in /sys/class/thermal',
        mend: { how: 'in a container, let it see /sys', lines: [] },
      };
    }),
};
