import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { callHashOf, nestedNonce } from '../../execution/calls.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { proxyCallRan } from '../events.ts';
import { type ProxyCall, proxyCallShape } from '../messages/proxy.ts';
import { releaseDeposit } from '../money.ts';
import { announcements, announcementUnknown, type ProxyEntry, proxies, proxyUnknown } from '../proxies.ts';
import { filterOf } from '../purposes.ts';

/** As with a multisig, a call that is refused leaves its announcement, so it can be tried again in its time. */
export const proxyMessage = defineMessage({
  id: 10,
  name: 'accounts.proxy',
  help: 'Runs a call for an owner who named the sender as delegate: of its purpose only, and with a delay only what was announced long enough before.',
  shape: proxyCallShape,
  work: ({ call }, calls) => 4 + calls.workOf(call),
  apply(context, message) {
    const { crypto, state, sender, nonce, calls } = context;
    const { owner, call } = message;
    const proxy = proxies.find(state, owner, sender);
    if (proxy === undefined) return proxyUnknown(owner, sender);
    const early = proxy.delaySlots === 0 ? null : useAnnouncement(context, message, proxy);
    if (early !== null) return early;
    const own = nestedNonce(crypto, sender, nonce);
    const refused = calls.restrict(filterOf(proxy)).run(context, call, { sender: owner, nonce: own });
    if (refused !== null) {
      const address = accountIdToAddress(owner);
      return problem(refused.code, `The call for ${address} is refused. ${refused.message}`);
    }
    proxyCallRan(context, owner, sender, proxy.purpose, calls.nameOf(call)!);
    return null;
  },
});

/** Takes the announcement of a call away, before the call runs, so that one announcement runs one call. */
function useAnnouncement(
  context: MessageContext,
  { owner, call }: ProxyCall,
  { delaySlots }: ProxyEntry,
): Verdict {
  const { crypto, state, sender, slot, parameters } = context;
  const callHash = callHashOf(crypto, call);
  const known = announcements.of(state, owner, sender);
  const used = known.find((announcement) => areBytesEqual(announcement.callHash, callHash));
  if (used === undefined) return announcementUnknown(callHash);
  const from = used.slot + BigInt(delaySlots);
  const until = from + parameters.proxyAnnouncementSlots;
  if (slot < from) {
    return problem(
      'ANNOUNCEMENT_TOO_EARLY',
      `Call ${bytesToHex(callHash)} can run from slot ${from}, this is ${slot}. Wait.`,
    );
  }
  if (slot > until) {
    return problem(
      'ANNOUNCEMENT_EXPIRED',
      `Call ${bytesToHex(callHash)} could run until slot ${until}, this is ${slot}. Announce it again.`,
    );
  }
  announcements.set(
    state,
    owner,
    sender,
    known.filter((announcement) => announcement !== used),
  );
  releaseDeposit(context, sender, used.deposit);
  return null;
}
