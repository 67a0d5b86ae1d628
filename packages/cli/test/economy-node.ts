import { accountIdOf, accountIdToAddress, createEd25519Signer, createPureCrypto } from '@cairn/core';
import { expect } from 'vitest';
import type { FakeMethods, FakeNode } from './fake-node.ts';
import { run } from './run.ts';

export const accountOf = (seed: number) => {
  const { publicKey } = createEd25519Signer(new Uint8Array(32).fill(seed));
  return accountIdOf(createPureCrypto(), 'ed25519', publicKey);
};
export const OWNER = accountIdToAddress(accountOf(2));
export const GATEWAY = accountIdToAddress(accountOf(3));
export const VALIDATOR = accountIdToAddress(accountOf(4));
const sent = {
  id: 'ab'.repeat(32),
  height: 43,
  index: 0,
  ok: true,
  problem: null,
  fee: '21000',
  bytes: '',
  events: [{ name: 'some.event', data: { proposal: 'ff', at: 7 } }],
};
/** A node with two keys and a validator, which sends whatever it is told. */
export const methods: FakeMethods = {
  node_wallets: () => [
    { name: 'owner', address: OWNER },
    { name: 'gateway', address: GATEWAY },
  ],
  node_status: () => ({
    version: '0.0.0',
    pid: 1,
    uptimeMs: 1,
    data: '/nowhere',
    url: 'http://localhost',
    network: { name: 'test', kind: 'local', engine: 'solo', chainId: 'aa' },
    residentBytes: 1,
    roles: [{ name: 'validator-1', kind: 'validator', address: VALIDATOR, note: '' }],
  }),
  parameters_list: () => [
    { name: 'feePerByte', value: '100' },
    { name: 'feePerWork', value: '10' },
  ],
  accounts_get: () => null,
  governance_status: () => ({ slot: '100' }),
  node_send: () => sent,
};
/** A transfer as JSON. */
export const transfer = JSON.stringify({ to: GATEWAY, amount: '5' });

/** Runs a command that spends and gives what the node was told to send. */
export async function sentBy(node: FakeNode, words: readonly string[]) {
  const result = await run([...words, '--wallet', 'owner', '--yes', '--json', '--data', node.data]);
  expect(result.exitCode, `${words.join(' ')}: ${result.out}${result.err}`).toBe(0);
  return node.calls.findLast(({ method }) => method === 'node_send')?.params as {
    message: string;
    value: Record<string, unknown>;
  };
}
