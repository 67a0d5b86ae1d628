import { addressToAccountId, authorize, hexToBytes } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & { readonly newKey: string };

/** `cairn key change` */
export function createKeyChangeCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'change',
    help: 'Carries out a change of key whose delay is over. The new key signs that it agrees; anybody may pay for it.',
    examples: ['key change savings --new-key fresh --wallet gateway'],
    words: [['<account>', 'whose key changes: a name from wallet list, or an address']],
    required: [['--new-key <wallet>', 'the wallet whose key will speak']],
    async build({ connection, words: [given = ''], flags }) {
      const { keyConsentBytes } = await import('@cairn/sdk');
      const { openSender, resolveAccount } = await import('../sender.ts');
      const { address } = await resolveAccount(cli, connection, given);
      const { signer, address: newKey } = await openSender(cli, connection, flags.newKey);
      if (signer === null)
        throw usage(`${flags.newKey} is a key of the node, which signs no consent. Name a wallet of yours.`);
      const account = addressToAccountId(address);
      const signBytes = keyConsentBytes(hexToBytes(connection.ledger.chainId), account);
      return {
        message: 'accounts.changeKey',
        value: { account, consent: await authorize(signer, signBytes) },
        what: 'Change the key of an account',
        amount: 0n,
        details: [
          ['account', address],
          ['new key', `that of ${newKey}; the old one stops at once`],
        ],
        plan: { account: address, newKey },
      };
    },
  });
}
