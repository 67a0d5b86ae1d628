import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { proxyCallAnnounced } from '../events.ts';
import { announceProxyCallShape } from '../messages/announce-proxy-call.ts';
import { holdDeposit, recordDeposit, releaseDeposit } from '../money.ts';
import { ANNOUNCEMENT_BYTES, announcements, MAX_ANNOUNCEMENTS, proxies, proxyUnknown } from '../proxies.ts';

export const announceProxyCallMessage = defineMessage({
  id: 8,
  name: 'accounts.announceProxyCall',
  help: 'Announces a call that the sender, a delegate with a delay, means to run for an owner.',
  shape: announceProxyCallShape,
  work: () => 3,
  apply(context, { owner, callHash }) {
    const { state, sender, slot, parameters } = context;
    const proxy = proxies.find(state, owner, sender);
    if (proxy === undefined) return proxyUnknown(owner, sender);
    if (proxy.delaySlots === 0) {
      return problem(
        'PROXY_HAS_NO_DELAY',
        `${accountIdToAddress(sender)} acts for ${accountIdToAddress(owner)} without a delay. Run the call.`,
      );
    }
    const window = BigInt(proxy.delaySlots) + parameters.proxyAnnouncementSlots;
    const known = announcements.of(state, owner, sender);
    const live = known.filter((announcement) => slot <= announcement.slot + window);
    if (live.some((announcement) => areBytesEqual(announcement.callHash, callHash)))
      return problem('CALL_ANNOUNCED', `Call ${bytesToHex(callHash)} is announced already. Wait for it.`);
    if (live.length >= MAX_ANNOUNCEMENTS) {
      return problem(
        'ANNOUNCEMENTS_FULL',
        `${live.length} calls are announced, as many as can be at once. Run or take back one.`,
      );
    }
    for (const { deposit } of known.filter((announcement) => !live.includes(announcement)))
      releaseDeposit(context, sender, deposit);
    const deposit = recordDeposit(context, ANNOUNCEMENT_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    announcements.set(state, owner, sender, [...live, { callHash, slot, deposit }]);
    proxyCallAnnounced(context, owner, sender, callHash, slot + BigInt(proxy.delaySlots));
    return null;
  },
});
