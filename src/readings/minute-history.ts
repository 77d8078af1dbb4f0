/**
 * Every number of every sensor by the minute, for the last 24 hours: some 50 KB a field and day, an hour at a time. Minutes
 * are those of the host's clock when a value arrives, as a guest's own timestamps may be anything; what another node read
 * has no other time than its own.
 *
 * Bounded by `MAX_FIELDS` (some 26 MB) and, for one plugin of one node, `MAX_FIELDS_PER_PLUGIN`: a guest that invents fields
 * uses up its own share. Where there is no room, the field that was silent longest is pushed out, but none that was heard of
 * within ten minutes: a poll with more fields than the bound would otherwise push out each of its own before it is full.
 * What is not kept is said once. Knows no files; which hours have changed is asked by whoever writes them.
 */

import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../platform/clock';
import { FieldMinutes } from './field-minutes';
import { byPlace, type FieldPlace, isOfSensor } from './field-place';
import type { Minute } from './hour-minutes';
import { hourOf, KEPT_HOURS, keptHours, MAX_HOURS, MINUTE_MS, minuteOf } from './hours';
import type { Reading } from './reading';
import { SettledClock } from './settled-clock';

export const MAX_FIELDS = 512;
export const MAX_FIELDS_PER_PLUGIN = 128;
/** Twice the longest interval that sensors are usually polled with. */
export const SILENT_MS = 10 * MINUTE_MS;
/** That a clock which jumps to and fro may add before what it added goes again. */
export const SPARE_HOURS = 3;
/** Beside owners, which are JSON. */
const IN_ALL = '';

/** Narrows down what is asked for; whatever is left out is open. */
export interface HistorySelection {
  /** A sensor's id, or `<node>/<plugin>/<sensor>`. */
  readonly sensor?: string;
  readonly field?: string;
}

export class MinuteHistory {
  /** By node and plugin, then by sensor and field. */
  readonly #plugins = new Map<string, Map<string, FieldMinutes>>();
  /** In the order in which they were entered. */
  readonly #hours = new Set<number>();
  readonly #settledClock = new SettledClock();
  readonly #dropped = new Set<number>();
  readonly #changed = new Set<number>();
  readonly #told = new Set<string>();
  /** By bound: on the clock that nobody sets, until when there is surely nothing to be pushed out. */
  readonly #fullUntil = new Map<string, number>();
  /** Told apart from those of other runs. */
  readonly #run = randomBytes(6).toString('base64url');
  #changes = 0;
  #count = 0;
  #newest = 0;

  /** `onFull` is told, once for each bound, what is not kept. */
  constructor(
    readonly onFull: (text: string) => void,
    readonly clock: Pick<Clock, 'now' | 'monotonic'> = systemClock,
  ) {}

  /** Another text whenever anything that could be asked for is another. */
  get revision(): string {
    return `${this.#run}.${this.#changes}.${minuteOf(this.clock.now())}`;
  }

  /** Of this node: they came now. */
  add(readings: readonly Reading[]): void {
    const now = this.#steadyNow();
    const minute = minuteOf(now);
    const hour = hourOf(now);
    const monotonic = this.clock.monotonic();
    this.#enter(hour, now);
    for (const reading of readings) {
      for (const [kept, value] of this.#fieldsOf(reading)) {
        kept.add(value, minute, monotonic);
        this.#changed.add(hour);
      }
    }
    this.#changes += 1;
  }

