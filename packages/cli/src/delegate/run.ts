import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { CALL_VALUE, CALL_WORD } from '../tx/call-words.ts';

type Flags = SendingFlags & { readonly value: string; readonly announce?: true };

/** `cairn delegate run` */
export function createDelegateRunCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'run',
    help: 'Runs a call for an account that named the signer as its delegate, or announces it when there is a delay.',
    examples: [
      'delegate run owner staking.stake --value @stake.json --wallet gateway --dry-run',
      'delegate run owner accounts.transfer --value @pay.json --announce --wallet gateway',
    ],
    words: [['<owner>', 'for whom: a name from wallet list, or an address'], CALL_WORD],
    required: [CALL_VALUE],
    options: [['--announce', 'only announce the call; run it when the delay is over']],
    async build({ connection, words: [given = '', name = ''], flags }) {
      const { resolveAccount } = await import('../sender.ts');
      const { readCall } = await import('../tx/given-call.ts');
      const { call, hash, details } = await readCall(cli, name, flags.value);
      const { address } = await resolveAccount(cli, connection, given);
      const owner = addressToAccountId(address);
      const isAnnounced = flags.announce === true;
      return {
        message: isAnnounced ? 'accounts.announceProxyCall' : 'accounts.proxy',
        value: isAnnounced ? { owner, callHash: hash } : { owner, call },
        what: isAnnounced ? 'Announce a call for another account' : 'Run a call for another account',
        amount: 0n,
        details: [['for', address], ...details],
        plan: { owner: address },
      };
    },
  });
}
