import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { CALL_VALUE, CALL_WORD } from '../tx/call-words.ts';
import { MULTISIG_OPTIONS, type MultisigFlags } from './options.ts';

/** `cairn multisig propose` */
export function createMultisigProposeCommand(cli: Cli): Command {
  return defineSending<SendingFlags & MultisigFlags & { readonly value: string }>(cli, {
    name: 'propose',
    help: 'Approves a call of a multisig account as the first member. The event names the proposal for the others.',
    examples: [
      'multisig propose accounts.transfer --value @pay.json --members owner,gateway --threshold 2 --wallet owner',
    ],
    words: [CALL_WORD],
    required: [CALL_VALUE, ...MULTISIG_OPTIONS],
    async build({ connection, words: [name = ''], flags }) {
      const { readCall } = await import('../tx/given-call.ts');
      const { readMultisig } = await import('./members.ts');
      const { members, threshold, address } = await readMultisig(cli, connection, flags);
      const { call, hash, details } = await readCall(cli, name, flags.value);
      return {
        message: 'accounts.approveMultisig',
        value: { members, threshold, callHash: hash, call: threshold === 1 ? call : null, proposal: null },
        what: `Propose a call of multisig ${address}`,
        amount: 0n,
        details: [
          ...details,
          ['approvals', `1 of ${threshold}${threshold === 1 ? ': it runs at once' : ''}`],
          ['deposit', 'refundable, while the proposal waits'],
        ],
        plan: { multisig: address },
      };
    },
  });
}
