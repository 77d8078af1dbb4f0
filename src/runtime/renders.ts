/** Renders of dashboard plugins under way: whoever asks for a page that is being rendered shares that render. */
import type { SensorDataParts } from '../dashboard/sensor-data';
import { asPage } from '../plugin-host/guest-page';
import type { Plugin } from '../plugin-host/plugin';
import { dashboardCall } from './plugin-calls';

export class Renders {
  readonly #running = new Map<string, Promise<string>>();

  /** `data` is asked when the guest is called; `node` is the own one. */
  render(plugin: Plugin, data: () => SensorDataParts, node: string): Promise<string> {
    const running = this.#running.get(plugin.name);
    if (running) return running;
    const render = plugin
      .call(dashboardCall(data, node), asPage(plugin.name))
      .then(({ value }) => value)
      .finally(() => this.#running.delete(plugin.name));
    this.#running.set(plugin.name, render);
    return render;
  }
}
