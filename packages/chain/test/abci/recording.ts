import { consensusAddress } from '@cairn/protocol';
import { RequestFinalizeBlock, ResponseFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import { frameOf } from '../../src/abci/frame.ts';
import { aChain, alice, aTransfer, crypto, operator } from '../parts.ts';
import { votingGenesis } from './abci-town.ts';

/** A block as CometBFT would hand it over, and what the ledger answers. */
export interface Decided {
  readonly request: RequestFinalizeBlock;
  readonly response: ResponseFinalizeBlock;
}

/** As it is in a recording. */
export const recordOf = ({ request, response }: Decided): Uint8Array =>
  Buffer.concat([
    frameOf(RequestFinalizeBlock.encode(request).finish()),
    frameOf(ResponseFinalizeBlock.encode(response).finish()),
  ]);

/** Blocks of the genesis `votingGenesis`, each with a transfer. */
export async function decidedBlocks(count: number): Promise<readonly Decided[]> {
  await using solo = await aChain({ genesis: votingGenesis });
  const address = consensusAddress(crypto, operator.publicKey);
  const votes = [{ validator: { address, power: 10n }, blockIdFlag: 2 }];
  const decided: Decided[] = [];
  for (let height = 1; height <= count; height++) {
    await solo.ledger.submit(
      await aTransfer({ genesis: votingGenesis, from: alice, nonce: BigInt(height - 1) }),
    );
    await solo.time.advance(1_000);
    const made = await solo.engine.produceBlock();
    const timeMs = Number(made.header.timeMs);
    decided.push({
      request: RequestFinalizeBlock.fromPartial({
        height: BigInt(height),
        time: { seconds: BigInt(Math.floor(timeMs / 1_000)), nanos: (timeMs % 1_000) * 1_000_000 },
        hash: made.hash,
        proposerAddress: address,
        decidedLastCommit: { round: 0, votes },
        txs: [...made.txs],
      }),
      response: ResponseFinalizeBlock.fromPartial({ appHash: made.appHash }),
    });
  }
  return decided;
}
