import { addressToAccountId, encode } from '@cairn/core';
import { saltCommitment, weightsCommitment } from '@cairn/ledger';
import {
  type CollectedAnswer,
  closeEpoch,
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  type EpochPlan,
  evidenceKey,
  sealBytes,
} from '@cairn/mechanisms';
import { createAccountClient } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { crypto } from '../rpc/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

/** Any bytes, sealed as evidence is. */
const sealedUnder = (salt: Uint8Array, bytes: Uint8Array) =>
  sealBytes(crypto, evidenceKey(crypto, salt), bytes);

interface Cheat {
  readonly plan?: Partial<EpochPlan>;
  readonly answers?: readonly CollectedAnswer[];
  /** What is set on the ledger instead of what follows from the evidence. */
  readonly values?: (values: readonly number[]) => readonly number[];
  readonly publishes?: Uint8Array | null;
  /** Commits to its salt when the epoch's seed is known already, which only weights in the open let it do. */
  readonly commitsLate?: boolean;
}

/** A validator by hand, which cheats as it is told. */
async function aVerdict(cheat: Cheat) {
  const town = await aSubnetTown([aModel(() => 'a'), aModel(() => 'b')], { tempo: 10 });
  const { netuid, parts, validatorKey } = town;
  const client = createAccountClient({ crypto, signer: validatorKey.signer, ledger: parts.ledger });
  const seed = () => parts.ledger.query<{ epoch: number; seed: string }>('yuma_seed', { netuid });
  const salt = new Uint8Array(32).fill(7);
  const commitment = (of: Uint8Array) => saltCommitment(crypto, netuid, validatorKey.account, of);
  const commit = (of: Uint8Array) =>
    town.during(client.send('yuma.commitSalt', { netuid, commitments: [commitment(of)] }));
  await commit(salt);
  const start = (await seed()).epoch;
  await town.until('the validator has its permit', async () => (await seed()).epoch >= start + 2);
  if (cheat.commitsLate === true) {
    const changes = [{ name: 'commitReveal', value: 0n }];
    await town.during(town.accounts.owner.send('subnets.setHyperparameters', { netuid, changes }));
    await town.during(client.send('yuma.commitSalt', { netuid, commitments: [] }));
    await commit(salt);
  }
  const { epoch, seed: epochSeed } = await seed();
  const runner = createServiceRunner({ crypto, log: parts.log }, createCrontabMechanism({ crypto }));
  const outcome = await closeEpoch(
    { crypto, log: parts.log },
    runner,
    {
      netuid,
      epoch: BigInt(epoch),
      validator: addressToAccountId(validatorKey.address),
      epochSeed: Uint8Array.from(Buffer.from(epochSeed, 'hex')),
      salt,
      params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
      rules: { ...DEFAULT_SCORING_RULES, tasks: 4 },
      previous: null,
      miners: town.keys.miners.map(({ hotkey }, index) => ({
        uid: town.minerUids[index]!,
        miner: hotkey.account,
      })),
      ...cheat.plan,
    },
    cheat.answers ?? [],
  );
  const published = cheat.publishes === undefined ? outcome.sealed : cheat.publishes;
  if (published !== null) await town.blobs.put(published);
  const values = cheat.values?.(outcome.weights.values) ?? outcome.weights.values;
  const version = runner.manifest.version;
  const place = { netuid, mechanism: 0, epoch };
  const weights = { ...place, uids: [...outcome.weights.uids], values: [...values], version, salt };
  const evidenceRoot = published === null ? outcome.root : crypto.sha256(published);
  const nextSaltCommitment = commitment(new Uint8Array(32).fill(8));
  if (cheat.commitsLate === true) {
    await town.during(client.send('yuma.setWeights', { ...weights, evidenceRoot, nextSaltCommitment }));
  } else {
    const secret = weightsCommitment(crypto, { ...weights, validator: validatorKey.account });
    await town.during(client.send('yuma.commitWeights', { ...place, commitment: secret, evidenceRoot }));
    await town.until('the epoch is over', async () => (await seed()).epoch > epoch);
    await town.during(client.send('yuma.revealWeights', { ...weights, nextSaltCommitment }));
  }
  return auditWeights({ ...parts, blobs: town.blobs }, netuid, town.validatorUid);
}

