/** The part of node-red-node-test-helper that the tests use; the package brings no types. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeInitializer } from 'node-red';

  interface TestHelper {
    load(nodes: readonly NodeInitializer[], flow: readonly object[], credentials: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node;
    settings(settings: object): void;
  }
  const helper: TestHelper;
  export = helper;
}
