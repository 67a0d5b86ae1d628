import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { providerRemoved } from '../events.ts';
import { removeProviderShape } from '../messages/providers.ts';
import { isProviderDead } from '../provider.ts';
import { providers } from '../state.ts';

export const removeProviderMessage = defineMessage({
  id: 69,
  name: 'registry.removeProvider',
  help: 'Removes the keys and machines of the sender, none of which serves in its name from then on, and gives their deposit back. When all its machines expired anyone may clear them away: the deposit goes to the provider.',
  shape: removeProviderShape,
  work: () => 4,
  apply(context, { provider: account }) {
    const key = bytesToHex(account);
    const address = accountIdToAddress(account);
    const provider = providers.get(context.state, key);
    if (provider === undefined)
      return problem('PROVIDER_UNKNOWN', `${address} has registered no keys and machines.`);
    if (!areBytesEqual(account, context.sender) && !isProviderDead(provider, context.slot)) {
      return problem(
        'NOT_PROVIDER',
        `Only ${address} itself can remove its keys and machines while one of them serves.`,
      );
    }
    providers.delete(context.state, key);
    releaseDeposit(context, account, provider.recordDeposit);
    providerRemoved(context, provider);
    return null;
  },
});
