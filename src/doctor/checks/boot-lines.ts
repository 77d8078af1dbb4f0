/**
 * How to add lines to config.txt. They are appended below an [all] of their own: the file often ends in a section for
 * another board, where they would do nothing.
 */
import type { BootConfig, LineState } from '../boot-config';
import type { Fix } from '../fix';

const USUAL_PATH = '/boot/firmware/config.txt';

export function addToBootConfig(boot: BootConfig | undefined, lines: readonly string[]): Fix {
  const path = boot?.path ?? USUAL_PATH;
  const text = ['', '[all]', ...lines, ''].join('\\n');
  return {
    how: `${path} needs ${lines.join(' and ')}`,
    lines: [`printf '${text}' | sudo tee -a ${path}`, 'sudo reboot'],
  };
}

/** For what is not there although its line may be. */
export function overlayMend(boot: BootConfig | undefined, state: LineState, lines: readonly string[]): Fix {
  const { how, lines: typed } = addToBootConfig(boot, lines);
  switch (state) {
    case 'absent':
      return { how, lines: typed };
    case 'commented':
      return { how: `${how}; it is there, but commented out`, lines: typed };
    case 'other-board':
      return { how: `${how}; it is there, but in a section for another board`, lines: typed };
    case 'holds':
      return {
        how: `${boot?.path ?? USUAL_PATH} has its line: reboot; if that does not help, the kernel says why`,
        lines: ['sudo reboot', 'sudo dmesg | tail -n 50'],
      };
  }
}
