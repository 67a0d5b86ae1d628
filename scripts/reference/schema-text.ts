import { anchorOf, code } from './markdown.ts';

/** The part of JSON Schema that our shapes use. */
export interface Schema {
  readonly title?: string;
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const UNSIGNED: Readonly<Record<number, string>> = { 255: 'u8', 65535: 'u16', 4294967295: 'u32' };

/** What a value of this schema is, in a few words; a titled object becomes a link to its own section. */
export function describeSchema(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeSchema).join(' or ');
  if (schema.enum !== undefined) return `one of ${schema.enum.map(code).join(', ')}`;
  switch (schema.type) {
    case 'string':
      return describeText(schema);
    case 'integer':
      return (schema.maximum === undefined ? undefined : UNSIGNED[schema.maximum]) ?? 'whole number';
    case 'array': {
      const most = schema.maxItems === undefined ? '' : `, at most ${schema.maxItems}`;
      return `list of ${schema.items === undefined ? 'anything' : describeSchema(schema.items)}${most}`;
    }
    case 'object':
      return schema.title === undefined
        ? describeFields(schema)
        : `[${schema.title}](#${anchorOf(schema.title)})`;
    default:
      return schema.type ?? 'anything';
  }
}

function describeText({ pattern, maxLength }: Schema): string {
  if (pattern === undefined) return maxLength === undefined ? 'text' : `text, at most ${maxLength} bytes`;
  if (pattern.startsWith('^cairn1')) return 'address';
  if (pattern.startsWith('^(0|')) return 'u64 as decimal text';
  const exact = /\{(\d+)\}\$$/.exec(pattern)?.[1];
  if (exact !== undefined) return `hex, ${Number(exact) / 2} bytes`;
  const most = /\{0,(\d+)\}\$$/.exec(pattern)?.[1];
  return most === undefined ? 'text' : `hex, at most ${most} bytes`;
}

function describeFields({ properties }: Schema): string {
  const names = Object.keys(properties ?? {});
  return names.length === 0 ? 'object' : `object with ${names.map(code).join(', ')}`;
}

/** Titled objects inside a schema, each before what it holds. */
export function findTitled(schema: Schema): Schema[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(schema.anyOf ?? []),
  ].flatMap(findTitled);
  return schema.title === undefined ? inner : [schema, ...inner];
}
