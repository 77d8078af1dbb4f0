/**
 * Adding a plugin: a `.wasm` that is dropped here, or chosen, is sent to the runtime, which only looks at it. What it asks
 * for is shown first (upload-preview.ts); it is installed or thrown away after that. One upload at a time.
 */
import { RequestRefused, type RuntimeRequests } from './admin-api';
import { button, element, show } from './elements';
import { Outcome } from './outcome';
import type { Upload } from './runtime-view';
import { bytes, text } from './texts';
import { UploadPreview } from './upload-preview';

const MAX_BYTES = 64 * 1024 * 1024;
const LOOK_AGAIN_MS = 300;
/** Transpiling a large component on a Raspberry Pi. */
const INSPECTION_LIMIT_MS = 120_000;
const DRAG_EVENTS = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;

export class UploadPanel {
  readonly element: HTMLElement;
  readonly #zone: HTMLElement;
  readonly #chooser = element('input', {
    type: 'file',
    accept: '.wasm,application/wasm',
    tabindex: '-1',
    'aria-hidden': 'true',
  });
  readonly #progress = element('progress', { max: '1', 'aria-label': text('upload.progress') });
  readonly #outcome = new Outcome();
  readonly #place = element('div');
  #state: 'empty' | 'busy' | 'closed' = 'empty';
  /** What lies at the runtime, to be thrown away if the form is closed. */
  #upload: string | undefined;

  constructor(
    readonly requests: RuntimeRequests,
    readonly installed: () => void,
  ) {
    const choose = button(text('upload.choose'), 'folder-open-o', () => this.#chooser.click());
    this.#chooser.hidden = true;
    this.#chooser.addEventListener('change', () => this.#take(this.#chooser.files));
    this.#zone = element(
      'div',
      { class: 'edge-wasi-drop' },
      element('span', {}, text('upload.drop')),
      ' ',
      choose,
      this.#chooser,
    );
    show(this.#progress, false);
    this.element = element(
      'section',
      { 'aria-label': text('upload.title') },
      element('h5', {}, text('upload.title')),
      this.#zone,
      this.#progress,
      this.#outcome.element,
      this.#place,
    );
    for (const kind of DRAG_EVENTS) this.#zone.addEventListener(kind, (event) => this.#drag(event));
  }

  close(): void {
    this.#state = 'closed';
    // Nobody is left to be told; the runtime throws away what is not installed by itself, later.
    if (this.#upload !== undefined) this.requests.discard(this.#upload).catch(() => undefined);
    this.#upload = undefined;
  }

  /** Node-RED's own drop zone, which imports flows, would lie over the form otherwise. */
  #drag(event: DragEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.#zone.classList.toggle('edge-wasi-over', event.type === 'dragenter' || event.type === 'dragover');
    if (event.type === 'drop') this.#take(event.dataTransfer?.files ?? null);
  }

  #take(files: FileList | null): void {
    const file = files?.[0];
    if (file === undefined || this.#state !== 'empty') return;
    this.#outcome.clear();
    if (!file.name.endsWith('.wasm')) this.#outcome.failed(new Error(text('upload.notWasm', { name: file.name })));
    else if (file.size > MAX_BYTES) {
      this.#outcome.failed(new Error(text('upload.tooLarge', { name: file.name, size: bytes(file.size) })));
    } else void this.#send(file);
    this.#chooser.value = '';
  }

  async #send(file: File): Promise<void> {
    this.#state = 'busy';
    this.#zone.classList.add('edge-wasi-busy');
    show(this.#progress, true);
    this.#progress.value = 0;
    try {
      const { upload } = await this.requests.startUpload(file, (share) => {
        this.#progress.value = share;
      });
      this.#upload = upload;
      this.#progress.removeAttribute('value');
      this.#inspected(await this.#untilInspected(upload));
    } catch (error) {
      this.#rest();
      this.#outcome.failed(error);
    } finally {
      show(this.#progress, false);
    }
  }

  async #untilInspected(upload: string): Promise<Exclude<Upload, { state: 'inspecting' }>> {
    const until = performance.now() + INSPECTION_LIMIT_MS;
    while (this.#state === 'busy' && performance.now() < until) {
      const found = await this.requests.upload(upload);
      if (found.state !== 'inspecting') return found;
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_AGAIN_MS));
    }
    throw new Error(text('upload.tooSlow'));
  }

  #inspected(found: Exclude<Upload, { state: 'inspecting' }>): void {
    if (found.state === 'refused') throw new RequestRefused(400, found);
    const preview = new UploadPreview(found, {
      install: async (enabled, lines) => this.#install(enabled, lines),
      discard: () => void this.#discard(),
    });
    this.#place.replaceChildren(preview.element);
    show(this.#zone, false);
    preview.focus();
  }

  async #install(enabled: boolean, lines: string | undefined): Promise<void> {
    if (this.#upload === undefined) return;
    try {
      const { installed, written, lines: toPaste } = await this.requests.install(this.#upload, enabled, lines);
      this.#upload = undefined;
      this.#rest();
      const words = { installed, written: written ?? '' };
      this.#outcome.done(text(written === undefined ? 'upload.installed' : 'upload.installedWritten', words));
      if (toPaste !== undefined && toPaste !== '') this.#outcome.offer(toPaste);
      this.installed();
    } catch (error) {
      this.#outcome.failed(error);
    }
  }

  async #discard(): Promise<void> {
    try {
      if (this.#upload !== undefined) await this.requests.discard(this.#upload);
      this.#upload = undefined;
      this.#rest();
      this.#outcome.done(text('upload.discarded'));
    } catch (error) {
      this.#outcome.failed(error);
    }
  }

  #rest(): void {
    if (this.#state === 'busy') this.#state = 'empty';
    this.#zone.classList.remove('edge-wasi-busy');
    show(this.#zone, true);
    this.#place.replaceChildren();
  }
}
