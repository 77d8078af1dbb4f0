/**
 * The page of the bundled dashboard as a browser gets it: made by the real component, shown under a policy as tight as that of
 * the frame it lives in. What a browser complains of, and what it would load, is kept to be looked at.
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Guest } from '../../src/guest-process/guest';
import { bundledPlugin } from '../wasm/components';
import { Engine } from '../wasm/engine';
import { launchBrowser } from './chromium';

const LOGIC = 'edge:plugin/dashboard-logic@1.0.0';
/** A slow machine renders a thousand sensors in less. */
const RENDER_DEADLINE_MS = 60_000;
/** The clock runs from its start until it is stopped: longer than that takes. */
const CLOCK_START_MS = 60_000;
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'none'; worker-src 'none'; form-action 'none'; base-uri 'none'";

export const SIZES = {
  phone: { width: 360, height: 740 },
  small: { width: 320, height: 640 },
  desktop: { width: 1440, height: 900 },
  wall: { width: 2560, height: 1440 },
} as const;

export type Wishes = BrowserContextOptions & {
  /** Time stands still there until it is moved. */
  readonly clock?: number;
};

export interface Shown {
  readonly page: Page;
  /** Whatever the console said, errors of scripts and breaches of the policy included. */
  readonly complaints: readonly string[];
  /** Addresses of requests. */
  readonly requests: readonly string[];
}

/** One component and one browser for a test file; ended with it. */
export class RenderedPages {
  readonly #engine: Engine;
  #guest: Promise<Guest> | undefined;
  #browser: Promise<Browser> | undefined;

  constructor(test: { after(end: () => void | Promise<void>): void }) {
    this.#engine = new Engine(test);
    test.after(async () => {
      await (await this.#browser)?.close();
    });
  }

  /** `data`: what `sensorData` gives. */
  async html(data: string): Promise<string> {
    this.#guest ??= this.#engine.start(bundledPlugin('dashboard'));
    const { value } = await (await this.#guest).call(LOGIC, 'render', [data], RENDER_DEADLINE_MS);
    if (typeof value !== 'string') throw new Error(`the dashboard gave ${typeof value}`);
    return value;
  }

  async show(html: string, { clock, ...wishes }: Wishes = {}): Promise<Shown> {
    this.#browser ??= launchBrowser();
    const context = await (await this.#browser).newContext({ viewport: SIZES.desktop, timezoneId: 'UTC', ...wishes });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    if (clock !== undefined) {
      await page.clock.install({ time: clock - CLOCK_START_MS });
      await page.clock.pauseAt(clock);
    }
    await page.setContent(`<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">${html}`);
    return { page, complaints, requests };
  }
}