const codes = async (cheat: Cheat) => new Set((await aVerdict(cheat)).findings.map(({ code }) => code));

describe('auditWeights', () => {
  it('clears a validator that did as it should', async () => {
    expect(await aVerdict({})).toMatchObject({ ok: true, findings: [], tasks: 4 });
  });

  it('convicts weights that are not those of the evidence', async () => {
    expect(await codes({ values: (values) => values.map((_, index) => index + 1) })).toContain(
      'LEDGER_WEIGHTS_MISMATCH',
    );
  });

  it('convicts an answer whose receipt was made up', async () => {
    const answers = [{ uid: 1, taskIndex: 0, response: '0 9 * * *', receipt: new Uint8Array(40) }];
    expect(await codes({ answers: [0, 1, 2].map((uid) => ({ ...answers[0]!, uid })) })).toContain(
      'RECEIPT_INVALID',
    );
  });

  it('convicts tasks of another epoch, which the validator could have chosen', async () => {
    expect(await codes({ plan: { epoch: 99n } })).toContain('SEED_MISMATCH');
  });

  it('convicts a seed of its own', async () => {
    expect(await codes({ plan: { epochSeed: new Uint8Array(32).fill(9) } })).toContain('SEED_MISMATCH');
  });

  it('convicts a salt that was committed when the seed was known', async () => {
    expect(await codes({ commitsLate: true })).toContain('SALT_MISMATCH');
  });

  it('convicts rules of pay of its own', async () => {
    const rules = { ...DEFAULT_SCORING_RULES, tasks: 4, blendPermille: 1 };
    expect(await codes({ plan: { rules } })).toContain('MEASURE_MISMATCH');
  });

  it('convicts scores carried over from evidence that was never on the ledger', async () => {
    const previous = { root: new Uint8Array(32).fill(5), scores: [] };
    expect(await codes({ plan: { previous } })).toContain('CARRIED_MISMATCH');
  });

  it('convicts a bundle of another validator or subnet', async () => {
    expect(await codes({ plan: { netuid: 9 } })).toContain('MINERS_MISMATCH');
    expect(await codes({ plan: { validator: new Uint8Array(32).fill(4) } })).toContain('MINERS_MISMATCH');
  });

  it('convicts a bundle of another mechanism of the subnet', async () => {
    expect(await codes({ plan: { mechanismIndex: 1 } })).toEqual(new Set(['MEASURE_MISMATCH']));
  });

  it('says that withheld evidence, or bytes that are none, can be disputed', async () => {
    const noBundle = sealedUnder(new Uint8Array(32).fill(7), new Uint8Array([1, 2, 3]));
    const otherSalt = sealedUnder(new Uint8Array(32).fill(9), new Uint8Array([1, 2, 3]));
    for (const [publishes, says] of [
      [null, 'is not here'],
      [new Uint8Array([1, 2, 3]), 'does not open'],
      [otherSalt, 'does not open'],
      [noBundle, 'is no bundle'],
    ] as const) {
      await expect(aVerdict({ publishes }), says).rejects.toMatchObject({
        code: 'AUDIT_IMPOSSIBLE',
        message: expect.stringMatching(new RegExp(`${says}.*disputed`)),
      });
    }
  });

  it('says so when a neuron has set no weights', async () => {
    const town = await aSubnetTown([aModel(() => 'a')]);
    await expect(
      auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.minerUids[0]!),
    ).rejects.toMatchObject({ code: 'AUDIT_IMPOSSIBLE' });
  });
});
