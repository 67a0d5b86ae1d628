import { addressToAccountId } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';
import { HOTKEY_WORD } from '../words.ts';

/** `cairn hotkey add` */
export function createHotkeyAddCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'add',
    help: 'Makes a wallet the owner of one of its hotkeys, which signs that it agrees. Staking and registering do it by themselves.',
    examples: [
      'hotkey add savings/1 --wallet savings',
      'hotkey add role:validator-1 --wallet savings --dry-run',
    ],
    words: [['<hotkey>', 'savings/1: the first hotkey of wallet savings; role:validator-1: of the node']],
    async build({ cli, connection, payer, words: [given = ''] }) {
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { associateFirst, resolveHotkey } = await import('./named-hotkey.ts');
      const named = await resolveHotkey(cli, connection, given);
      if (named.sender === null)
        throw usage(
          `${given} cannot sign here that it agrees. Name a hotkey whose key is here, such as savings/1.`,
        );
      const [message] = await associateFirst(connection, payer.address, named);
      if (message === undefined) {
        throw usage(`${named.address} is a hotkey already. ./cairn hotkey show ${given} says whose.`);
      }
      return {
        ...message,
        what: 'Make a wallet the owner of a hotkey',
        amount: 0n,
        deposit: depositOfRecord(await fetchParameters(connection.ledger), 'hotkey'),
        details: [
          ['hotkey', named.address],
          ['then', 'the wallet is paid for its work and sets its take'],
        ],
        plan: { hotkey: named.address },
      };
    },
  });
}

/** `cairn hotkey remove` */
export function createHotkeyRemoveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'remove',
    help: 'Gives up a hotkey without stake and neurons. Its deposit comes back.',
    examples: ['hotkey remove savings/1 --wallet savings'],
    words: [HOTKEY_WORD],
    async build({ cli, connection, words: [given = ''] }) {
      const { fetchHotkey } = await import('../answer/staking.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { resolveHotkey } = await import('./named-hotkey.ts');
      const { address } = await resolveHotkey(cli, connection, given);
      const { totalStake, keptStake, tokenPools, neurons, deposit } = await fetchHotkey(connection, address);
      return {
        message: 'staking.dissociateHotkey',
        value: { hotkey: addressToAccountId(address) },
        what: 'Give up a hotkey',
        amount: 0n,
        deposit: 0n,
        details: [
          ['hotkey', address],
          [
            'has',
            `${exactCairn(totalStake + keptStake)} of stake, tokens of ${tokenPools} subnets, ${neurons} neurons; all must be none`,
          ],
          ['comes back', exactCairn(deposit)],
        ],
        plan: { hotkey: address, returned: deposit },
      };
    },
  });
}
