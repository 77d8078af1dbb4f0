/**
 * A display with an SSD1306 in memory: 128 x 64 pixels, one color. It takes the chip's own I²C transfers (control bytes,
 * commands, picture data) and tells what would be seen, on a module that is upright under the commands A1 and C8, as
 * nearly all are. Source: Solomon Systech SSD1306, Rev 1.1, sections 8.1.5, 9 and 10.
 *
 * Not shown: scrolling, fading, contrast, display offset and a multiplex ratio other than 64.
 */

const WIDTH = 128;
const PAGES = 8;
const HEIGHT = 64;
const LAST_COLUMN = WIDTH - 1;
const LAST_PAGE = PAGES - 1;
const LAST_LINE = HEIGHT - 1;
const PIXELS_PER_BYTE = 8;

/** Control byte: one byte follows instead of all the rest; it is data for the picture instead of a command. */
const ONE_BYTE = 0x80;
const IS_DATA = 0x40;
/** Status: the display is off. */
const IS_OFF = 0x40;

/** How many bytes follow the commands that have any. */
const ARGUMENTS: ReadonlyMap<number, number> = new Map([
  [0x20, 1],
  [0x21, 2],
  [0x22, 2],
  [0x23, 1],
  [0x26, 6],
  [0x27, 6],
  [0x29, 5],
  [0x2a, 5],
  [0x81, 1],
  [0x8d, 1],
  [0xa3, 2],
  [0xa8, 1],
  [0xd3, 1],
  [0xd5, 1],
  [0xd6, 1],
  [0xd9, 1],
  [0xda, 1],
  [0xdb, 1],
]);

const CHARGE_PUMP_ON = 0x04;

type Addressing = 'horizontal' | 'vertical' | 'page';
const ADDRESSING: readonly Addressing[] = ['horizontal', 'vertical', 'page'];

export class SimulatedSsd1306 {
  /** By page and segment, the least significant bit at the top. */
  readonly #memory = new Uint8Array(WIDTH * PAGES);
  /** A command whose arguments have not all come yet. */
  #pending: number[] = [];
  #addressing: Addressing = 'page';
  #columns = { first: 0, last: LAST_COLUMN };
  #pages = { first: 0, last: LAST_PAGE };
  #column = 0;
  #page = 0;
  #startLine = 0;
  #segments: 'straight' | 'remapped' = 'straight';
  #lines: 'straight' | 'remapped' = 'straight';
  #pixels: 'normal' | 'inverted' = 'normal';
  #source: 'memory' | 'all-lit' = 'memory';
  #power: 'off' | 'on' = 'off';
  #pump: 'off' | 'on' = 'off';

