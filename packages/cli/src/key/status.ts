import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asCount,
  asList,
  asNullable,
  asObject,
  asText,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

const asGuardians = asObject({ guardians: asList(asAddress), threshold: asCount });
const asKeys = asObject({
  key: asAddress,
  former: asList(asObject({ key: asAddress, untilHeight: asAmount })),
  change: asNullable(asObject({ newKey: asAddress, origin: asText, readySlot: asAmount })),
  recovery: asNullable(
    asObject({
      current: asGuardians,
      next: asNullable(asObject({ guardians: asGuardians, fromSlot: asAmount })),
      votes: asList(asObject({ guardian: asAddress, newKey: asAddress })),
      frozenUntil: asAmount,
    }),
  ),
  isFrozen: asBool,
});

/** What speaks for an account, and what waits. @throws CliError `NOT_FOUND` */
export async function fetchKeys(connection: Connection, address: string): Promise<Checked<typeof asKeys>> {
  const keys = await askNode(connection, 'accounts_keys', { address }, asNullable(asKeys));
  if (keys !== null) return keys;
  throw new CliError(
    { code: 'NOT_FOUND', what: `account ${address}` },
    `There is no account ${address} on this chain. It opens when it is first paid.`,
  );
}

/** `cairn key status` */
export function createKeyStatusCommand(cli: Cli): Command {
  return defineCommand({
    name: 'status',
    help: 'Shows which key speaks for an account, what change waits, and who guards it.',
    examples: ['key status savings', 'key status cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const keys = await fetchKeys(connection, address);
      outputOf(cli, flags).result({ account: address, ...keys }, () => renderKeys(address, keys));
    });
}

function renderKeys(address: string, { key, former, change, recovery, isFrozen }: Checked<typeof asKeys>) {
  const guardians = recovery?.current;
  return renderFields([
    ['account', address],
    ['key', key === address ? 'its own' : `that of ${key}`],
    ...former.map(
      (past) => ['former key', `that of ${past.key}, until block ${formatCount(past.untilHeight)}`] as const,
    ),
    [
      'change',
      change === null
        ? 'none waits'
        : printable(`to ${change.newKey} from slot ${formatCount(change.readySlot)} on (${change.origin})`),
    ],
    [
      'guardians',
      guardians === undefined || guardians.threshold === 0
        ? 'none'
        : `${guardians.threshold} of ${guardians.guardians.join(', ')}`,
    ],
    ...(recovery?.votes ?? []).map(
      ({ guardian, newKey }) => ['vote', `${guardian} for the key of ${newKey}`] as const,
    ),
    ['state', isFrozen ? `frozen until slot ${formatCount(recovery?.frozenUntil ?? 0n)}` : 'open'],
  ]);
}
