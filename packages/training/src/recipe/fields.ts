import { nearestName } from '@cairn/core';
import { TrainingError } from '../errors.ts';

/** Reads the fields of one JSON object strictly. Every complaint names the field by its path. */
export interface Fields {
  /** Path of the object itself; empty for the whole file. */
  readonly path: string;
  has(name: string): boolean;
  /** @throws TrainingError `RECIPE_MALFORMED`, as all readers below do. */
  object(name: string, known: readonly string[]): Fields;
  objects(name: string, known: readonly string[], most: number): Fields[];
  texts(name: string, most: number, initial: readonly string[]): string[];
  text(name: string, longest: number, initial?: string): string;
  whole(name: string, low: number, high: number, initial?: number): number;
  decimal(name: string, low: number, high: number, initial?: number): number;
  flag(name: string, initial: boolean): boolean;
  choice<T extends string>(name: string, choices: readonly T[], initial?: T): T;
  /** A complaint about a field of this object. */
  refuse(name: string, reason: string): TrainingError;
}

export function malformed(field: string, reason: string): TrainingError {
  return new TrainingError(
    { code: 'RECIPE_MALFORMED', field, reason },
    `The recipe's ${field} ${reason}. See docs/guide/recipes.md for every field.`,
  );
}

/** @throws TrainingError `RECIPE_MALFORMED` when `value` is no object or holds a name that is not in `known`. */
export function readFields(value: unknown, path: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(path === '' ? 'whole' : path, 'is no object');
  const record = value as Readonly<Record<string, unknown>>;
  const place = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw malformed(
      place(name),
      nearest === null ? `is unknown; known are ${known.join(', ')}` : `is unknown; did you mean ${nearest}?`,
    );
  }
  const refuse = (name: string, reason: string) => malformed(place(name), reason);
  /** The value, what it is when left out, or a complaint that it is missing. */
  const take = <T>(name: string, initial: T | undefined, check: (given: unknown) => T): T => {
    const given = Object.hasOwn(record, name) ? record[name] : undefined;
    if (given !== undefined) return check(given);
    if (initial === undefined) throw refuse(name, 'is missing');
    return initial;
  };
  return {
    path,
    refuse,
    has: (name) => Object.hasOwn(record, name),
    object: (name, names) =>
      readFields(
        take(name, undefined, (given) => given),
        place(name),
        names,
      ),
    objects: (name, names, most) =>
      take(name, undefined, (given) => {
        if (!Array.isArray(given) || given.length === 0) throw refuse(name, 'is no list with an entry');
        if (given.length > most) throw refuse(name, `has ${given.length} entries; the most are ${most}`);
        return given.map((entry, index) => readFields(entry, `${place(name)}[${index}]`, names));
      }),
    texts: (name, most, initial) =>
      take(name, [...initial], (given) => {
        if (!Array.isArray(given) || !given.every((entry) => typeof entry === 'string' && entry !== ''))
          throw refuse(name, 'is no list of texts');
        if (given.length > most) throw refuse(name, `has ${given.length} entries; the most are ${most}`);
        if (new Set(given).size < given.length) throw refuse(name, 'names something twice');
        return given as string[];
      }),
    text: (name, longest, initial) =>
      take(name, initial, (given) => {
        if (typeof given !== 'string' || given === '' || !given.isWellFormed())
          throw refuse(name, 'is no text');
        if (given.length > longest) throw refuse(name, `is longer than ${longest} characters`);
        return given;
      }),
    whole: (name, low, high, initial) =>
      take(name, initial, (given) => {
        if (typeof given === 'number' && Number.isInteger(given) && given >= low && given <= high)
          return given;
        throw refuse(name, `is ${show(given)}, not a whole number from ${low} to ${high}`);
      }),
    decimal: (name, low, high, initial) =>
      take(name, initial, (given) => {
        if (typeof given === 'number' && given >= low && given <= high) return given;
        throw refuse(name, `is ${show(given)}, not a number from ${low} to ${high}`);
      }),
    flag: (name, initial) =>
      take(name, initial, (given) => {
        if (typeof given !== 'boolean') throw refuse(name, `is ${show(given)}, not true or false`);
        return given;
      }),
    choice: <T extends string>(name: string, choices: readonly T[], initial?: T) =>
      take<T>(name, initial, (given) => {
        const found = choices.find((choice) => choice === given);
        if (found === undefined) throw refuse(name, `is ${show(given)}, not one of ${choices.join(', ')}`);
        return found;
      }),
  };
}

/** A value of a file as it is shown back to its writer: short, on one line. */
function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? 'nothing';
  return shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
}
