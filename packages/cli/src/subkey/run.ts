import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { CALL_VALUE, CALL_WORD } from '../tx/call-words.ts';

/** `cairn subkey run` */
export function createSubkeyRunCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly value: string }>(cli, {
    name: 'run',
    help: "Runs a message with an owner's money, within the limits of the sub-key that signs. The fee is the sub-key's.",
    examples: ['subkey run savings accounts.transfer --value @pay.json --wallet agent --dry-run'],
    words: [['<owner>', 'whose money: a name from wallet list, or an address'], CALL_WORD],
    required: [CALL_VALUE],
    async build({ cli, connection, payer, words: [given = '', name = ''], flags }) {
      const { SUB_KEY_MESSAGES } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { readCall } = await import('../tx/given-call.ts');
      const { fetchSubKeys } = await import('./list.ts');
      if (!SUB_KEY_MESSAGES.some((known) => known === name))
        throw usage(`A sub-key may run ${SUB_KEY_MESSAGES.join(', ')}, not ${name}.`);
      const { call, details } = await readCall(cli, name, flags.value);
      const { address } = await resolveAccount(cli, connection, given);
      const owner = addressToAccountId(address);
      const found = (await fetchSubKeys(connection, address)).find(({ key }) => key === payer.address);
      if (found === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `sub-key ${payer.address}` },
          `${payer.address} is no sub-key of ${address}. See ./cairn subkey list.`,
        );
      }
      const { limits, spent } = found;
      return {
        message: 'accounts.spendAs',
        value: { owner, call },
        what: "Run a message with an owner's money",
        amount: null,
        details: [
          ['owner', `${address}, who pays what it moves and its deposits`],
          ...details,
          [
            'limits',
            `${exactCairn(limits.perCall)} a call, ${exactCairn(limits.perDay)} a day, ${exactCairn(spent)} of ${exactCairn(limits.total)} spent, until slot ${limits.expirySlot}`,
          ],
        ],
        plan: { owner: address },
      };
    },
  });
}
