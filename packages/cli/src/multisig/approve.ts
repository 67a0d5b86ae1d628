import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { CALL_VALUE, CALL_WORD } from '../tx/call-words.ts';
import { MULTISIG_OPTIONS, type MultisigFlags } from './options.ts';

/** `cairn multisig approve` */
export function createMultisigApproveCommand(cli: Cli): Command {
  return defineSending<SendingFlags & MultisigFlags & { readonly value: string }>(cli, {
    name: 'approve',
    help: 'Approves a proposal as a further member, after checking that it is for this very call. The last approval runs it.',
    examples: [
      'multisig approve 3f2a… accounts.transfer --value @pay.json --members owner,gateway --threshold 2 --wallet gateway',
    ],
    words: [['<proposal>', 'its id, from multisig list'], CALL_WORD],
    required: [CALL_VALUE, ...MULTISIG_OPTIONS],
    async build({ connection, words: [id = '', name = ''], flags }) {
      const { bytesToHex } = await import('@cairn/core');
      const { readCall } = await import('../tx/given-call.ts');
      const { parseId } = await import('../tx/parse.ts');
      const { readMultisig } = await import('./members.ts');
      const { fetchProposals } = await import('./proposals.ts');
      const proposal = parseId(id, 'A proposal');
      const { members, threshold, address } = await readMultisig(cli, connection, flags);
      const { call, hash, details } = await readCall(cli, name, flags.value);
      const found = (await fetchProposals(connection, address)).find((entry) => entry.proposal === id);
      if (found === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `proposal ${id}` },
          `Multisig ${address} has no proposal ${id}. It ran or was cancelled, or the members or threshold are others.`,
        );
      }
      if (found.callHash !== bytesToHex(hash)) {
        throw usage(
          `The proposal is for the call ${found.callHash}, not for this one, ${bytesToHex(hash)}. Approve only what you have seen.`,
        );
      }
      const count = found.approvals.length + 1;
      return {
        message: 'accounts.approveMultisig',
        value: { members, threshold, callHash: hash, call: count >= threshold ? call : null, proposal },
        what: `Approve a call of multisig ${address}`,
        amount: 0n,
        details: [
          ...details,
          ['approvals', `${count} of ${threshold}${count >= threshold ? ': it runs now' : ''}`],
        ],
        plan: { multisig: address, proposal: id },
      };
    },
  });
}
