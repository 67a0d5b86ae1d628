import type { Command } from 'commander';
import type { Rule, SubnetView } from '../answer/subnets.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { exactCairn } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { NETUID_WORD } from '../words.ts';
import { parseNetuid } from './netuid.ts';

/** `cairn subnet hyperparameters` */
export function createSubnetHyperparametersCommand(cli: Cli): Command {
  return defineCommand({
    name: 'hyperparameters',
    help: 'Lists the hyperparameters of a subnet: values, units, bounds and meaning.',
    examples: ['subnet hyperparameters 1', 'subnet hyperparameters 1 --json'],
    node: true,
  })
    .argument(...NETUID_WORD)
    .action(async (given: string, flags: CommonFlags) => {
      const netuid = parseNetuid(given);
      const { connectNode } = await import('../connect.ts');
      const { fetchRules, fetchSubnet } = await import('../answer/subnets.ts');
      const connection = await connectNode(cli, flags);
      const [subnet, rules] = await Promise.all([fetchSubnet(connection, netuid), fetchRules(connection)]);
      const hyperparameters = rules.map((rule) => ({ ...rule, value: settingOf(subnet, rule.name) }));
      const output = outputOf(cli, flags);
      output.result({ netuid, hyperparameters }, () =>
        renderTable(
          [
            { header: 'HYPERPARAMETER' },
            { header: 'VALUE', align: 'right' },
            { header: 'UNIT' },
            { header: 'BOUNDS' },
            { header: 'MEANING', cut: true },
          ],
          hyperparameters.map(({ name, value, unit, min, max, help }) =>
            [name, `${value ?? '?'}`, unit, `${min}…${max}`, help].map(printable),
          ),
          output.columns,
        ),
      );
    });
}

/** `cairn subnet set` */
export function createSubnetSetCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'set',
    help: 'Changes hyperparameters of a subnet of yours together: seldom, and not just before an epoch.',
    examples: [
      'subnet set 2 registrationsPerBlock=2 --wallet owner',
      'subnet set 2 tempo=300,immunitySlots=4000 --wallet savings --dry-run',
    ],
    words: [
      NETUID_WORD,
      [
        '<changes>',
        'name=value, with commas between, in the units of subnet hyperparameters; burnMin=0.5CAIRN too',
      ],
    ],
    async build({ connection, words: [given = '', text = ''] }) {
      const netuid = parseNetuid(given);
      const { fetchRules, fetchSubnet } = await import('../answer/subnets.ts');
      const [subnet, rules] = await Promise.all([fetchSubnet(connection, netuid), fetchRules(connection)]);
      const changes = await parseChanges(text, rules);
      const { slot, nextEpochSlot } = subnet;
      return {
        message: 'subnets.setHyperparameters',
        value: { netuid, changes },
        what: `Change hyperparameters of subnet ${netuid} (${subnet.name})`,
        amount: 0n,
        deposit: 0n,
        details: [
          ...changes.map(({ name, value }) => {
            const { unit } = rules.find((rule) => rule.name === name)!;
            const inCairn = unit === 'pebbles' ? ` (${exactCairn(value)})` : '';
            return [name, `from ${settingOf(subnet, name) ?? '?'} to ${value} ${unit}${inCairn}`] as const;
          }),
          ['epoch', `the next at slot ${nextEpochSlot}, this is ${slot}`],
          ['again', 'two tempos after this change'],
        ],
        plan: { netuid, changes },
      };
    },
  });
}

/** A value as the subnet has it: pebbles as text, all else as a number. */
function settingOf({ hyperparameters }: SubnetView, name: string): string | number | boolean | null {
  const value = Object.hasOwn(hyperparameters, name) ? hyperparameters[name] : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** @throws CliError `USAGE`; CoreError `AMOUNT_MALFORMED` */
async function parseChanges(
  text: string,
  rules: readonly Rule[],
): Promise<readonly { readonly name: string; readonly value: bigint }[]> {
  const { parseAmount } = await import('@cairn/core');
  const changes = text.split(',').map((part) => {
    const [name = '', value = ''] = part.split('=');
    const rule = rules.find((known) => known.name === name);
    if (rule === undefined)
      throw usage(`There is no hyperparameter ${name}. See ./cairn subnet hyperparameters.`);
    const [, cairn] = /^([\d.]+)\s*CAIRN$/i.exec(value) ?? [];
    if (cairn !== undefined && rule.unit !== 'pebbles')
      throw usage(`${name} is given in ${rule.unit}, not in CAIRN.`);
    if (cairn === undefined && !/^\d{1,19}$/.test(value))
      throw usage(`The value of ${name} is a whole number of ${rule.unit}, not ${value}.`);
    const wanted = cairn === undefined ? BigInt(value) : parseAmount(cairn);
    if (wanted < rule.min || wanted > rule.max)
      throw usage(`${name} is from ${rule.min} to ${rule.max} ${rule.unit}, not ${wanted}.`);
    return { name, value: wanted };
  });
  if (new Set(changes.map(({ name }) => name)).size === changes.length) return changes;
  throw usage('Name each hyperparameter once.');
}
