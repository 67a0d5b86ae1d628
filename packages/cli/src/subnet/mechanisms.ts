import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { PPM, parsePercent } from '../percent.ts';
import { defineSending } from '../sending.ts';
import { formatPercent } from '../terminal/format.ts';
import { NETUID_WORD } from '../words.ts';
import { parseNetuid } from './netuid.ts';

/** The whole emission of a subnet, as parts of it are counted. */
const WHOLE = 65_535n;

/** `cairn subnet mechanisms` */
export function createSubnetMechanismsCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'mechanisms',
    help: 'Sets how many scoring mechanisms a subnet of yours has from its next epoch on, and what each gets.',
    examples: [
      'subnet mechanisms 2 60%,40% --wallet owner',
      'subnet mechanisms 2 100% --wallet owner --dry-run',
    ],
    words: [
      NETUID_WORD,
      ['<parts>', 'of the emission, one for each mechanism, with commas between: 60%,40%'],
    ],
    async build({ connection, words: [given = '', text = ''] }) {
      const netuid = parseNetuid(given);
      const split = parseParts(text);
      const { fetchSubnet } = await import('../answer/subnets.ts');
      const { name, nextEpochSlot, slot, mechanisms } = await fetchSubnet(connection, netuid);
      const shown = (parts: readonly number[]) =>
        parts.map((part) => formatPercent(part / Number(WHOLE))).join(', ');
      return {
        message: 'subnets.setMechanisms',
        value: { netuid, split },
        what: `Set the mechanisms of subnet ${netuid} (${name})`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['now', shown(mechanisms.map(({ part }) => part))],
          ['then', shown(split)],
          ['from', `the next epoch on, at slot ${nextEpochSlot}; this is ${slot}`],
          ...(split.length < mechanisms.length
            ? [['forgotten', 'weights and bonds of the mechanisms that go'] as const]
            : []),
        ],
        plan: { netuid, split },
      };
    },
  });
}

/** Parts that sum to the whole: what rounds off goes to the first. @throws CliError `USAGE` */
function parseParts(text: string): number[] {
  const parts = text.split(',').map((part) => parsePercent(part, 'A part'));
  if (parts.reduce((sum, part) => sum + part, 0n) !== PPM)
    throw usage(`The parts ${text.slice(0, 80)} do not sum to 100 %.`);
  const split = parts.map((part) => (part * WHOLE) / PPM);
  split[0]! += WHOLE - split.reduce((sum, part) => sum + part, 0n);
  return split.map(Number);
}
