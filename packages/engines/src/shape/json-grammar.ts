import { EngineError } from '../errors.ts';

/** Bounds of what a stranger's schema may ask of the parser of grammars. */
const MOST_RULES = 512;
const DEEPEST = 16;
const MOST_REPEATS = 256;

type Schema = Readonly<Record<string, unknown>>;

/** Rules every grammar of JSON shares. */
const BASE = String.raw`
ws ::= " "?
string ::= "\"" char* "\""
char ::= [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt/] | "u" [0-9a-fA-F]{4})
integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?
boolean ::= "true" | "false"
null ::= "null"
value ::= object | array | string | number | boolean | null
object ::= "{" ws (string ws ":" ws value ws ("," ws string ws ":" ws value ws)*)? "}"
array ::= "[" ws (value ws ("," ws value ws)*)? "]"
`.trim();

/** Grammar rules for JSON values, from JSON Schemas; each method gives an expression that a rule may hold. */
export interface JsonGrammar {
  /** @throws EngineError `REQUEST_MALFORMED` for a schema that is none, or too large */
  schema(text: string): string;
  /** Any object. */
  readonly anyObject: string;
  /** The whole grammar with this as its root. */
  build(root: string): string;
}

/** A text as a literal of a grammar. */
export function literal(text: string): string {
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') out += `\\${character}`;
    else if (code >= 32 && code < 127) out += character;
    else out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return `"${out}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/**
 * Holds an answer to types, properties, enums, alternatives, array bounds and references of a schema. Bounds of
 * numbers, patterns and formats are not held.
 */
export function createJsonGrammar(): JsonGrammar {
  const rules: string[] = [];

  function addRule(expression: string): string {
    if (rules.length >= MOST_RULES) throw malformed(`has more than ${MOST_RULES} parts`);
    const name = `r${rules.length}`;
    rules.push(`${name} ::= ${expression}`);
    return name;
  }

  function convert(root: Schema): string {
    const named = new Map<string, string>();

    function refer(reference: string): string {
      const known = named.get(reference);
      if (known !== undefined) return known;
      const target = resolve(root, reference);
      if (rules.length >= MOST_RULES) throw malformed(`has more than ${MOST_RULES} parts`);
      // The place is taken before the rule is known, so that a schema may hold itself.
      const name = `r${rules.length}`;
      rules.push('');
      named.set(reference, name);
      const expression = visit(target, 0);
      if (expression === name) throw malformed(`refers to itself at ${reference.slice(0, 60)}`);
      rules[Number(name.slice(1))] = `${name} ::= ${expression}`;
      return name;
    }

    function visit(schema: unknown, depth: number): string {
      if (depth > DEEPEST) throw malformed(`nests deeper than ${DEEPEST} levels`);
      if (schema === true) return 'value';
      if (!isObject(schema)) throw malformed('holds something that is no schema');
      if (typeof schema.$ref === 'string') return refer(schema.$ref);
      if ('const' in schema) return constant(schema.const);
      if (Array.isArray(schema.enum)) return oneOf(schema.enum.map(constant));
      const alternatives = schema.anyOf ?? schema.oneOf;
      if (Array.isArray(alternatives)) return oneOf(alternatives.map((one) => visit(one, depth + 1)));
      if (Array.isArray(schema.allOf) && schema.allOf.length === 1) return visit(schema.allOf[0], depth + 1);
      if (Array.isArray(schema.type)) {
        return oneOf(schema.type.map((type) => visit({ ...schema, type }, depth + 1)));
      }
      return typed(schema, depth);
    }

    function typed(schema: Schema, depth: number): string {
      const type = schema.type ?? (isObject(schema.properties) ? 'object' : undefined);
      switch (type) {
        case 'object':
          return objectOf(schema, depth);
        case 'array':
          return arrayOf(schema, depth);
        case 'string':
          return stringOf(schema);
        case 'number':
        case 'integer':
        case 'boolean':
        case 'null':
          return String(type);
        case undefined:
          return 'value';
        default:
          throw malformed(`names the type ${String(type).slice(0, 30)}, which JSON has not`);
      }
    }

    function objectOf(schema: Schema, depth: number): string {
      const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
      if (properties.length === 0) {
        if (isObject(schema.additionalProperties)) {
          const pair = `string ws ":" ws ${visit(schema.additionalProperties, depth + 1)} ws`;
          return addRule(`"{" ws (${pair} ("," ws ${pair})*)? "}"`);
        }
        return schema.additionalProperties === false ? addRule('"{" ws "}"') : 'object';
      }
      const required = new Set(Array.isArray(schema.required) ? schema.required : []);
      const pairs = properties.map(([name, value]) => ({
        isRequired: required.has(name),
        rule: addRule(`${literal(JSON.stringify(name))} ws ":" ws ${visit(value, depth + 1)} ws`),
      }));
      const always = pairs.filter(({ isRequired }) => isRequired).map(({ rule }) => rule);
      const sometimes = pairs.filter(({ isRequired }) => !isRequired).map(({ rule }) => rule);
      const after = (rules: readonly string[]) => rules.map((rule) => ` ("," ws ${rule})?`).join('');
      if (always.length > 0) return addRule(`"{" ws ${always.join(' "," ws ')}${after(sometimes)} "}"`);
      const starts = sometimes.map((rule, index) => `${rule}${after(sometimes.slice(index + 1))}`);
      return addRule(`"{" ws (${starts.join(' | ')})? "}"`);
    }

    function arrayOf(schema: Schema, depth: number): string {
      const item = schema.items === undefined ? 'value' : visit(schema.items, depth + 1);
      const least = boundOf(schema.minItems, 0);
      const most = schema.maxItems === undefined ? null : boundOf(schema.maxItems, 0);
      if (most === 0) return addRule('"[" ws "]"');
      const more = `{${least === 0 ? 0 : least - 1},${most === null ? '' : most - 1}}`;
      const items = `${item} ws ("," ws ${item} ws)${more}`;
      return addRule(`"[" ws ${least === 0 ? `(${items})?` : items} "]"`);
    }

    function stringOf(schema: Schema): string {
      if (schema.minLength === undefined && schema.maxLength === undefined) return 'string';
      const most = schema.maxLength === undefined ? '' : boundOf(schema.maxLength, 0);
      return addRule(`"\\"" char{${boundOf(schema.minLength, 0)},${most}} "\\""`);
    }

    function oneOf(expressions: readonly string[]): string {
      if (expressions.length === 0) throw malformed('allows nothing');
      return expressions.length === 1 ? (expressions[0] as string) : addRule(expressions.join(' | '));
    }

    return visit(root, 0);
  }

  return {
    anyObject: 'object',
    schema: (text) => convert(parseSchema(text)),
    build: (root) => [`root ::= ${root}`, ...rules, BASE].join('\n'),
  };
}

function constant(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > 4096) throw malformed('holds a constant that is too long');
  return literal(text);
}

function boundOf(value: unknown, missing: number): number {
  if (value === undefined) return missing;
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw malformed('holds a bound that is no number');
  if ((value as number) > MOST_REPEATS) throw malformed(`holds a bound above ${MOST_REPEATS}`);
  return value as number;
}

function resolve(root: Schema, reference: string): unknown {
  if (reference === '#') return root;
  const path = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference);
  const group = path === null ? undefined : root[path[1] as string];
  const name = path?.[2] ?? '';
  if (!isObject(group) || !Object.hasOwn(group, name)) {
    throw malformed(`refers to ${reference.slice(0, 60)}, which is not there`);
  }
  return group[name];
}

function parseSchema(text: string): Schema {
  try {
    const schema: unknown = JSON.parse(text);
    if (isObject(schema)) return schema;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw malformed('is no JSON object');
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(reason: string): EngineError {
  return new EngineError(
    { code: 'REQUEST_MALFORMED', field: 'schema', reason },
    `The JSON Schema cannot be used: it ${reason}. Simplify it.`,
  );
}
