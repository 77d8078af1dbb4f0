/**
 * `npm run pictures` still finds what it shows in the editor and in the pages. Nothing is compared with the pictures in the
 * repository: the product may look different tomorrow.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadApng, loadSizes, pixelsOf } from '../docs/png';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { launchBrowser, noBrowser } from './chromium';

const LIMIT_MS = 300_000;

describe("the script that takes README's pictures", { skip: noBrowser }, () => {
  it('takes each of them in its size, and one that moves in a browser', async (t) => {
    const folder = scratchFolder(t);
    const args = [join(REPOSITORY, 'scripts', 'pictures.mjs'), '--into', folder];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LIMIT_MS });
    assert.equal(status, 0, stderr);
    const { PICTURES, MAX_SECONDS } = await loadSizes();
    for (const [name, { width, height, scale }] of Object.entries(PICTURES))
      assert.deepEqual(
        pixelsOf(readFileSync(join(folder, name))),
        { width: width * scale, height: height * scale },
        name,
      );
    const moving = readFileSync(join(folder, 'heat-the-room.png'));
    const { chunksOf } = await loadApng();
    const times = [...chunksOf(moving)].filter(({ type }) => type === 'fcTL').map(({ data }) => data.readUInt16BE(20));
    const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1_000;
    assert.ok(times.length > 15 && seconds > 5 && seconds <= MAX_SECONDS, `${times.length} frames, ${seconds} s`);
    assert.equal(await framesInBrowser(moving), times.length);
  });
});

/** What the browser's own decoder finds. */
async function framesInBrowser(png: Buffer): Promise<unknown> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.route('https://pictures.test/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('https://pictures.test/');
    return await page.evaluate(`(async () => {
      const data = Uint8Array.from(atob('${png.toString('base64')}'), (letter) => letter.charCodeAt(0));
      const decoder = new ImageDecoder({ data, type: 'image/png' });
      await decoder.tracks.ready;
      const { frameCount } = decoder.tracks.selectedTrack;
      await decoder.decode({ frameIndex: frameCount - 1 });
      return frameCount;
    })()`);
  } finally {
    await browser.close();
  }
}
