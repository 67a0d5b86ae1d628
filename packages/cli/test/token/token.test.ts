import {
  accountIdOf,
  accountIdToAddress,
  addressToAccountId,
  bytesToHex,
  createEd25519Signer,
  createPureCrypto,
} from '@cairn/core';
import { requireMessage, sealOrder } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { type FakeMethods, startFakeNode } from '../fake-node.ts';
import { run } from '../run.ts';

const addressOf = (seed: number) => {
  const { publicKey } = createEd25519Signer(new Uint8Array(32).fill(seed));
  return accountIdToAddress(accountIdOf(createPureCrypto(), 'ed25519', publicKey));
};
const OWNER = addressOf(2);

/** 1,000 CAIRN against 1,000 tokens at even weights: the textbook pool. */
const market = {
  netuid: 1,
  name: 'crontab',
  price: '1000000000',
  averagePrice: '900000000',
  burnCost: '100000000',
  cairnReserve: '1000000000000',
  tokenReserve: '1000000000000',
  quoteWeight: '500000000000000000',
  outstanding: '5000000000',
  burned: '0',
  protocolTokens: '0',
  issuance: '1005000000000',
  burnCaused: '0',
  userFlow: '-12',
  protocolFlow: '3',
};
const cleared = {
  netuid: 1,
  side: 'buy',
  kind: 'account',
  owner: OWNER,
  status: 'filled',
  spent: '100000000000',
  returned: '0',
  fee: '0',
  amountOut: '83333333333',
};
const sent = {
  id: 'ab'.repeat(32),
  height: 43,
  index: 0,
  ok: true,
  problem: null,
  fee: '21000',
  bytes: '',
  events: [],
};
const methods: FakeMethods = {
  node_wallets: () => [{ name: 'owner', address: OWNER }],
  node_status: () => ({ roles: [] }),
  parameters_list: () => [
    { name: 'feePerByte', value: '100' },
    { name: 'feePerWork', value: '10' },
    { name: 'poolFeeRate', value: '0' },
    { name: 'poolMinReserve', value: '1000' },
    { name: 'sealedOrderBond', value: '100000000' },
    { name: 'sealedOrderFee', value: '1000000' },
  ],
  accounts_get: () => null,
  pools_list: () => [market],
  pools_get: (params: never) => ((params as { netuid: number }).netuid === 1 ? market : null),
  pools_holdings: () => [{ netuid: 1, amount: '2500000000', deposit: '0' }],
  node_send: () => sent,
  pools_sealedOrders: () => [],
  chain_block: () => ({ events: [{ name: 'pools.orderCleared', data: cleared }] }),
};
const buy = ['token', 'buy', '1', '100', '--wallet', 'owner'];
const messagesOf = (calls: readonly { method: string; params: unknown }[]) =>
  calls.filter(({ method }) => method === 'node_send').map(({ params }) => params);

