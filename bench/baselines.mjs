/**
 * The baselines of ratios. Each is measured in the same process as the figure, or in the same run, so that a ratio can be
 * compared between machines and with a run on a machine that does other work.
 */
export const BASELINES = {
  echo: { unit: 'µs', meaning: 'a message to an empty worker thread and back, median' },
  'echo p99': { unit: 'µs', meaning: 'the same message, 99th percentile' },
  hash: { unit: 'ms', meaning: 'SHA-256 of 32 MiB, median' },
  'hash rate': { unit: '/s', meaning: 'such hashes in a second' },
  'idle loop': { unit: 'ms', meaning: 'longest stall of the event loop in half a second without work' },
  'Node-RED alone': { unit: 'MB', meaning: 'memory of Node-RED without this package' },
  'heap of Node-RED alone': { unit: 'MB', meaning: 'JavaScript heap of Node-RED without this package' },
  'empty page': { unit: 'ms', meaning: 'first paint of an empty page from the same Node-RED' },
  'read alone': { unit: 'ms', meaning: 'the same read while no other plugin reads' },
};
