import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accounts, type Call, declaredWork, MODULES, multisigAccountOf } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { anApproval, propose, TEAM, TEAM_ACCOUNT } from '../support/delegation.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, carol, dora] = [aKey(1), aKey(2), aKey(3), aKey(4)];
const account = TEAM_ACCOUNT;
const payDora = aCall('accounts.transfer', { to: dora.account, amount: 3n * CAIRN });

function aTeamChain(parameters: Record<string, bigint> = {}) {
  const chain = aChain({ funded: [alice, bob, carol], parameters });
  chain.send(alice, 'accounts.transfer', { to: account, amount: 10n * CAIRN });
  return chain;
}
const spendable = (chain: TestChain, id: Uint8Array) => accounts.get(chain.view, id)?.spendable ?? 0n;

const send = (chain: TestChain, from: TestKey, call: Call, choice?: Parameters<typeof anApproval>[1]) =>
  chain.send(from, 'accounts.approveMultisig', anApproval(call, choice));

describe('the account of a multisig', () => {
  it('follows from its members in any order and its threshold', () => {
    const of = (members: TestKey[], threshold: number) =>
      bytesToHex(multisigAccountOf(testCrypto, { members: members.map(({ account: id }) => id), threshold }));
    expect(of([carol, alice, bob], 2)).toBe(bytesToHex(account));
    expect(of([alice, bob, carol], 3)).not.toBe(bytesToHex(account));
    expect(of([alice, bob], 2)).not.toBe(bytesToHex(account));
  });

  it('is none without two to twenty different members and a threshold among them', () => {
    const many = Array.from({ length: 21 }, (_, n) => aKey(n + 1).account);
    const refusal = (members: Uint8Array[], threshold: number) => () =>
      multisigAccountOf(testCrypto, { members, threshold });
    expect(refusal([alice.account], 1)).toThrow('2 to 20');
    expect(refusal(many, 1)).toThrow('2 to 20');
    expect(refusal(TEAM.members, 0)).toThrow('threshold of 0');
    expect(refusal(TEAM.members, 4)).toThrow('threshold of 4');
    expect(refusal([alice.account, bob.account, alice.account], 2)).toThrow('twice');
  });
});

