import { describe, expect, it } from 'vitest';
import { MODULES, PURPOSES } from '../../src/index.ts';

const names = MODULES.flatMap(({ messages }) => messages.map(({ name }) => name));
const listed = new Set(Object.values(PURPOSES).flatMap((messages) => messages ?? []));

/** What only a delegate for anything may send: it ends the account or a subnet, binds stake for months, or gives rights or runs calls for others. */
const ONLY_ANY = [
  'accounts.close',
  'accounts.approveMultisig',
  'accounts.cancelMultisig',
  'accounts.addProxy',
  'accounts.removeProxy',
  'accounts.announceProxyCall',
  'accounts.rejectProxyCall',
  'accounts.proxy',
  'accounts.schedule',
  'accounts.cancelScheduled',
  'accounts.announceKeyChange',
  'accounts.changeKey',
  'accounts.disputeKeyChange',
  'accounts.setRecovery',
  'accounts.approveRecovery',
  'accounts.clearKeyChange',
  'accounts.setSubKey',
  'accounts.removeSubKey',
  'accounts.spendAs',
  'staking.lockStake',
  'subnets.dissolve',
];

describe('the table of purposes', () => {
  it('names only messages that there are', () => {
    for (const name of listed) expect(names, name).toContain(name);
  });

  it('decides about every message: a purpose has it, or only any does', () => {
    for (const name of names) {
      const isBatch = name === 'accounts.batch';
      expect(Number(listed.has(name)) + Number(ONLY_ANY.includes(name)) + Number(isBatch), name).toBe(1);
    }
  });

  it('keeps what pays others out of nonTransfer', () => {
    const paying = [...PURPOSES.transfer, ...PURPOSES.channels];
    for (const name of paying) expect(PURPOSES.nonTransfer, name).not.toContain(name);
  });
});
