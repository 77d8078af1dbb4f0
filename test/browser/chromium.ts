/**
 * A real browser (build/chromium.json, scripts/chromium.mjs) that reaches this machine alone. Whoever launches one closes
 * it. Screenshots are kept in build/screenshots, to be looked at; no test compares them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { REPOSITORY } from '../wasm/components';

const FILE = join(REPOSITORY, 'build', 'chromium.json');
const SCREENSHOTS = join(REPOSITORY, 'build', 'screenshots');

function look(): { readonly program: string } | { readonly reason: string } {
  if (!existsSync(FILE)) return { reason: 'there is no build/chromium.json: run "npm test -- browser"' };
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const found = look();
/** Why there is no browser here, for the tests that need one; false where there is. */
export const noBrowser: string | false = 'reason' in found ? found.reason : false;

export const BROWSER_ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

export function browserProgram(): string {
  if ('reason' in found) throw new Error(found.reason);
  return found.program;
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram(), args: [...BROWSER_ARGUMENTS] });
}

/** Of a window, or of one part of it; `name` without `.png`. */
export async function keepPicture(page: Page | Locator, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
