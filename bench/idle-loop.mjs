/** The longest stall of a loop without work: the baseline of stalls, measured in the same process. */
const IDLE_MS = 500;

/** Resets `probe`. Call it before the work that is measured. */
export async function idleStall(probe) {
  probe.take();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return probe.take();
}
