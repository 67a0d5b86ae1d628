import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  accounts,
  approveMultisigShape,
  type Call,
  callHashOf,
  cancelMultisigShape,
  multisigAccountOf,
  multisigFault,
  multisigProposalIdOf,
  transferShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** Teams of people who sit side by side, of two to four, now and then one that cannot be. */
function aTeam({ random, people }: SimulationScene) {
  const first = random.below(people.length);
  const team = Array.from({ length: 2 + (first % 3) }, (_, n) => people[(first + n) % people.length]!);
  if (random.oneIn(20)) team.push(team[0]!);
  const threshold = random.oneIn(20) ? random.below(8) : Math.min(2, team.length);
  return { team, of: { members: team.map(({ account }) => account), threshold } };
}

/** Few different calls, so that approvals of the same call meet. */
function aPayment({ random, people }: SimulationScene): Call {
  const message = encode(transferShape, { to: people[0]!.account, amount: BigInt(1 + random.below(3)) });
  return { messageId: messageIdOf('accounts.transfer'), message };
}

/** Money for a team's account, proposals, approvals of what was proposed, and cancelling. */
export const multisigGenerator: CallGenerator = {
  module: 'accounts',
  weight: 3,
  call(scene): SimulatedCall {
    const { random, people, crypto, view, ids } = scene;
    const { team, of } = aTeam(scene);
    const sender = random.oneIn(20) ? random.pick(people) : random.pick(team);
    const multisig = multisigFault(of) === null ? multisigAccountOf(crypto, of) : random.bytes(32);
    const known = ids(`proposals ${bytesToHex(multisig)}`);
    const proposal = known.length === 0 || random.oneIn(3) ? null : hexToBytes(random.pick(known.slice(-4)));
    switch (random.below(6)) {
      case 0: {
        const amount = random.belowBig(1_000_000n);
        const message = encode(transferShape, { to: multisig, amount });
        return { sender, messageId: messageIdOf('accounts.transfer'), message };
      }
      case 1: {
        const message = encode(cancelMultisigShape, { multisig, proposal: proposal ?? random.bytes(32) });
        return { sender, messageId: messageIdOf('accounts.cancelMultisig'), message };
      }
      default: {
        const call = aPayment(scene);
        const callHash = callHashOf(crypto, call);
        const nonce = accounts.get(view, sender.account)?.nonce ?? 0n;
        if (proposal === null)
          known.push(bytesToHex(multisigProposalIdOf(crypto, multisig, callHash, sender.account, nonce)));
        const isShown = proposal !== null && !random.oneIn(4);
        const message = encode(approveMultisigShape, {
          ...of,
          callHash,
          call: isShown ? call : null,
          proposal,
        });
        return { sender, messageId: messageIdOf('accounts.approveMultisig'), message };
      }
    }
  },
};
