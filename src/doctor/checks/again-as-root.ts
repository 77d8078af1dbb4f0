/** How to run the doctor as root: there is no sudo in a container, whose root is asked for from outside. */
import type { DoctorContext } from '../context';

export function againAsRoot({ container }: Pick<DoctorContext, 'container'>): string {
  return container.kind === 'compose'
    ? 'docker compose exec --user root node-red npx edge-wasi doctor --user node-red'
    : 'sudo npx edge-wasi doctor';
}
