import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { tokensOf } from './sell.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn token send` */
export function createTokenSendCommand(cli: Cli): Command {
  return defineCommand({
    name: 'send',
    help: "Sends a subnet's tokens to a wallet or an address.",
    examples: [
      'token send 1 cairn1… 2.5 --wallet savings',
      'token send 1 gateway 0.5 --wallet miner-1 --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .argument('<to>', 'a name from wallet list, or an address')
    .argument('<tokens>', 'tokens, with at most nine decimals')
    .requiredOption('--wallet <wallet>', 'who sends: a name from wallet list')
    .action(async (subnet: string, to: string, given: string, flags: Flags) => {
      const netuid = parseNetuid(subnet);
      const wanted = parseAmount(given);
      if (to.startsWith('cairn1')) addressToAccountId(to);
      const { connectNode } = await import('../connect.ts');
      const { findPayer, resolveAccount } = await import('../sender.ts');
      const { spend } = await import('../spend.ts');
      const { exactTokens } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const payee = await resolveAccount(cli, connection, to);
      const payer = await findPayer(cli, connection, flags.wallet);
      const amount = await tokensOf(connection, payer.address, netuid, wanted);
      await spend(cli, flags, connection, payer, {
        message: 'pools.transfer',
        value: { netuid, to: addressToAccountId(payee.address), amount },
        what: `Send tokens of subnet ${netuid}`,
        amount: null,
        details: [
          ['tokens', exactTokens(amount)],
          ['to', `${payee.name === null ? '' : `${payee.name} `}${payee.address}`],
        ],
        plan: { netuid, tokens: amount },
      });
    });
}
