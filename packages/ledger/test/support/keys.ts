import { authorize, compareBytes, createEd25519Signer } from '@cairn/core';
import { accountKeys, accounts, keyChanges, keyConsentBytes } from '../../src/index.ts';
import { aChain, type TestChain, type TestKey } from './chain.ts';

export const DELAY = 10n;
export const RECOVERY_DELAY = 6n;
export const FREEZE = 30n;

/** A chain on which keys change in a few slots. */
export function aKeyChain(funded: readonly TestKey[]): TestChain {
  return aChain({
    funded,
    parameters: {
      keyChangeDelaySlots: DELAY,
      recoveryDelaySlots: RECOVERY_DELAY,
      keyFreezeSlots: FREEZE,
    },
  });
}

/** What speaks for an account with another key: the account's id with that key's signature. */
export const speaking = (account: TestKey, key: TestKey): TestKey => ({ ...key, account: account.account });

/** The message of a change of key. */
export async function aChange(chain: TestChain, account: TestKey, newKey: TestKey, chainId = chain.chainId) {
  const bytes = keyConsentBytes(chainId, account.account);
  return { account: account.account, consent: await authorize(createEd25519Signer(newKey.seed), bytes) };
}

/** Gives an account another key the ordinary way; returns what speaks for it. */
export async function rotate(chain: TestChain, from: TestKey, newKey: TestKey): Promise<TestKey> {
  const { account } = from;
  expectDone(chain.send(from, 'accounts.announceKeyChange', { newKey: newKey.account }));
  chain.advance(Number(DELAY));
  expectDone(chain.send(from, 'accounts.changeKey', await aChange(chain, from, newKey)));
  return { ...newKey, account };
}

/** Names guardians and waits until they stand. */
export function guard(
  chain: TestChain,
  account: TestKey,
  guardians: readonly TestKey[],
  threshold: number,
): void {
  const ids = guardians.map((key) => key.account).sort(compareBytes);
  expectDone(chain.send(account, 'accounts.setRecovery', { guardians: ids, threshold }));
  chain.advance(Number(DELAY));
}

function expectDone(code: string | null): void {
  if (code !== null) throw new Error(code);
}

export const changeOf = (chain: TestChain, key: TestKey) => keyChanges.get(chain.view, key.account);
export const keyOf = (chain: TestChain, key: TestKey) =>
  accountKeys.get(chain.view, key.account)?.key ?? key.account;
export const isMarkedFrozen = (chain: TestChain, key: TestKey) =>
  accounts.get(chain.view, key.account)!.isFrozen;
