import type { JsonSchema } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn tx messages` */
export function createTxMessagesCommand(cli: Cli): Command {
  return defineCommand({
    name: 'messages',
    help: 'Lists the messages that a transaction can carry, or shows the fields of one.',
    examples: ['tx messages', 'tx messages pools.buy', 'tx messages pools.buy --json'],
  })
    .argument('[message]', 'its name (default: all)')
    .action(async (name: string | undefined, flags: CommonFlags) => {
      const { findMessage, MESSAGE_NAMES } = await import('@cairn/sdk');
      const output = outputOf(cli, flags);
      if (name === undefined) {
        const all = MESSAGE_NAMES.map((message) => ({ message, help: findMessage(message)?.help ?? '' }));
        output.result({ messages: all }, () =>
          renderTable(
            [{ header: 'MESSAGE' }, { header: 'WHAT IT DOES', cut: true }],
            all.map(({ message, help }) => [message, help]),
            output.columns,
          ),
        );
        return;
      }
      const found = findMessage(name);
      if (found === undefined)
        throw usage(`There is no message ${printable(name)}. See ./cairn tx messages.`);
      const { id, help, shape } = found;
      output.result({ message: name, id, help, schema: shape.schema }, () => [
        `${name}: ${help}`,
        ...renderFields(fieldsOf(shape.schema).map(([field, text]) => [`  ${field}`, text] as const)),
      ]);
    });
}

function fieldsOf(schema: JsonSchema): [string, string][] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, field]) => [
    name,
    `${describe(field)}${required.includes(name) ? '' : ', may be left out'}`,
  ]);
}

/** A schema in a few words. */
function describe(schema: JsonSchema): string {
  const {
    type,
    pattern,
    enum: names,
    anyOf,
    items,
    title,
  } = schema as {
    type?: string;
    pattern?: string;
    enum?: readonly string[];
    anyOf?: readonly JsonSchema[];
    items?: JsonSchema;
    title?: string;
  };
  if (anyOf !== undefined) return anyOf.map(describe).join(' or ');
  if (names !== undefined) return `one of ${names.join(', ')}`;
  if (type === 'array') return `list of ${items === undefined ? 'values' : describe(items)}`;
  if (type === 'object')
    return `${title ?? 'object'} {${fieldsOf(schema)
      .map(([name]) => name)
      .join(', ')}}`;
  if (pattern?.startsWith('^cairn1')) return 'a cairn1… address';
  if (pattern?.startsWith('^(0|')) return 'decimal text';
  if (pattern !== undefined) return 'hexadecimal text';
  if (type === 'integer') return 'a whole number';
  if (type === 'boolean') return 'true or false';
  return type === 'null' ? 'null' : 'text';
}
