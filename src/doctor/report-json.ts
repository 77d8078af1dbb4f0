/** The report for programs. Its shape is documented in docs/hardware.md and stays: keys may be added, none changed. */
import type { DoctorContext } from './context';
import type { Report } from './report';

export function reportJson({ results, toMend, warnings }: Report, context: DoctorContext): string {
  const { board, container, account, service, userDir, pluginDir } = context;
  const document = {
    hardware: board.kind === 'other' ? 'simulated' : board.kind,
    board: board.model ?? null,
    container: container.kind === 'none' ? null : container.name,
    user: account.name,
    service: service.kind === 'found' ? service.unit : null,
    userDir,
    pluginDir,
    toMend,
    warnings,
    checks: results.map(({ id, group, title, finding }) => ({ id, group, title, ...finding })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
