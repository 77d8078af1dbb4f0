/** What joins a guest's thread to the imports it gives its component, which `src/capabilities/` makes. */

/** What a guest did besides returning, in the form that its imports give it; undefined for nothing. */
export interface CallEffects {
  /** Only of a call that succeeded. */
  readonly onSuccess: unknown;
  /** Of every call that came to an end, also with a fault: what then still holds is for its reader to know. */
  readonly always: unknown;
}

/** The host's side of a guest's imports, made inside the guest's thread. */
export interface HostImports {
  /** By interface without version: `edge:plugin/i2c`. */
  readonly interfaces: Readonly<Record<string, object>>;
  /** Takes what the call that just ended left behind; called once after every call. */
  takeEffects(): CallEffects;
}

/** What the imports of a guest may use of Node-RED's process. */
export interface HostAccess {
  warn(text: string): void;
  /** So many more calls were refused by a grant. */
  refused(count: number): void;
  /** Waits for the devices. Throws WasiError with a HARDWARE_ code. */
  callDevice(method: string, args: readonly unknown[]): unknown;
}

export type HostImportsFactory<Data = unknown> = (data: Data, access: HostAccess) => HostImports;
