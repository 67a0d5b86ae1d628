import { accountIdToAddress, authorizationAccount, verifyAuthorization } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { accounts } from '../../accounts/state.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { hotkeyAssociated } from '../events.ts';
import { associateHotkeyShape } from '../messages/associate-hotkey.ts';
import { HOTKEY_BYTES, hotkeySignBytes, hotkeys } from '../state.ts';

export const associateHotkeyMessage = defineMessage({
  id: 16,
  name: 'staking.associateHotkey',
  help: 'Makes the sender the coldkey of a hotkey, which agrees by its own signature.',
  shape: associateHotkeyShape,
  work: () => 45,
  apply(context, { hotkey: authorization }) {
    const hotkey = authorizationAccount(context.crypto, authorization);
    const address = accountIdToAddress(hotkey);
    const known = hotkeys.get(context.state, hotkey);
    if (known !== undefined) {
      return problem('HOTKEY_TAKEN', `Hotkey ${address} belongs to ${accountIdToAddress(known.owner)}.`);
    }
    if (accounts.get(context.state, hotkey)?.isKeyChanged) {
      return problem(
        'HOTKEY_KEY_CHANGED',
        `Another key speaks for ${address} now; this one cannot bind it. Use another hotkey.`,
      );
    }
    const signed = hotkeySignBytes(context.chainId, context.sender);
    if (!verifyAuthorization(context.crypto, authorization, signed)) {
      return problem(
        'HOTKEY_SIGNATURE_INVALID',
        `Hotkey ${address} did not sign for coldkey ${accountIdToAddress(context.sender)} on this chain.`,
      );
    }
    const deposit = recordDeposit(context, HOTKEY_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    hotkeys.set(context.state, hotkey, {
      owner: context.sender,
      takeBps: Number(context.parameters.maxTakeBps),
      takeRaisedSlot: context.slot,
      totalStake: 0n,
      totalShares: 0n,
      keptStake: 0n,
      keptShares: 0n,
      tokenPools: 0,
      neurons: 0,
      deposit,
    });
    hotkeyAssociated(context, context.sender, hotkey);
    return null;
  },
});
