import { accountIdToAddress, bytesToHex, hexToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { type ConsensusTime, consensusAddress, voteSignBytes } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { cometChainId, createNativeEd25519Signer } from '../../src/index.ts';
import { crypto, idOf } from '../parts.ts';
import { aCometChain, genesisOf, seedOf } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { until } from './processes.ts';

const ghost = createNativeEd25519Signer(seedOf('ghost'));
/** A validator that makes all blocks, and one that is never there and has too little power to be missed. */
const genesis: Genesis = {
  ...genesisOf(['alone', 'ghost']),
  validators: genesisOf(['alone', 'ghost']).validators.map((validator, at) => ({
    ...validator,
    power: at === 0 ? 10n : 1n,
  })),
};

interface Header {
  readonly block: { readonly header: { readonly time: string } };
}

function timeOf(text: string): ConsensusTime {
  const [whole = '', part = ''] = text.replace('Z', '').split('.');
  return { seconds: BigInt(Date.parse(`${whole}Z`) / 1_000), nanos: Number(part.padEnd(9, '0')) };
}

/** A vote of the ghost for a block of this hash, as CometBFT's JSON has it. */
async function vote(height: number, hash: string, time: string) {
  const parts = { total: 1, hash: hash.replaceAll('a', 'c') };
  const signBytes = voteSignBytes(
    cometChainId(crypto, genesis),
    {
      height: BigInt(height),
      round: 0,
      blockId: { hash: hexToBytes(hash), partsTotal: 1, partsHash: hexToBytes(parts.hash) },
    },
    timeOf(time),
  );
  return {
    type: 2,
    height: String(height),
    round: 0,
    block_id: { hash: hash.toUpperCase(), parts: { ...parts, hash: parts.hash.toUpperCase() } },
    timestamp: time,
    validator_address: bytesToHex(consensusAddress(crypto, ghost.publicKey)).toUpperCase(),
    validator_index: 1,
    signature: Buffer.from(await ghost.sign(signBytes)).toString('base64'),
  };
}

describeWithCometbft('evidence that a key signed two blocks', () => {
  it('is checked by CometBFT, reaches the ledger in a block, and jails the key for good', async () => {
    await using chain = await aCometChain('alone', { genesis });
    await chain.engine.start();
    await until('some blocks', () => chain.application.info().height >= 4);
    const height = 2;
    const found = await chain.rpc.call<Header>('block', { height: String(height) });
    const time = found.ok ? found.result.block.header.time : '';
    const evidence = (a: object, b: object) => ({
      type: 'tendermint/DuplicateVoteEvidence',
      value: { vote_a: a, vote_b: b, TotalVotingPower: '11', ValidatorPower: '1', Timestamp: time },
    });
    const [one, other] = [
      await vote(height, 'aa'.repeat(32), time),
      await vote(height, 'bb'.repeat(32), time),
    ];

    const forged = { ...other, signature: one.signature };
    const refused = await chain.rpc.call('broadcast_evidence', { evidence: evidence(one, forged) });
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('signature') });

    const taken = await chain.rpc.call('broadcast_evidence', { evidence: evidence(one, other) });
    expect(taken).toMatchObject({ ok: true });
    const validator = accountIdToAddress(idOf(ghost));
    const show = () => chain.application.query('validators_show', { validator }).value;
    await until('it is jailed', () => (show() as { isTombstoned: boolean }).isTombstoned);
    expect(show()).toMatchObject({
      isJailed: true,
      jailedUntil: null,
      faults: [{ kind: 'duplicateVote', height: String(height), slashed: '0' }],
    });
    const jailed: unknown[] = [];
    const last = chain.application.info().height;
    for (let at = 1; at <= last; at++) {
      const { events } = (await chain.ledger.block(at))!;
      jailed.push(...events.filter(({ name }) => name === 'validators.jailed'));
    }
    expect(jailed).toHaveLength(1);

    // The same again is nothing new.
    await chain.rpc.call('broadcast_evidence', { evidence: evidence(one, other) });
    await until('more blocks', () => chain.application.info().height > last + 3);
    expect((show() as { faults: unknown[] }).faults).toHaveLength(1);
    expect(chain.engine.failure).toBe(null);
  });
});
