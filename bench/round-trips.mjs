/** Round trips one after the other, after a warm-up in which V8 compiles and optimizes their code, also of guests. */
import { spread } from './figures.mjs';

const WARM_UP = 1_500;
const ROUNDS = 700;
const US_PER_MS = 1_000;

/** In µs. `before` runs ahead of each round trip and is not timed. */
export async function timeRoundTrips(roundTrip, { before = () => undefined, rounds = ROUNDS, warmUp = WARM_UP } = {}) {
  const times = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    await before(round);
    const startedAt = performance.now();
    await roundTrip();
    if (round >= warmUp) times.push((performance.now() - startedAt) * US_PER_MS);
  }
  return spread(times);
}
