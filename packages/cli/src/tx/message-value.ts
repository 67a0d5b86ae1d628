import { readFile } from 'node:fs/promises';
import { CairnError } from '@cairn/core';
import { findMessage, MESSAGE_NAMES } from '@cairn/sdk';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { printable } from '../terminal/printable.ts';

/** Larger values do not fit a transaction. */
const MAX_VALUE_BYTES = 1_000_000;

export interface GivenMessage {
  readonly message: string;
  readonly value: unknown;
  /** The value as JSON again, as the ledger's shapes write it. */
  readonly json: unknown;
}

/**
 * A message by name with its fields as JSON, checked against its shape.
 *
 * @throws CliError `USAGE`
 */
export function parseMessage(message: string, json: unknown): GivenMessage {
  const definition = findMessage(message);
  if (definition === undefined) {
    const near = MESSAGE_NAMES.filter((name) => name.split('.')[0] === message.split('.')[0]);
    throw usage(
      `There is no message ${printable(message)}. ${near.length === 0 ? 'See ./cairn tx messages.' : `There are ${near.join(', ')}.`}`,
    );
  }
  try {
    const value: unknown = definition.shape.fromJson(json);
    return { message, value, json: definition.shape.toJson(value) };
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    throw usage(
      `This is no ${message}: ${error.message} ./cairn tx messages ${message} shows what it takes.`,
    );
  }
}

/** JSON as typed; `@path` reads a file, `-` what is piped in. @throws CliError `USAGE`, `NOT_FOUND` */
export async function readValue(cli: Cli, given: string): Promise<unknown> {
  const text =
    given === '-'
      ? await cli.terminal.readAll(MAX_VALUE_BYTES)
      : given.startsWith('@')
        ? await readText(given.slice(1))
        : given;
  return parseJson(text);
}

/** @throws CliError `USAGE` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`The value is not JSON: ${(error as Error).message}.`);
  }
}

/** @throws CliError `NOT_FOUND` */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError(
      { code: 'NOT_FOUND', what: path },
      `The file ${path} cannot be read: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

/** Fields of a message for a person: one line each, however deep they are. */
export function describeValue(json: unknown, path = ''): [string, string][] {
  if (typeof json !== 'object' || json === null) return [[path === '' ? 'value' : path, String(json)]];
  const entries = Object.entries(json);
  if (entries.length === 0) return path === '' ? [] : [[path, Array.isArray(json) ? 'none' : '{}']];
  return entries.flatMap(([name, value]) => describeValue(value, path === '' ? name : `${path}.${name}`));
}
