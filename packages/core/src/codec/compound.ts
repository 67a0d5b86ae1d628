import { ContainerType, ListBasicType, ListCompositeType, type Type } from '@chainsafe/ssz';
import { mismatch, type Shape, type ValueOf } from './shape.ts';

// Shapes are invariant in T, so a record of different shapes has no narrower common type.
// biome-ignore lint/suspicious/noExplicitAny: the element types are recovered by ValueOf below
type AnyFields = { readonly [name: string]: Shape<any> };
export type StructOf<F extends AnyFields> = { [K in keyof F]: ValueOf<F[K]> };

/** An SSZ container with fields in the order written. */
export function struct<F extends AnyFields>(name: string, fields: F): Shape<StructOf<F>> {
  const names = Object.keys(fields) as (keyof F & string)[];
  const ssz = new ContainerType(
    Object.fromEntries(names.map((field) => [field, (fields[field] as Shape<unknown>).ssz])),
    { typeName: name },
  );
  const convert =
    (method: 'toRaw' | 'fromRaw' | 'toJson') =>
    (value: unknown): Record<string, unknown> => {
      const source = value as Record<string, unknown>;
      const result: Record<string, unknown> = {};
      for (const field of names) result[field] = (fields[field] as Shape<unknown>)[method](source[field]);
      return result;
    };
  return {
    name,
    ssz: ssz as unknown as Type<unknown>,
    toRaw: convert('toRaw'),
    fromRaw: (raw) => convert('fromRaw')(raw) as StructOf<F>,
    toJson: convert('toJson'),
    fromJson(json) {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw mismatch(name, 'an object');
      const source = json as Record<string, unknown>;
      const unknownField = Object.keys(source).find((field) => !Object.hasOwn(fields, field));
      if (unknownField !== undefined) throw mismatch(name, `no field ${unknownField.slice(0, 40)}`);
      const result: Record<string, unknown> = {};
      for (const field of names) {
        const shape = fields[field] as Shape<unknown>;
        const isGiven = Object.hasOwn(source, field) && source[field] !== undefined;
        if (!isGiven && shape.absent === undefined) throw mismatch(`${name}.${field}`, 'a value');
        result[field] = isGiven ? shape.fromJson(source[field]) : shape.absent?.value;
      }
      return result as StructOf<F>;
    },
    schema: {
      title: name,
      type: 'object',
      properties: Object.fromEntries(names.map((field) => [field, (fields[field] as Shape<unknown>).schema])),
      required: names.filter((field) => (fields[field] as Shape<unknown>).absent === undefined),
      additionalProperties: false,
    },
  };
}

/** An SSZ list of at most `max` items. */
export function list<T>(item: Shape<T>, max: number): Shape<T[]> {
  const name = `list of ${item.name} up to ${max}`;
  const isBasic =
    item.name === 'u8' ||
    item.name === 'u16' ||
    item.name === 'u32' ||
    item.name === 'u64' ||
    item.name === 'bool';
  const ssz = isBasic
    ? new ListBasicType(item.ssz as never, max)
    : new ListCompositeType(item.ssz as never, max);
  return {
    name,
    ssz: ssz as unknown as Type<unknown>,
    toRaw(value) {
      if (value.length > max) throw mismatch(name, `at most ${max} items`);
      return value.map((entry) => item.toRaw(entry));
    },
    fromRaw: (raw) => (raw as unknown[]).map((entry) => item.fromRaw(entry)),
    toJson: (value) => value.map((entry) => item.toJson(entry)),
    fromJson(json) {
      if (!Array.isArray(json) || json.length > max) throw mismatch(name, `a list of at most ${max} items`);
      return json.map((entry) => item.fromJson(entry));
    },
    schema: { type: 'array', items: item.schema, maxItems: max },
  };
}

/** A list of zero or one item, as a value or null. */
export function optional<T>(item: Shape<T>): Shape<T | null> {
  const inner = list(item, 1);
  return {
    name: `optional ${item.name}`,
    ssz: inner.ssz,
    toRaw: (value) => inner.toRaw(value === null ? [] : [value]),
    fromRaw: (raw) => inner.fromRaw(raw)[0] ?? null,
    toJson: (value) => (value === null ? null : item.toJson(value)),
    fromJson: (json) => (json === null ? null : item.fromJson(json)),
    schema: { anyOf: [item.schema, { type: 'null' }] },
    absent: { value: null },
  };
}

/** A shape whose field JSON may leave out. Bytes always hold it. */
export function withDefault<T>(shape: Shape<T>, value: T): Shape<T> {
  return { ...shape, absent: { value } };
}

/** A number that stands for one of a few names; the name in JSON. */
export function choice<const N extends string>(
  name: string,
  names: readonly N[],
  number: Shape<number>,
): Shape<N> {
  const toNumber = (value: N): number => {
    const index = names.indexOf(value);
    if (index < 0) throw mismatch(name, `one of ${names.join(', ')}`);
    return index;
  };
  return {
    name: number.name,
    ssz: number.ssz,
    toRaw: toNumber,
    fromRaw(raw) {
      const found = names[raw as number];
      if (found === undefined) throw mismatch(name, `a number below ${names.length}`);
      return found;
    },
    toJson: (value) => value,
    fromJson(json) {
      if (typeof json !== 'string') throw mismatch(name, `one of ${names.join(', ')}`);
      toNumber(json as N);
      return json as N;
    },
    schema: { type: 'string', enum: names },
  };
}