  /**
   * Of another node, by this node's clock: when they were read is what counts, as they come hours later after an outage,
   * and the last ones once more after a start. What seems to be of the future is of now; what is too old is dropped.
   */
  addOfOther(readings: readonly Reading[]): void {
    const now = this.#steadyNow();
    const monotonic = this.clock.monotonic();
    for (const reading of readings) {
      const at = Math.min(now, reading.timestamp);
      const hour = hourOf(at);
      if (hour < hourOf(now) - KEPT_HOURS) continue;
      this.#enter(hour, now);
      if (!this.#hours.has(hour)) continue;
      for (const [kept, value] of this.#fieldsOf(reading))
        if (kept.addLate(value, minuteOf(at), minuteOf(now), monotonic)) this.#changed.add(hour);
    }
    this.#changes += 1;
  }

  /**
   * What was kept of an hour of one number elsewhere, by minute (0–59), added to what there is. Dropped where its hour is
   * too old or its field has no room.
   */
  restore(hour: number, place: FieldPlace, unit: string | undefined, minutes: Iterable<[number, Minute]>): void {
    this.#enter(hour, this.clock.now());
    const field = this.#hours.has(hour) ? this.#fieldAt(place) : undefined;
    if (!field) return;
    field.unit ??= unit;
    for (const [within, minute] of minutes) field.restore(hour, within, minute);
    this.#changes += 1;
  }

  /** In the order of node, plugin, sensor and field. */
  fields({ sensor, field }: HistorySelection = {}): readonly FieldMinutes[] {
    return [...this.#plugins.values()]
      .flatMap((fields) => [...fields.values()])
      .filter(({ place }) => (field === undefined || place.field === field) && isOfSensor(place, sensor))
      .sort((a, b) => byPlace(a.place, b.place));
  }

  find({ node, plugin, sensorId, field }: FieldPlace): FieldMinutes | undefined {
    return this.#plugins.get(JSON.stringify([node, plugin]))?.get(JSON.stringify([sensorId, field]));
  }

  /** Hours with values that came since they were last taken, oldest first. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed].filter((hour) => this.#hours.has(hour)).sort((a, b) => a - b);
    this.#changed.clear();
    return changed;
  }

  /** Hours that were dropped since they were last taken: what there was of them is in memory no more. */
  takeDropped(): readonly number[] {
    const dropped = [...this.#dropped];
    this.#dropped.clear();
    return dropped;
  }

  holds(hour: number): boolean {
    return this.#hours.has(hour);
  }

  /** Nothing is removed for its age before. */
  get isClockSettled(): boolean {
    return this.#settledClock.isSettled(this.clock.now(), this.clock.monotonic());
  }

  /** It was taken, and could not be written. */
  giveBack(hour: number): void {
    this.#changed.add(hour);
  }

  /** The numbers of a reading, each with where it is kept, as far as there is room. */
  *#fieldsOf({ node, plugin, sensorId, values, units }: Reading): Generator<readonly [FieldMinutes, number]> {
    for (const [field, value] of Object.entries(values)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      const kept = this.#fieldAt({ node, plugin, sensorId, field });
      if (!kept) continue;
      kept.unit = Object.hasOwn(units, field) ? units[field] : undefined;
      yield [kept, value];
    }
  }

  /** A clock that is corrected by seconds would go through a minute twice, and replace what it had. */
  #steadyNow(): number {
    const now = this.clock.now();
    // It notices a jump only where it is asked before and after.
    this.#settledClock.isSettled(now, this.clock.monotonic());
    const isCorrection = now < this.#newest && this.#newest - now < MINUTE_MS;
    if (!isCorrection) this.#newest = now;
    return this.#newest;
  }

  #enter(hour: number, now: number): void {
    if (this.#hours.has(hour)) return;
    this.#hours.add(hour);
    const kept = new Set(this.isClockSettled ? keptHours(this.#hours, now) : this.#hoursOfJumps());
    for (const old of [...this.#hours].filter((known) => !kept.has(known))) this.#dropHour(old);
  }

  /** While the clock jumps nothing goes for its age; beyond the bound what was entered last does, except for the current hour. */
  #hoursOfJumps(): readonly number[] {
    const hours = [...this.#hours];
    const excess = Math.max(0, hours.length - MAX_HOURS - SPARE_HOURS);
    return [...hours.slice(0, hours.length - 1 - excess), ...hours.slice(-1)];
  }

  #dropHour(hour: number): void {
    this.#hours.delete(hour);
    this.#dropped.add(hour);
    for (const [owner, fields] of this.#plugins) {
      for (const [key, field] of fields) {
        field.dropHour(hour);
        if (field.isEmpty) this.#dropField(owner, fields, key);
      }
    }
  }

  #dropField(owner: string, fields: Map<string, FieldMinutes>, key: string): void {
    fields.delete(key);
    this.#count -= 1;
    if (fields.size > 0) return;
    this.#plugins.delete(owner);
    this.#fullUntil.delete(owner);
  }

  /** undefined where there is no room for it. */
  #fieldAt(place: FieldPlace): FieldMinutes | undefined {
    const owner = JSON.stringify([place.node, place.plugin]);
    const key = JSON.stringify([place.sensorId, place.field]);
    const known = this.#plugins.get(owner)?.get(key);
    if (known) return known;
    if (!this.#makeRoom(owner, place)) return undefined;
    const fields = this.#plugins.get(owner) ?? new Map<string, FieldMinutes>();
    const field = new FieldMinutes(place);
    this.#plugins.set(owner, fields.set(key, field));
    this.#count += 1;
    return field;
  }

  #makeRoom(owner: string, { plugin }: FieldPlace): boolean {
    const own = this.#plugins.get(owner);
    if (own && own.size >= MAX_FIELDS_PER_PLUGIN) {
      return this.#pushOut(owner, [[owner, own]], `${MAX_FIELDS_PER_PLUGIN} fields of plugin ${plugin}`);
    }
    return this.#count < MAX_FIELDS || this.#pushOut(IN_ALL, this.#plugins, `${MAX_FIELDS} fields in all`);
  }

  #pushOut(place: string, candidates: Iterable<readonly [string, Map<string, FieldMinutes>]>, bound: string): boolean {
    const monotonic = this.clock.monotonic();
    // A poll may bring a thousand fields, and all of them would look through all that there are.
    if (monotonic < (this.#fullUntil.get(place) ?? Number.NEGATIVE_INFINITY)) return false;
    let heardAt = Number.POSITIVE_INFINITY;
    let pushOut: (() => void) | undefined;
    for (const [owner, fields] of candidates) {
      for (const [key, field] of fields) {
        if (field.heardAt > heardAt) continue;
        heardAt = field.heardAt;
        pushOut = () => this.#dropField(owner, fields, key);
      }
    }
    if (pushOut && heardAt <= monotonic - SILENT_MS) {
      pushOut();
      return true;
    }
    this.#fullUntil.set(place, heardAt + SILENT_MS);
    if (!this.#told.has(bound) && this.#told.size < MAX_FIELDS) {
      this.#told.add(bound);
      this.onFull(
        `the history of 24 hours has room for ${bound}: what comes beyond is shown and polled, but not kept in it`,
      );
    }
    return false;
  }
}
