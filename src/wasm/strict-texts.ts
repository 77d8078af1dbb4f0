/**
 * A text that a guest passes is what its encoding says, or the guest ends, as the component model wants it
 * (CanonicalABI.md, load_string_from_range). jco's glue would put U+FFFD in place of what is wrong and drop a byte order
 * mark, so that two texts which a guest tells apart are one to the host. For the guest's thread alone, before the glue
 * is evaluated: it takes its decoders from the global.
 */
export function strictTexts(): void {
  globalThis.TextDecoder = class extends TextDecoder {
    constructor(encoding?: string) {
      super(encoding, { fatal: true, ignoreBOM: true });
    }

    override decode(...args: Parameters<TextDecoder['decode']>): string {
      try {
        return super.decode(...args);
      } catch (cause) {
        throw new Error(`it passed a text that is no ${this.encoding}`, { cause });
      }
    }
  };
}
