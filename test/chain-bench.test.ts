import { createNativeCrypto } from '@cairn/chain';
import type { Genesis } from '@cairn/ledger';
import { expect, it } from 'vitest';
import { cometbft } from '../packages/chain/test/comet/cometbft.ts';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { CHAIN_KINDS } from '../packages/proving/src/bench/chain/kinds.ts';
import { benchValidators, startBenchNetwork } from '../packages/proving/src/bench/chain/network.ts';
import { offerLoad } from '../packages/proving/src/bench/chain/offer-load.ts';
import { keyValues, signedTransfers } from '../packages/proving/src/bench/chain/source.ts';
import { createSender } from '../packages/proving/src/bench/transfers.ts';

const crypto = createNativeCrypto();
const senders = Array.from({ length: 100 }, (_, at) => createSender(crypto, `bench test ${at}`));
const genesis: Genesis = {
  name: 'cairn-bench',
  kind: 'local',
  timeMs: BigInt(Date.now()),
  salt: new Uint8Array(32),
  parameters: [],
  beacon: null,
  validators: benchValidators(1),
  funds: senders.map(({ account }) => ({ account, amount: 100_000_000_000n })),
};

describeWithCometbft('the load of the chain bench', () => {
  it.each(CHAIN_KINDS)('is committed by %s, all of it, and no faster than it was offered', async (kind) => {
    for (const sender of senders) sender.nonce = 0n;
    const source =
      kind === 'kvstore' ? keyValues(250, 100, 'k') : signedTransfers(crypto, genesis, senders, 40);
    await using network = await startBenchNetwork({
      ...{ kind, genesis },
      validators: 1,
      program: cometbft!,
      blockIntervalMs: 100,
    });
    const load = { perSecond: 50, seconds: 2, warmUpSeconds: 1 };
    const result = await offerLoad(network, source, load);
    expect(result).toMatchObject({ offeredPerSecond: 50, refused: 0, left: 0 });
    expect(result.committedPerSecond).toBeGreaterThan(0);
    expect(result.latencyMs.p99).toBeGreaterThanOrEqual(result.latencyMs.p50);
    expect(result.blockMs.mean).toBeGreaterThanOrEqual(100);
  });
});
