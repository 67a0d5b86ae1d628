import { addressToAccountId, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & {
  readonly perCall: string;
  readonly perDay: string;
  readonly total: string;
  readonly slot?: string;
  readonly in?: string;
  readonly messages?: string;
  readonly payees?: string;
  readonly models?: string;
};

/** `cairn subkey set` */
export function createSubkeySetCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'set',
    help: 'Lets another key spend from this account within limits: the wallet of an agent. Again: other limits, the same count.',
    examples: ['subkey set agent --per-call 0.1 --per-day 1 --total 20 --in 100000 --wallet savings'],
    words: [['<key>', 'a name from wallet list, or an address']],
    required: [
      ['--per-call <cairn>', 'most CAIRN that one call may take'],
      ['--per-day <cairn>', 'most CAIRN in one day'],
      ['--total <cairn>', 'most CAIRN ever'],
    ],
    options: [
      ['--slot <slot>', 'last slot in which it may spend'],
      ['--in <slots>', 'or for how many slots from now'],
      ['--messages <list>', 'what it may run, with commas between (default: transfers and channels)'],
      ['--payees <list>', 'who may be paid, with commas between (default: anybody)'],
      ['--models <list>', 'ids of models it may ask, with commas between (default: any)'],
    ],
    async build({ connection, words: [given = ''], flags }) {
      const { SUB_KEY_MESSAGES } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const { parseId, resolveSlot, splitList } = await import('../tx/parse.ts');
      const [perCall, perDay, total] = [flags.perCall, flags.perDay, flags.total].map(parseAmount) as [
        bigint,
        bigint,
        bigint,
      ];
      const messages = flags.messages === undefined ? [...SUB_KEY_MESSAGES] : splitList(flags.messages);
      const unknown = messages.find((name) => !SUB_KEY_MESSAGES.some((known) => known === name));
      if (unknown !== undefined)
        throw usage(`A sub-key may run ${SUB_KEY_MESSAGES.join(', ')}, not ${unknown}.`);
      const models = splitList(flags.models).map((model) => parseId(model, 'A model'));
      const payees: string[] = [];
      for (const payee of splitList(flags.payees))
        payees.push((await resolveAccount(cli, connection, payee)).address);
      const expirySlot = await resolveSlot(connection, flags);
      const { address } = await resolveAccount(cli, connection, given);
      return {
        message: 'accounts.setSubKey',
        value: {
          key: addressToAccountId(address),
          limits: {
            perCall,
            perDay,
            total,
            expirySlot,
            messages,
            payees: payees.map(addressToAccountId),
            models,
          },
        },
        what: 'Let a key spend from this account',
        amount: 0n,
        details: [
          ['key', address],
          [
            'at most',
            `${exactCairn(perCall)} a call, ${exactCairn(perDay)} a day, ${exactCairn(total)} in all`,
          ],
          ['until slot', expirySlot.toString()],
          ['runs', messages.join(', ')],
          ['pays', payees.length === 0 ? 'anybody' : payees.join(', ')],
          ['models', models.length === 0 ? 'any' : splitList(flags.models).join(', ')],
          ['deposit', 'refundable, for the record'],
        ],
        plan: { key: address, perCall, perDay, total, expirySlot, messages, payees },
      };
    },
  });
}
