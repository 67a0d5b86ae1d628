import { type AccountId, accountIdToAddress, areBytesEqual, bytesToHex, decode } from '@cairn/core';
import { openChannelShape } from '../../channels/messages/open.ts';
import { topUpChannelShape } from '../../channels/messages/top-up.ts';
import { channels } from '../../channels/state.ts';
import { type Call, nestedNonce } from '../../execution/calls.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import type { StateView } from '../../state/view.ts';
import { speakingKeyOf } from '../keys/speaking.ts';
import { type SpendAs, spendAsShape } from '../messages/sub-keys.ts';
import { transferShape } from '../messages/transfer.ts';
import { accounts } from '../state.ts';
import { spend } from '../sub-keys/caps.ts';
import { spentAs } from '../sub-keys/events.ts';
import { subKeyUnknown } from '../sub-keys/problems.ts';
import { type SUB_KEY_MESSAGES, type SubKey, subKeys } from '../sub-keys/state.ts';

type Spending = (typeof SUB_KEY_MESSAGES)[number];

export const spendAsMessage = defineMessage({
  id: 181,
  name: 'accounts.spendAs',
  help: 'A sub-key runs a message with its owner’s money, within its limits. The fee is its own.',
  shape: spendAsShape,
  work: ({ call }, calls) => 6 + calls.workOf(call),
  apply(context, { owner, call }) {
    const { state, sender, nonce, slot, crypto, calls, parameters } = context;
    const subKey = subKeys.get(state, owner, sender);
    if (subKey === undefined) return subKeyUnknown(owner, sender);
    const allowed = findMessage(context, subKey, { owner, call });
    if (typeof allowed !== 'string') return allowed;
    const before = accounts.get(state, owner)!.spendable;
    const own = nestedNonce(crypto, sender, nonce, owner);
    const refused = calls.run(context, call, { sender: owner, nonce: own });
    if (refused !== null) return refused;
    const payee = payeeOf(state, allowed, call);
    const { payees } = subKey.limits;
    if (payees.length > 0 && !payees.some((id) => areBytesEqual(id, payee))) {
      return problem(
        'SUB_KEY_PAYEE',
        `${accountIdToAddress(payee)} is none of the ${payees.length} that this sub-key may pay.`,
      );
    }
    const amount = before - accounts.get(state, owner)!.spendable;
    const spent = spend(subKey, amount, slot / parameters.subKeyDaySlots);
    if (!spent.ok) return spent.problem;
    subKeys.set(state, owner, sender, spent.subKey);
    spentAs(context, owner, sender, allowed, amount);
    return null;
  },
});

/** The message that a call runs, when the sub-key may run it now. */
function findMessage(
  { state, slot, calls }: MessageContext,
  { limits, setBy }: SubKey,
  { owner, call }: SpendAs,
): Spending | TransactionProblem {
  if (!areBytesEqual(setBy, speakingKeyOf(state, owner))) {
    return problem(
      'SUB_KEY_VOID',
      `The key of ${accountIdToAddress(owner)} changed since this sub-key was set. The owner sets it again.`,
    );
  }
  if (slot > limits.expirySlot) {
    return problem(
      'SUB_KEY_EXPIRED',
      `This sub-key could spend until slot ${limits.expirySlot}, this is ${slot}.`,
    );
  }
  const name = calls.nameOf(call);
  const found = limits.messages.find((message) => message === name);
  return (
    found ??
    problem(
      'SUB_KEY_MESSAGE',
      `This sub-key may run ${limits.messages.join(', ')}, not ${name ?? `message ${call.messageId}`}.`,
    )
  );
}

/** Who gets the money of a call that was run. */
function payeeOf(state: StateView, name: Spending, { message }: Call): AccountId {
  switch (name) {
    case 'accounts.transfer':
      return decode(transferShape, message).to;
    case 'channels.open':
      return decode(openChannelShape, message).payee;
    case 'channels.topUp':
      return channels.get(state, bytesToHex(decode(topUpChannelShape, message).channel))!.payee;
  }
}
