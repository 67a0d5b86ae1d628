import {
  accounts,
  type BlockOutcome,
  type Call,
  callHashOf,
  multisigAccountOf,
  multisigProposalIdOf,
  scheduledIdOf,
} from '../../src/index.ts';
import { aCall } from './calls.ts';
import { aKey, CAIRN, type Call as TestCall, type TestChain, type TestKey, testCrypto } from './chain.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
/** Two of three. Carol needs no account of her own. */
export const TEAM = { members: [alice, bob, carol].map(({ account }) => account), threshold: 2 };
export const TEAM_ACCOUNT = multisigAccountOf(testCrypto, TEAM);

/** The message of an approval of the team, or of another. */
export function anApproval(
  call: Call,
  {
    proposal,
    isShown = false,
    of = TEAM,
  }: { readonly proposal?: Uint8Array; readonly isShown?: boolean; readonly of?: typeof TEAM } = {},
) {
  const callHash = callHashOf(testCrypto, call);
  return { ...of, callHash, call: isShown ? call : null, proposal: proposal ?? null };
}

/** Alice's proposal of a call of the team. */
export function propose(chain: TestChain, call: Call): Uint8Array {
  const { nonce } = accounts.get(chain.view, alice.account)!;
  const code = chain.send(alice, 'accounts.approveMultisig', anApproval(call));
  if (code !== null) throw new Error(`accounts.approveMultisig: ${code}`);
  return multisigProposalIdOf(testCrypto, TEAM_ACCOUNT, callHashOf(testCrypto, call), alice.account, nonce);
}

/** Schedules a call and returns its id. */
export function plan(chain: TestChain, slot: bigint, call: Call, from: TestKey = alice): Uint8Array {
  const { nonce } = accounts.get(chain.view, from.account)!;
  const code = chain.send(from, 'accounts.schedule', { slot, call });
  if (code !== null) throw new Error(`accounts.schedule: ${code}`);
  return scheduledIdOf(testCrypto, chain.chainId, from.account, nonce);
}

/** What a block says of the scheduled calls that had their turn, in order. */
export const ranIn = ({ events }: BlockOutcome) =>
  events.filter(({ name }) => name === 'accounts.scheduledRan').map(({ data }) => data);

/** One call that succeeds of each message that runs others, on a chain where Alice and Bob have money. */
export function delegationCalls(chain: TestChain): TestCall[] {
  const [newcomer, delayed] = [aKey(50), aKey(51)];
  const pay = aCall('accounts.transfer', { to: newcomer.account, amount: CAIRN });
  chain.send(alice, 'accounts.transfer', { to: TEAM_ACCOUNT, amount: 10n * CAIRN });
  const proposal = propose(chain, pay);
  const callHash = callHashOf(testCrypto, pay);
  const onward = aCall('accounts.transfer', { to: newcomer.account, amount: 2n * CAIRN });
  chain.send(alice, 'accounts.transfer', { to: delayed.account, amount: 10n * CAIRN });
  chain.send(alice, 'accounts.addProxy', { delegate: delayed.account, purpose: 'transfer', delaySlots: 1 });
  chain.send(delayed, 'accounts.announceProxyCall', { owner: alice.account, callHash });
  const scheduled = plan(chain, 1_000n, pay, bob);
  chain.advance(2);
  return [
    { from: alice, name: 'accounts.approveMultisig', message: anApproval(pay) },
    { from: bob, name: 'accounts.approveMultisig', message: anApproval(pay, { proposal, isShown: true }) },
    { from: alice, name: 'accounts.cancelMultisig', message: { multisig: TEAM_ACCOUNT, proposal } },
    {
      from: alice,
      name: 'accounts.addProxy',
      message: { delegate: carol.account, purpose: 'any', delaySlots: 0 },
    },
    { from: alice, name: 'accounts.removeProxy', message: { delegate: delayed.account } },
    {
      from: delayed,
      name: 'accounts.announceProxyCall',
      message: { owner: alice.account, callHash: callHashOf(testCrypto, onward) },
    },
    {
      from: alice,
      name: 'accounts.rejectProxyCall',
      message: { owner: alice.account, delegate: delayed.account, callHash },
    },
    {
      from: alice,
      name: 'accounts.schedule',
      message: { slot: 1_000n, call: aCall('accounts.batch', { calls: [pay, pay] }) },
    },
    { from: bob, name: 'accounts.cancelScheduled', message: { scheduled } },
    { from: delayed, name: 'accounts.proxy', message: { owner: alice.account, call: pay } },
  ];
}
