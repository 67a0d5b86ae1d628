import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { proxyCallRejected } from '../events.ts';
import { rejectProxyCallShape } from '../messages/reject-proxy-call.ts';
import { releaseDeposit } from '../money.ts';
import { announcements, announcementUnknown } from '../proxies.ts';

export const rejectProxyCallMessage = defineMessage({
  id: 9,
  name: 'accounts.rejectProxyCall',
  help: 'Drops an announced call: the owner rejects it, or the delegate takes it back.',
  shape: rejectProxyCallShape,
  work: () => 3,
  apply(context, { owner, delegate, callHash }) {
    const { state, sender } = context;
    if (!areBytesEqual(sender, owner) && !areBytesEqual(sender, delegate)) {
      return problem(
        'NOT_OWNER_OR_DELEGATE',
        `Only ${accountIdToAddress(owner)} or ${accountIdToAddress(delegate)} can drop what the latter announced.`,
      );
    }
    const known = announcements.of(state, owner, delegate);
    const dropped = known.find((announcement) => areBytesEqual(announcement.callHash, callHash));
    if (dropped === undefined) return announcementUnknown(callHash);
    announcements.set(
      state,
      owner,
      delegate,
      known.filter((announcement) => announcement !== dropped),
    );
    releaseDeposit(context, delegate, dropped.deposit);
    proxyCallRejected(context, owner, delegate, callHash, sender);
    return null;
  },
});