  transfer(write: Uint8Array, readLength: number): Uint8Array {
    let at = 0;
    while (at < write.length) {
      const control = write[at] ?? 0;
      const end = control & ONE_BYTE ? at + 2 : write.length;
      for (const byte of write.subarray(at + 1, end)) {
        if (control & IS_DATA) this.#writeData(byte);
        else this.#writeCommand(byte);
      }
      at = end;
    }
    return new Uint8Array(readLength).fill(this.#power === 'off' ? IS_OFF : 0);
  }

  /** 32 texts of 128 characters, each of them two pixels: " ", "▀", "▄" or "█". undefined while the display is dark. */
  picture(): readonly string[] | undefined {
    if (this.#power === 'off' || this.#pump === 'off') return undefined;
    return Array.from({ length: HEIGHT / 2 }, (_, line) =>
      Array.from({ length: WIDTH }, (_none, x) => this.#character(x, 2 * line)).join(''),
    );
  }

  #character(x: number, y: number): string {
    const lower = this.#isLit(x, y + 1);
    if (this.#isLit(x, y)) return lower ? '█' : '▀';
    return lower ? '▄' : ' ';
  }

  #isLit(x: number, y: number): boolean {
    if (this.#source === 'all-lit') return true;
    const line = (this.#lines === 'remapped' ? y : LAST_LINE - y) + this.#startLine;
    const row = line % HEIGHT;
    // The last segment is at the left of a module.
    const byte = this.#memory[Math.floor(row / PIXELS_PER_BYTE) * WIDTH + LAST_COLUMN - x] ?? 0;
    const bit = (byte >> (row % PIXELS_PER_BYTE)) & 1;
    return (bit === 1) === (this.#pixels === 'normal');
  }

  #writeData(byte: number): void {
    const segment = this.#segments === 'remapped' ? LAST_COLUMN - this.#column : this.#column;
    this.#memory[this.#page * WIDTH + segment] = byte;
    switch (this.#addressing) {
      case 'page':
        this.#column = (this.#column + 1) % WIDTH;
        break;
      case 'horizontal':
        if (this.#nextColumn() === 'wrapped') this.#nextPage();
        break;
      case 'vertical':
        if (this.#nextPage() === 'wrapped') this.#nextColumn();
        break;
    }
  }

  #nextColumn(): 'moved' | 'wrapped' {
    const { first, last } = this.#columns;
    const wraps = this.#column === last;
    this.#column = wraps ? first : (this.#column + 1) % WIDTH;
    return wraps ? 'wrapped' : 'moved';
  }

  #nextPage(): 'moved' | 'wrapped' {
    const { first, last } = this.#pages;
    const wraps = this.#page === last;
    this.#page = wraps ? first : (this.#page + 1) % PAGES;
    return wraps ? 'wrapped' : 'moved';
  }

  #writeCommand(byte: number): void {
    this.#pending.push(byte);
    const [command = 0, ...args] = this.#pending;
    if (args.length < (ARGUMENTS.get(command) ?? 0)) return;
    this.#pending = [];
    if (args.length > 0) this.#setUp(command, args);
    else this.#execute(command);
  }

  #setUp(command: number, [first = 0, second = 0]: readonly number[]): void {
    switch (command) {
      case 0x20:
        this.#addressing = ADDRESSING[first & 3] ?? this.#addressing;
        break;
      case 0x21:
        this.#columns = { first: first & LAST_COLUMN, last: second & LAST_COLUMN };
        this.#column = this.#columns.first;
        break;
      case 0x22:
        this.#pages = { first: first & LAST_PAGE, last: second & LAST_PAGE };
        this.#page = this.#pages.first;
        break;
      case 0x8d:
        this.#pump = first & CHARGE_PUMP_ON ? 'on' : 'off';
        break;
    }
  }

  #execute(command: number): void {
    if (command <= 0x1f) this.#moveColumn(command);
    else if (command >= 0x40 && command <= 0x7f) this.#startLine = command & LAST_LINE;
    else if (command >= 0xb0 && command <= 0xb7) this.#movePage(command & LAST_PAGE);
    else this.#switch(command);
  }

  /** The lower half of the column, or from 0x10 on the upper one. In page addressing mode only, as the next. */
  #moveColumn(command: number): void {
    if (this.#addressing !== 'page') return;
    const half = command & 0x0f;
    const column = command < 0x10 ? (this.#column & 0xf0) | half : (half << 4) | (this.#column & 0x0f);
    this.#column = column & LAST_COLUMN;
  }

  #movePage(page: number): void {
    if (this.#addressing === 'page') this.#page = page;
  }

  #switch(command: number): void {
    switch (command) {
      case 0xa0:
      case 0xa1:
        this.#segments = command === 0xa1 ? 'remapped' : 'straight';
        break;
      case 0xa4:
      case 0xa5:
        this.#source = command === 0xa5 ? 'all-lit' : 'memory';
        break;
      case 0xa6:
      case 0xa7:
        this.#pixels = command === 0xa7 ? 'inverted' : 'normal';
        break;
      case 0xae:
      case 0xaf:
        this.#power = command === 0xaf ? 'on' : 'off';
        break;
      case 0xc0:
      case 0xc8:
        this.#lines = command === 0xc8 ? 'remapped' : 'straight';
        break;
    }
  }
}
