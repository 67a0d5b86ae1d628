import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { proxyAdded } from '../events.ts';
import { addProxyShape } from '../messages/add-proxy.ts';
import { holdDeposit, recordDeposit } from '../money.ts';
import { MAX_PROXIES, PROXY_BYTES, proxies } from '../proxies.ts';

export const addProxyMessage = defineMessage({
  id: 6,
  name: 'accounts.addProxy',
  help: 'Names a delegate that may send calls of one purpose for the sender, at once or after a notice.',
  shape: addProxyShape,
  work: () => 2,
  apply(context, { delegate, purpose, delaySlots }) {
    const { state, sender } = context;
    const address = accountIdToAddress(delegate);
    if (areBytesEqual(delegate, sender))
      return problem('PROXY_IS_OWNER', `${address} cannot be its own delegate. Name another account.`);
    const known = proxies.of(state, sender);
    if (known.some((proxy) => areBytesEqual(proxy.delegate, delegate)))
      return problem(
        'PROXY_KNOWN',
        `${address} is a delegate already. Remove it to change its purpose or delay.`,
      );
    if (known.length >= MAX_PROXIES) {
      return problem(
        'PROXIES_FULL',
        `${accountIdToAddress(sender)} has ${known.length} delegates, as many as an account can. Remove one.`,
      );
    }
    const deposit = recordDeposit(context, PROXY_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    proxies.set(state, sender, [...known, { delegate, purpose, delaySlots, deposit }]);
    proxyAdded(context, sender, delegate, purpose, delaySlots);
    return null;
  },
});
