/**
 * host.toml as a file that this package writes: read whole with a revision (sha256 of its bytes), and replaced, whole,
 * only where it is still what was read and the new text is valid. One write runs at a time, and few wait. A file that does
 * not exist is made, with its folder. Between the last look and the rename another program may write: nothing can help
 * that, as programs do not lock it.
 *
 * Throws CONFIG_INVALID: NotWritten (for an edit with the lines to paste) where the text is in the node, the file changed
 * meanwhile or may not be written; ConfigInvalid where the new text is not a valid host.toml.
 */

import { createHash } from 'node:crypto';
import { failureReason } from '../errors/failure-reason';
import { errnoOf } from '../platform/errno';
import { Mutex } from '../platform/mutex';
import { NO_REPORT, type StorageReport } from '../platform/storage-report';
import { editHostToml, linesOf, type PluginEdit } from './edit-host-toml';
import { type ConfigOrigin, configText, hostConfigPath, readConfigBytes } from './load-host-config';
import { NotWritten } from './not-written';
import { checkHostConfig } from './parse-host-config';
import { configInvalid } from './problems';
import { writeWhole } from './write-whole';

export interface HostTomlText {
  readonly path: string;
  /** As it is, with a byte order mark if it has one; "" where there is no file. */
  readonly text: string;
  /** What a write must name: another one means another text. */
  readonly revision: string;
  readonly exists: boolean;
}

export interface Written {
  readonly path: string;
  readonly revision: string;
}

const NO_FILE = 'none';
const RIGHTS: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM']);
/** Writes that may wait for their turn; each takes some ms. */
const MAX_WAITING = 8;

export class HostTomlFile {
  /** undefined: the text is in the node. */
  readonly path: string | undefined;
  #waiting = 0;
  #report: StorageReport = NO_REPORT;
  readonly #mutex = new Mutex();

  constructor(origin: ConfigOrigin) {
    this.path = hostConfigPath(origin);
  }

  /** From now on told how each write went; the last one that was given. */
  reportTo(report: StorageReport): void {
    this.#report = report;
  }

  async read(): Promise<HostTomlText> {
    const path = this.#pathFor('');
    const bytes = await readConfigBytes(path);
    if (bytes === undefined) return { path, text: '', revision: NO_FILE, exists: false };
    return { path, text: configText(bytes, path), revision: revisionOf(bytes), exists: true };
  }

  /** `revision`: of the text that the new one was made from. */
  async write(text: string, revision: string): Promise<Written> {
    const path = this.#pathFor('');
    const { problems } = checkHostConfig(text.replace(/^\ufeff/, ''));
    const [first] = problems;
    if (first !== undefined) throw configInvalid(`${path} was not written, ${first.text}`, { problems });
    return this.#inTurn('', () => replace(path, text, revision, '', this.#report));
  }

  async edit(edit: PluginEdit): Promise<Written> {
    const lines = linesOf(edit);
    this.#pathFor(lines);
    return this.#inTurn(lines, async () => {
      const { path, text, revision } = await this.read();
      const edited = editHostToml(text, edit);
      return edited === text ? { path, revision } : replace(path, edited, revision, lines, this.#report);
    });
  }

  #pathFor(lines: string): string {
    if (this.path !== undefined) return this.path;
    throw new NotWritten('the configuration is text of the wasi-runtime node: change it there and deploy', lines);
  }

  async #inTurn(lines: string, write: () => Promise<Written>): Promise<Written> {
    if (this.#waiting >= MAX_WAITING)
      throw new NotWritten(`${this.path} is being written ${MAX_WAITING} times already: try again`, lines);
    this.#waiting += 1;
    try {
      return await this.#mutex.run(write);
    } finally {
      this.#waiting -= 1;
    }
  }
}

async function replace(
  path: string,
  text: string,
  revision: string,
  lines: string,
  report: StorageReport,
): Promise<Written> {
  const bytes = Buffer.from(text);
  const isSame = async () => {
    const found = await readConfigBytes(path);
    return (found === undefined ? NO_FILE : revisionOf(found)) === revision;
  };
  const changed = () => new NotWritten(`${path} was changed meanwhile, and was left as it is: load it again`, lines);
  if (!(await isSame())) throw changed();
  try {
    if (!(await writeWhole(path, bytes, isSame))) throw changed();
  } catch (error) {
    if (error instanceof NotWritten) throw error;
    // One that Node-RED's user may not write is meant to be so, as a rule.
    if (!RIGHTS.has(errnoOf(error))) report.failed(error);
    throw unwritable(path, error, lines);
  }
  report.written();
  return { path, revision: revisionOf(bytes) };
}

function unwritable(path: string, cause: unknown, lines: string): NotWritten {
  const remedy = lines === '' ? 'Write it by hand' : 'Write these lines into it by hand';
  return new NotWritten(`${path} could not be written ${failureReason(cause, 'write')}. ${remedy}`, lines, { cause });
}

function revisionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
