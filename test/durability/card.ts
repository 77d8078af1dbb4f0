/**
 * A card as a Raspberry Pi has one: an ext4 file system in an image that is mounted. Its power is cut by copying the image
 * while it is mounted: the copy has what was synced, and nothing that is in the kernel's memory alone. The kernel writes
 * nothing out by itself meanwhile (commit=300), as it might have on a real card, but need not.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lifetime } from '../runtime/test-runtime';

const MIB = 2 ** 20;

export class Card {
  readonly folder: string;

  private constructor(
    private readonly base: string,
    private readonly image: string,
    private readonly lifetime: Lifetime,
    options: string,
  ) {
    this.folder = join(base, 'mounted');
    mkdirSync(this.folder);
    execFileSync('mount', ['-o', `loop,${options}`, image, this.folder], { stdio: 'pipe' });
    lifetime.after(() => this.remove());
  }

  /** Or why there is none on this machine. */
  static open(lifetime: Lifetime, mib = 64): Card | { readonly reason: string } {
    const base = mkdtempSync(join(tmpdir(), 'wasi-card-'));
    const image = join(base, 'image');
    try {
      execFileSync('truncate', ['-s', String(mib * MIB), image], { stdio: 'pipe' });
      execFileSync('mkfs.ext4', ['-q', '-F', image], { stdio: 'pipe' });
      return new Card(base, image, lifetime, 'commit=300');
    } catch (error) {
      rmSync(base, { recursive: true, force: true });
      return { reason: `no ext4 image can be mounted here (root and loop devices are needed): ${String(error)}` };
    }
  }

  /** What the card has when the power comes back. */
  cutPower(): Card {
    const base = mkdtempSync(join(tmpdir(), 'wasi-card-'));
    const image = join(base, 'image');
    copyFileSync(this.image, image);
    return new Card(base, image, this.lifetime, 'commit=5');
  }

  /** May be called twice. */
  remove(): void {
    spawnSync('umount', [this.folder]);
    rmSync(this.base, { recursive: true, force: true });
  }
}
