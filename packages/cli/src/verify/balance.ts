import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { outputOf } from '../command.ts';
import { exactCairn, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { defineVerifyCommand, type VerifyFlags } from './define.ts';

/** `cairn verify balance` */
export function createVerifyBalanceCommand(cli: Cli): Command {
  return defineVerifyCommand('balance', 'Shows what an account may spend, proved by the votes for a block.', [
    'verify balance gateway',
    'verify balance cairn1… --from http://node.example.org:8470 --trust-height 4200 --trust-hash 9f2c…01',
  ])
    .argument('<account>', 'an address, or a name from wallet list')
    .action(async (given: string, flags: VerifyFlags) => {
      const { accountFromState, accountStateKey } = await import('@cairn/sdk');
      const { openVerifier, vouchingOf } = await import('./verifier.ts');
      const { renderVouching } = await import('./render.ts');
      const { findAddress } = await import('./find-address.ts');
      const { address, id } = await findAddress(cli, flags, given);
      const verifier = await openVerifier(cli, flags);
      const proved = await verifier.read(accountStateKey(id));
      const account = proved.value === null ? null : accountFromState(proved.value);
      const vouching = vouchingOf(verifier, proved);
      outputOf(cli, flags).result({ address, account, ...vouching }, () => [
        ...renderFields(
          account === null
            ? [
                ['account', address],
                ['spendable', 'nothing: there is no such account'],
              ]
            : [
                ['account', address],
                ['spendable', exactCairn(account.spendable)],
                ['deposit', exactCairn(account.deposit)],
                ['sent', `${formatCount(account.nonce)} transactions`],
              ],
        ),
        '',
        ...renderVouching(vouching),
      ]);
    });
}
