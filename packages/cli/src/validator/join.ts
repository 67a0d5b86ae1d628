import {
  accountIdOf,
  accountIdToAddress,
  addressToAccountId,
  authorize,
  createPureCrypto,
  hexToBytes,
} from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
  readonly consensusKey: string;
}

/** `cairn validator join` */
export function createValidatorJoinCommand(cli: Cli): Command {
  return defineCommand({
    name: 'join',
    help: 'Lets a consensus key vote on blocks with the stake of a hotkey. An earlier key of the hotkey leaves.',
    examples: ['validator join --wallet savings/1 --consensus-key ./priv_validator_key.json'],
    node: true,
    spends: true,
  })
    .requiredOption(
      '--wallet <hotkey>',
      'the hotkey that has the stake: savings/1 is the first of wallet savings',
    )
    .requiredOption(
      '--consensus-key <file>',
      'the key that votes: 64 hexadecimal digits, or a priv_validator_key.json',
    )
    .action(async (flags: Flags) => {
      const { depositOfRecord, fetchParameters, validatorSignBytes } = await import('@cairn/sdk');
      const { connectNode } = await import('../connect.ts');
      const { findPayer } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { readConsensusKey } = await import('./consensus-key.ts');
      const { fetchRoster } = await import('./roster.ts');
      const key = await readConsensusKey(flags.consensusKey);
      const connection = await connectNode(cli, flags);
      const payer = await findPayer(cli, connection, flags.wallet);
      const signBytes = validatorSignBytes(
        hexToBytes(connection.ledger.chainId),
        addressToAccountId(payer.address),
      );
      const { leastStake } = await fetchRoster(connection);
      await spend(cli, flags, connection, payer, {
        message: 'validators.join',
        value: { consensusKey: await authorize(key, signBytes) },
        what: 'Join the validators',
        amount: 0n,
        deposit: depositOfRecord(await fetchParameters(connection.ledger), 'validator'),
        details: [
          ['validator', accountIdToAddress(accountIdOf(createPureCrypto(), key.scheme, key.publicKey))],
          ['hotkey', payer.address],
          ['needs', `${exactCairn(leastStake)} of stake at the hotkey`],
        ],
      });
    });
}
