import { GatewayError } from '../errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function invalid(param: string, wanted: string): GatewayError {
  return new GatewayError({ code: 'invalid_value', param }, `${param} must be ${wanted}.`);
}

export function unsupported(param: string, instead: string): GatewayError {
  return new GatewayError({ code: 'unsupported_parameter', param }, `${param} is not supported. ${instead}`);
}

export function missing(param: string): GatewayError {
  return new GatewayError({ code: 'missing_required_parameter', param }, `${param} is required.`);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absent and null mean the default, as in OpenAI's API. */
export function readNumber(fields: Fields, name: string, min: number, max: number): number | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !(value >= min && value <= max))
    throw invalid(name, `a number from ${min} to ${max}`);
  return value;
}

export function readWhole(fields: Fields, name: string, min: number, max: number): number | null {
  const value = readNumber(fields, name, min, max);
  if (value !== null && !Number.isInteger(value)) throw invalid(name, `a whole number from ${min} to ${max}`);
  return value;
}

export function readFlag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== 'boolean') throw invalid(name, 'true or false');
  return value;
}

export function readTexts(value: unknown, name: string, max: number): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > max || !value.every((item) => typeof item === 'string')) {
    throw invalid(name, `a list of at most ${max} texts`);
  }
  return value as readonly string[];
}
