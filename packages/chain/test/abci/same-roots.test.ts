import { bytesToHex } from '@cairn/core';
import { consensusAddress } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { aChain, alice, aTransfer, bob, crypto, operator } from '../parts.ts';
import { anAbci, initRequest, votingGenesis } from './abci-town.ts';

describe('the same blocks', () => {
  it('end in the same roots under the solo engine and over ABCI', async () => {
    await using solo = await aChain({ genesis: votingGenesis });
    const address = consensusAddress(crypto, operator.publicKey);
    const votes = [{ validator: { address, power: 10n }, blockIdFlag: 2 }];
    await using town = await anAbci();
    const client = await town.connect();
    await client.ask('initChain', initRequest());
    for (let height = 1; height <= 12; height++) {
      for (const from of [alice, bob]) {
        const amount = BigInt(height) * 1_000n;
        const nonce = BigInt(height - 1);
        await solo.ledger.submit(await aTransfer({ genesis: votingGenesis, from, amount, nonce }));
      }
      await solo.time.advance(1_000);
      const made = await solo.engine.produceBlock();
      const timeMs = Number(made.header.timeMs);
      const { appHash } = await client.ask('finalizeBlock', {
        height: BigInt(height),
        time: { seconds: BigInt(Math.floor(timeMs / 1_000)), nanos: (timeMs % 1_000) * 1_000_000 },
        hash: made.hash,
        proposerAddress: address,
        decidedLastCommit: { round: 0, votes },
        txs: made.txs,
      });
      await client.ask('commit', {});
      expect(made.txs.length, `transactions of block ${height}`).toBe(2);
      expect(bytesToHex(appHash), `block ${height}`).toBe(bytesToHex(made.appHash));
    }
  });
});