describe('a call of a multisig account', () => {
  it('runs as the account when enough members approved, and the deposit returns', () => {
    const chain = aTeamChain();
    const before = accounts.get(chain.view, alice.account)!;
    const proposal = propose(chain, payDora);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(before.records + 1);
    expect(brokenInvariants(chain)).toEqual([]);
    const message = anApproval(payDora, { proposal, isShown: true });
    const [result] = chain.block([{ from: bob, name: 'accounts.approveMultisig', message }]).results;
    expect(result!.events.map(({ name }) => name)).toEqual(['accounts.transferred', 'accounts.multisigRan']);
    expect(spendable(chain, dora.account)).toBe(3n * CAIRN - 200_000n);
    expect(spendable(chain, account)).toBe(7n * CAIRN - 200_000n);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(before.records);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('counts members of any order as the same account', () => {
    const chain = aTeamChain();
    const proposal = propose(chain, payDora);
    const of = { members: [...TEAM.members].reverse(), threshold: 2 };
    expect(send(chain, bob, payDora, { proposal, isShown: true, of })).toBeNull();
  });

  it('runs at once for a threshold of one, and keeps nothing', () => {
    const chain = aTeamChain();
    const of = { ...TEAM, threshold: 1 };
    const sole = multisigAccountOf(testCrypto, of);
    chain.send(alice, 'accounts.transfer', { to: sole, amount: 5n * CAIRN });
    expect(send(chain, bob, payDora, { of })).toBe('CALL_MISSING');
    expect(send(chain, bob, payDora, { of, isShown: true })).toBeNull();
    expect(spendable(chain, dora.account)).toBe(3n * CAIRN - 200_000n);
    expect(accounts.get(chain.view, bob.account)!.records).toBe(0);
  });

  it('refuses strangers, a second approval, another threshold and another call', () => {
    const chain = aTeamChain();
    const proposal = propose(chain, payDora);
    const other = aCall('accounts.transfer', { to: dora.account, amount: 4n * CAIRN });
    expect(send(chain, alice, payDora, { proposal, isShown: true })).toBe('ALREADY_APPROVED');
    chain.send(alice, 'accounts.transfer', { to: dora.account, amount: CAIRN });
    expect(send(chain, dora, payDora, { proposal, isShown: true })).toBe('NOT_A_MEMBER');
    const of = { ...TEAM, threshold: 1 };
    expect(send(chain, bob, payDora, { proposal, isShown: true, of })).toBe('MULTISIG_PROPOSAL_UNKNOWN');
    expect(send(chain, bob, other, { proposal, isShown: true })).toBe('CALL_HASH_DIFFERS');
    const swapped = { ...anApproval(payDora, { proposal }), call: other };
    expect(chain.send(bob, 'accounts.approveMultisig', swapped)).toBe('CALL_HASH_DIFFERS');
    expect(send(chain, bob, payDora, { proposal })).toBe('CALL_MISSING');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses a threshold of none or too many, and members named twice', () => {
    const chain = aTeamChain();
    const codeOf = (members: TestKey[], threshold: number) =>
      send(chain, alice, payDora, {
        isShown: true,
        of: { members: members.map(({ account: id }) => id), threshold },
      });
    expect(codeOf([alice, bob], 0)).toBe('MULTISIG_THRESHOLD');
    expect(codeOf([alice, bob], 3)).toBe('MULTISIG_THRESHOLD');
    expect(codeOf([alice, alice, bob], 2)).toBe('MULTISIG_MEMBER_TWICE');
    expect(codeOf([alice], 1)).toBe('MULTISIG_SIZE');
  });

  it('that ran takes no late approval, which also begins no second payment', () => {
    const chain = aTeamChain();
    const proposal = propose(chain, payDora);
    send(chain, bob, payDora, { proposal, isShown: true });
    expect(send(chain, carol, payDora, { proposal, isShown: true })).toBe('MULTISIG_PROPOSAL_UNKNOWN');
    const again = propose(chain, payDora);
    expect(bytesToHex(again)).not.toBe(bytesToHex(proposal));
    expect(send(chain, carol, payDora, { proposal, isShown: true })).toBe('MULTISIG_PROPOSAL_UNKNOWN');
    expect(spendable(chain, account)).toBe(7n * CAIRN - 200_000n);
  });

  it('that is refused refuses the last approval: those before stand until the cause is gone', () => {
    const chain = aTeamChain();
    const much = aCall('accounts.transfer', { to: dora.account, amount: 50n * CAIRN });
    const proposal = propose(chain, much);
    const message = anApproval(much, { proposal, isShown: true });
    const [result] = chain.block([{ from: bob, name: 'accounts.approveMultisig', message }]).results;
    expect(result!.problem).toMatchObject({
      code: 'BALANCE_TOO_LOW',
      message: expect.stringContaining('earlier approvals stand'),
    });
    expect(result!.events).toEqual([]);
    expect(
      chain.query('accounts_multisigProposals', { multisig: accountIdToAddress(account) }),
    ).toMatchObject([{ proposal: bytesToHex(proposal), approvals: [accountIdToAddress(alice.account)] }]);
    chain.send(carol, 'accounts.transfer', { to: account, amount: 50n * CAIRN });
    expect(send(chain, bob, much, { proposal, isShown: true })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('expires, after which anybody can clear it away', () => {
    const chain = aTeamChain({ multisigProposalSlots: 10n });
    const proposal = propose(chain, payDora);
    const cancel = { multisig: account, proposal };
    expect(chain.send(bob, 'accounts.cancelMultisig', cancel)).toBe('NOT_PROPOSAL_OPENER');
    chain.advance(10);
    expect(send(chain, bob, payDora, { proposal, isShown: true })).toBe('MULTISIG_PROPOSAL_EXPIRED');
    expect(chain.send(bob, 'accounts.cancelMultisig', cancel)).toBeNull();
    expect(accounts.get(chain.view, alice.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is cancelled by who opened it, who cannot close its account before', () => {
    const chain = aTeamChain();
    const proposal = propose(chain, payDora);
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBe('ACCOUNT_HAS_RECORDS');
    const cancel = { multisig: account, proposal };
    expect(chain.send(alice, 'accounts.cancelMultisig', cancel)).toBeNull();
    expect(chain.send(alice, 'accounts.cancelMultisig', cancel)).toBe('MULTISIG_PROPOSAL_UNKNOWN');
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('may be one of another multisig, of which the account is a member', () => {
    const chain = aTeamChain();
    const of = { members: [account, dora.account], threshold: 1 };
    const outer = multisigAccountOf(testCrypto, of);
    chain.send(alice, 'accounts.transfer', { to: outer, amount: 5n * CAIRN });
    const call = aCall('accounts.approveMultisig', anApproval(payDora, { of, isShown: true }));
    const proposal = propose(chain, call);
    expect(send(chain, carol, call, { proposal, isShown: true })).toBeNull();
    expect(spendable(chain, outer)).toBe(2n * CAIRN - 200_000n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of an account that does not exist is refused', () => {
    const chain = aChain({ funded: [alice, bob, carol] });
    const proposal = propose(chain, payDora);
    expect(send(chain, bob, payDora, { proposal, isShown: true })).toBe('ACCOUNT_UNKNOWN');
  });

  it('is paid for by the approval that brings it', () => {
    const definition = MODULES.flatMap(({ messages }) => messages).find(
      ({ name }) => name === 'accounts.approveMultisig',
    )!;
    const batch = aCall('accounts.batch', { calls: [payDora, payDora] });
    const [bare, full] = [false, true].map((isShown) =>
      declaredWork(definition, anApproval(batch, { isShown })),
    );
    expect(full! - bare!).toBe(5);
  });
});