describe('cairn token list and show', () => {
  it('list every token in one call, and show one', async () => {
    await using node = await startFakeNode(methods);
    const { out } = await run(['token', 'list', '--data', node.data]);
    expect(out).toContain('PRICE CAIRN');
    expect(out).toMatch(/ 1 {2}crontab +1\.000000 +0\.900000 +0\.1000 +1,000\.00 +1,000\.00 +5\.00/);
    expect(node.calls.filter(({ method }) => method === 'pools_list')).toHaveLength(1);
    const shown = await run(['token', 'show', '1', '--data', node.data, '--json']);
    expect(shown.json()).toEqual(market);
    const missing = await run(['token', 'show', '7', '--data', node.data, '--json']);
    expect(missing).toMatchObject({ exitCode: 1 });
    expect(missing.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('refuse an answer that is not one, with the place, and escape names', async () => {
    await using node = await startFakeNode({
      ...methods,
      pools_list: () => [{ ...market, price: 'x\x1b[2J' }],
    });
    const wrong = await run(['token', 'list', '--data', node.data, '--json']);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.json()).toMatchObject({ error: { code: 'ANSWER_MALFORMED', method: 'pools_list' } });
    expect(wrong.err).toContain('the answer[0].price is not decimal text');
    await using hostile = await startFakeNode({
      ...methods,
      pools_list: () => [{ ...market, name: '\x1b[2Jpwn' }],
    });
    expect((await run(['token', 'list', '--data', hostile.data])).out).toContain('\\u{1b}[2Jpwn');
  });
});

describe('cairn token buy', () => {
  it('shows price, tokens, impact and bound by the rule of the ledger before it asks', async () => {
    await using node = await startFakeNode(methods);
    const { err, exitCode } = await run([...buy, '--data', node.data], { answers: ['n'] });
    expect(exitCode).toBe(1);
    // One price, after the order: (quote + 2 · net) / base = 1.2; so 100 / 1.2 tokens, and 20 % more than before.
    expect(err).toContain('expected   83.333333333 tokens');
    expect(err).toContain('1.2 CAIRN for a token, 1 before');
    expect(err).toContain('impact     +20.00 %');
    expect(err).toContain('at least   82.499999999 tokens for the whole (1.00 % slippage)');
    expect(err).toContain('sealed     for 0.001 CAIRN, and a bond of 0.1 CAIRN until it is opened');
    expect(messagesOf(node.calls)).toEqual([]);
  });

  it('sends the bound with the order and tells what the block did with it', async () => {
    await using node = await startFakeNode(methods);
    const { out, exitCode } = await run([
      ...buy,
      '--plain',
      '--yes',
      '--max-slippage',
      '0.5',
      '--data',
      node.data,
    ]);
    expect(exitCode).toBe(0);
    expect(out).toContain('Bought: 83.333333333 tokens for 100 CAIRN, 1.2 CAIRN each with the fee.');
    expect(messagesOf(node.calls)).toMatchObject([
      {
        message: 'pools.buy',
        value: { netuid: 1, amount: '100000000000', limitPrice: null, minOut: '82916666666' },
      },
    ]);
  });

  it('seals the order, opens it when its turn has come, and waits until it clears', async () => {
    let asked = 0;
    let height = 43;
    await using node = await startFakeNode({
      ...methods,
      parameters_list: () => [
        ...(methods.parameters_list!(undefined as never) as object[]),
        { name: 'sealedOrderWindow', value: '3' },
      ],
      chain_status: () => ({ chainId: '11'.repeat(32), height }),
      chain_events: (params: never) => {
        height = (params as { from: number }).from + 1;
        return { events: [{ name: 'chain.committed', height, data: {} }], next: height + 1 };
      },
      pools_sealedOrders: () => {
        const [sealed] = messagesOf(node.calls) as { value: { commitment: string } }[];
        asked += 1;
        return [{ commitment: sealed!.value.commitment, blocksLeft: asked === 1 ? null : 3 }];
      },
      // Another sealed order keeps it waiting for two blocks.
      chain_block: (params: never) => ({
        events: (params as { at: number }).at < 45 ? [] : [{ name: 'pools.orderCleared', data: cleared }],
      }),
    });
    const result = await run([...buy, '--yes', '--json', '--data', node.data]);
    expect(result.exitCode, result.err).toBe(0);
    expect(result.json()).toMatchObject({ isSealed: true, order: { status: 'filled' } });
    const [seal, open] = messagesOf(node.calls) as { message: string; value: Record<string, unknown> }[];
    expect(Object.keys(seal!.value)).toEqual(['commitment']);
    expect(open).toMatchObject({
      message: 'pools.openOrder',
      value: { order: { side: 'buy', netuid: 1, amount: '100000000000', minOut: '82499999999' } },
    });
    const { salt, order } = requireMessage('pools.openOrder').shape.fromJson(open!.value);
    const account = addressToAccountId(OWNER);
    const made = sealOrder(createPureCrypto(), { chainId: '11'.repeat(32), account, order, salt });
    expect(seal!.value.commitment).toBe(bytesToHex(made.seal.commitment));
    expect(asked).toBe(2);
  });

  it('fails when the block did not fill the order', async () => {
    const missed = { ...cleared, status: 'limitMissed', spent: '0', returned: cleared.spent, amountOut: '0' };
    await using node = await startFakeNode({
      ...methods,
      chain_block: () => ({ events: [{ name: 'pools.orderCleared', data: missed }] }),
    });
    const plain = await run([...buy, '--yes', '--data', node.data]);
    expect(plain.exitCode).toBe(1);
    expect(plain.out).toContain(
      'Not filled: the price of the block was beyond the bounds. 100 CAIRN came back.',
    );
    const json = await run([...buy, '--yes', '--json', '--data', node.data]);
    expect(json.json()).toMatchObject({ sent: true, order: { status: 'limitMissed' } });
  });

  it('does not take the order of another for its own', async () => {
    const another = { ...cleared, owner: addressOf(3) };
    await using node = await startFakeNode({
      ...methods,
      chain_block: () => ({ events: [{ name: 'pools.orderCleared', data: another }] }),
    });
    const result = await run([...buy, '--yes', '--json', '--data', node.data]);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ order: null });
  });

  it('takes a part within a limit only when it is asked to', async () => {
    await using node = await startFakeNode(methods);
    const limited = [...buy, '--limit', '1.125', '--dry-run', '--json', '--data', node.data];
    const whole = await run(limited);
    expect(whole.exitCode).toBe(1);
    expect(whole.json()).toMatchObject({ error: { code: 'ORDER_UNFILLABLE', reason: 'partialUnwanted' } });
    const part = await run([...limited, '--partial']);
    // (1000 + 2 · net) / 1000 = 1.125
    expect(part.json()).toMatchObject({ quote: { status: 'partial', spent: '62500000000' }, sent: false });
  });

  it('names what was mistyped, before it asks the node', async () => {
    const mistakes = [
      ['token', 'buy', 'x', '1', '--wallet', 'owner'],
      ['token', 'buy', '1', '-5', '--wallet', 'owner'],
      [...buy, '--max-slippage', '100%'],
      ['token', 'swap', '1', '1', 'all', '--wallet', 'owner'],
    ];
    for (const words of mistakes) {
      const result = await run([...words, '--data', '/nowhere']);
      expect(result.exitCode, words.join(' ')).toBe(2);
    }
  });
});

