import { areBytesEqual } from '@cairn/core';
import { defineMessage } from '../../execution/message.ts';
import { proxyRemoved } from '../events.ts';
import { removeProxyShape } from '../messages/remove-proxy.ts';
import { releaseDeposit } from '../money.ts';
import { announcements, proxies, proxyUnknown } from '../proxies.ts';

export const removeProxyMessage = defineMessage({
  id: 7,
  name: 'accounts.removeProxy',
  help: 'Takes the rights of a delegate of the sender away, at once, and drops all that it announced.',
  shape: removeProxyShape,
  work: () => 4,
  apply(context, { delegate }) {
    const { state, sender } = context;
    const known = proxies.of(state, sender);
    const removed = known.find((proxy) => areBytesEqual(proxy.delegate, delegate));
    if (removed === undefined) return proxyUnknown(sender, delegate);
    for (const { deposit } of announcements.of(state, sender, delegate))
      releaseDeposit(context, delegate, deposit);
    announcements.set(state, sender, delegate, []);
    proxies.set(
      state,
      sender,
      known.filter((proxy) => proxy !== removed),
    );
    releaseDeposit(context, sender, removed.deposit);
    proxyRemoved(context, sender, delegate);
    return null;
  },
});
