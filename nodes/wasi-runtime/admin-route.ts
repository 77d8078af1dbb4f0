/** One thing that the editor may ask: how, with which permission and body, and what it is answered. */
import type { Request } from 'express';
import type { AdminAnswer } from './admin-answer';

/** What must be in the body: nothing that is looked at, a JSON object, or a component. */
export type Accepted = 'anything' | 'json' | 'wasm';

export interface AdminRoute {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly permission: 'wasi-runtime.read' | 'wasi-runtime.write';
  readonly accepts: Accepted;
  answer(request: Request): AdminAnswer | Promise<AdminAnswer>;
}
