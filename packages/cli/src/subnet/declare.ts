import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { NETUID_WORD } from '../words.ts';
import { parseMechanism, parseNetuid } from './netuid.ts';

const U16_MAX = 65_535;

/** `cairn subnet declare` */
export function createSubnetDeclareCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'declare',
    help: 'Declares by which program a mechanism of a subnet of yours scores, from the epoch after next on.',
    examples: [
      'subnet declare 2 0 crontab 1 2 --wallet owner',
      'subnet declare 2 1 poetry 3 2 --wallet owner --dry-run',
    ],
    words: [
      NETUID_WORD,
      ['<mechanism>', 'its number on the subnet, from 0'],
      ['<id>', 'of the program'],
      ['<version>', 'of the program'],
      ['<evidence>', 'version of the form of the evidence bundle'],
    ],
    async build({ connection, words: [given = '', number = '', id = '', version = '', evidence = ''] }) {
      const netuid = parseNetuid(given);
      const mechanism = parseMechanism(number);
      const value = {
        ...{ netuid, mechanism, id },
        version: parseVersion(version),
        evidenceVersion: parseVersion(evidence),
      };
      const { fetchSubnet } = await import('../answer/subnets.ts');
      const { name, epoch } = await fetchSubnet(connection, netuid);
      return {
        message: 'subnets.declareMeasure',
        value,
        what: `Declare what mechanism ${mechanism} of subnet ${netuid} (${name}) measures by`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['program', `${id} version ${version}, evidence of version ${evidence}`],
          ['from', `epoch ${epoch + 2} on; this is ${epoch}`],
          ['then', 'validators do not attest evidence that names another'],
        ],
        plan: value,
      };
    },
  });
}

/** @throws CliError `USAGE` */
function parseVersion(text: string): number {
  const version = Number(text);
  if (/^\d{1,5}$/.test(text) && version <= U16_MAX) return version;
  throw usage(`A version is a number from 0 to ${U16_MAX}, not ${text.slice(0, 40)}.`);
}