describe('cairn token sell, send and swap', () => {
  it('sells all that the account holds, no more', async () => {
    const sold = { ...cleared, side: 'sell', spent: '2500000000', amountOut: '2487562189' };
    await using node = await startFakeNode({
      ...methods,
      chain_block: () => ({ events: [{ name: 'pools.orderCleared', data: sold }] }),
    });
    const words = ['--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const all = await run(['token', 'sell', '1', 'all', ...words]);
    expect(all.json()).toMatchObject({ order: { status: 'filled' } });
    expect(messagesOf(node.calls)).toMatchObject([
      { message: 'pools.sealOrder' },
      { message: 'pools.openOrder', value: { order: { side: 'sell', amount: '2500000000' } } },
    ]);
    for (const verb of [
      ['sell', '1', '3'],
      ['send', '1', OWNER, '3'],
      ['swap', '1', '2', '3'],
    ]) {
      const more = await run(['token', ...verb, ...words]);
      expect(more.exitCode, verb[0]).toBe(1);
      expect(more.json(), verb[0]).toMatchObject({ error: { code: 'TOKENS_TOO_FEW', has: '2500000000' } });
    }
  });

  it('follows a swap into the next block, and fails when only the sale was filled', async () => {
    const sale = { ...cleared, side: 'sell', spent: '2500000000', amountOut: '2487562189' };
    const purchase = { ...cleared, netuid: 2, spent: '2487562189', amountOut: '2475000000' };
    const blocks = (second: object): FakeMethods => ({
      ...methods,
      pools_get: (params: never) => ({ ...market, ...(params as { netuid: number }) }),
      chain_status: () => ({ chainId: '11'.repeat(32), height: 44 }),
      chain_block: (params: never) => ({
        events: [{ name: 'pools.orderCleared', data: (params as { at: number }).at === 43 ? sale : second }],
      }),
    });
    const words = ['token', 'swap', '1', '2', 'all', '--wallet', 'owner', '--yes', '--json', '--data'];
    await using node = await startFakeNode(blocks(purchase));
    const done = await run([...words, node.data]);
    expect(done.exitCode).toBe(0);
    expect(done.json()).toMatchObject({
      sale: { spent: '2500000000' },
      purchase: { amountOut: '2475000000' },
    });
    await using other = await startFakeNode(blocks({ ...purchase, spent: '1', returned: '1' }));
    const half = await run([...words, other.data]);
    expect(half.exitCode).toBe(1);
    expect(half.json()).toMatchObject({ sale: { status: 'filled' }, purchase: null });
  });
});
