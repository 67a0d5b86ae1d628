import { bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { providerSet } from '../events.ts';
import { setProviderShape } from '../messages/providers.ts';
import { findProviderFault, type Provider, providerTermsShape } from '../provider.ts';
import { PROVIDER_EXTRA_BYTES, providers } from '../state.ts';

export const setProviderMessage = defineMessage({
  id: 68,
  name: 'registry.setProvider',
  help: 'Says to which keys requests to the sender are sealed, and which machines serve in its name; replaces what it said before.',
  shape: setProviderShape,
  work: () => 4,
  apply(context, { terms }) {
    const fault = findProviderFault(terms);
    if (fault !== null) return problem('PROVIDER_INVALID', fault);
    const expired = terms.devices.find(({ expirySlot }) => expirySlot <= context.slot);
    if (expired !== undefined) {
      return problem(
        'DEVICE_EXPIRED',
        `Device ${bytesToHex(expired.peerKey)} ends at slot ${expired.expirySlot}, now is ${context.slot}. Leave it out or give it more time.`,
      );
    }
    const key = bytesToHex(context.sender);
    const earlier = providers.get(context.state, key);
    if (earlier !== undefined) releaseDeposit(context, context.sender, earlier.recordDeposit);
    const deposit = recordDeposit(context, encode(providerTermsShape, terms).length + PROVIDER_EXTRA_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    const provider: Provider = { account: context.sender, ...terms, recordDeposit: deposit };
    providers.set(context.state, key, provider);
    providerSet(context, provider);
    return null;
  },
});
