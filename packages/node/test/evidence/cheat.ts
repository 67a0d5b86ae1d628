import { areBytesEqual, encode } from '@cairn/core';
import { isSaltRipe, saltCommitment, weightsCommitment } from '@cairn/ledger';
import {
  type CollectedAnswer,
  closeEpoch,
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  drawEpochTasks,
  type EpochOutcome,
  type Weights,
} from '@cairn/mechanisms';
import { createAccountClient } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import { createEvidenceServer } from '../../src/evidence/evidence-server.ts';
import { openPayer } from '../../src/roles/open-payer.ts';
import { askMiners } from '../../src/validator/ask-miners.ts';
import { createKeptAnswers } from '../../src/validator/kept-answers.ts';
import { readSubnetView, type SubnetView } from '../../src/validator/subnet-view.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import type { aSubnetTown } from '../validator/subnet-town.ts';

export type Town = Awaited<ReturnType<typeof aSubnetTown>>;

export interface Forged {
  /** What is published; its hash goes with the weights. */
  readonly sealed: Uint8Array;
  /** What is set on the ledger. */
  readonly weights: Weights;
}

/** What a validator makes of an epoch in which it asked nobody. */
export type Forge = (silent: EpochOutcome) => Forged | Promise<Forged>;

interface Secret extends Forged {
  readonly epoch: number;
  readonly salt: Uint8Array;
}

/** What a validator that does ask makes of the answers it paid for and signed for. */
export type LeaveOut = (answers: readonly CollectedAnswer[]) => readonly CollectedAnswer[];

/**
 * Puts evidence of its own making on the ledger, epoch after epoch, and serves it to whoever asks.
 *
 * @param leaveOut asks the miners first. @default it asks nobody
 */
export function startCheat(town: Town, index: number, forge: Forge, leaveOut?: LeaveOut): void {
  const { netuid, parts, network } = town;
  const { account, address, signer } = town.keys.validators[index]!.hotkey;
  const client = createAccountClient({ crypto, signer, ledger: parts.ledger });
  const transport = network.join(address);
  const records = aRecordStore();
  const server = createEvidenceServer({ ...parts, transport, blobs: aBlobStore(), records });
  const opening = leaveOut === undefined ? null : openPayer(parts, { log: parts.log, client, records });
  const salts: Uint8Array[] = [];
  const commitmentOf = (salt: Uint8Array) => saltCommitment(crypto, netuid, account, salt);
  const freshCommitment = () => {
    const salt = crypto.sha256(Uint8Array.of(index, salts.length));
    salts.push(salt);
    return commitmentOf(salt);
  };
  const secrets: Secret[] = [];
  let isBound = false;

  async function score(view: SubnetView, salt: Uint8Array): Promise<Forged> {
    const runner = createServiceRunner(parts, createCrontabMechanism({ crypto }));
    const plan = {
      netuid,
      epoch: view.epoch,
      validator: account,
      epochSeed: view.seed,
      salt,
      params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
      rules: { ...DEFAULT_SCORING_RULES, tasks: 4 },
      previous: null,
      miners: view.miners.map(({ uid, miner }) => ({ uid, miner })),
    };
    if (opening === null) return forge(await closeEpoch(parts, runner, plan, []));
    const kept = createKeptAnswers(records);
    const asking = { ...parts, payer: await opening, transport, kept };
    const asked = { ...plan, tasks: drawEpochTasks(runner, plan), attempt: 'only' };
    const answers = await askMiners(asking, asked, view.miners);
    return forge(await closeEpoch(parts, runner, plan, leaveOut!(answers)));
  }

  function weightsOf({ epoch, salt, weights }: Secret) {
    return {
      netuid,
      mechanism: 0,
      epoch,
      uids: [...weights.uids],
      values: [...weights.values],
      version: 1,
      salt,
    };
  }

  async function act(view: SubnetView): Promise<void> {
    if (!isBound) {
      const commitments = [freshCommitment(), freshCommitment(), freshCommitment()];
      await client.send('yuma.commitSalt', { netuid, commitments });
      isBound = true;
      return;
    }
    const { permit, bound, commits } = view.self!;
    const due = secrets.find(({ epoch }) =>
      commits.some((commit) => commit.epoch === BigInt(epoch) && commit.revealEpoch === view.epoch),
    );
    if (due !== undefined)
      await client.send('yuma.revealWeights', { ...weightsOf(due), nextSaltCommitment: freshCommitment() });
    const [oldest] = bound;
    const current = { epoch: Number(view.epoch), mixedSalts: view.mixedSalts };
    const isMade = secrets.some(({ epoch }) => BigInt(epoch) === view.epoch);
    if (!permit || isMade || oldest === undefined || !isSaltRipe(oldest, current)) return;
    const salt = salts.find((each) => areBytesEqual(commitmentOf(each), oldest.commitment))!;
    const secret = { ...(await score(view, salt)), epoch: Number(view.epoch), salt };
    await server.publish(secret.sealed);
    secrets.push(secret);
    const commitment = weightsCommitment(crypto, { ...weightsOf(secret), validator: account });
    const evidenceRoot = crypto.sha256(secret.sealed);
    await client.send('yuma.commitWeights', {
      netuid,
      mechanism: 0,
      epoch: secret.epoch,
      commitment,
      evidenceRoot,
    });
  }

  const stop = new AbortController();
  async function run(): Promise<void> {
    for await (const _ of parts.ledger.events({ names: ['chain.committed'], signal: stop.signal })) {
      const view = await readSubnetView(parts.ledger, { netuid, mechanism: 0 }, address);
      if (view?.self != null) await act(view);
    }
  }
  const running = run().catch((error: unknown) => {
    if (!stop.signal.aborted) parts.log.error('the cheat is broken', { error: String(error) });
  });
  onTestFinished(async () => {
    stop.abort();
    await town.during(running);
    server[Symbol.dispose]();
  });
}

export async function eventsOf({ chain }: Town, name: string) {
  const { height } = await chain.ledger.status();
  const found = [];
  for (let at = 1; at <= height; at++) {
    const block = await chain.ledger.block(at);
    const events = [...block!.events, ...block!.transactions.flatMap((transaction) => transaction.events)];
    found.push(...events.filter((event) => event.name === name).map(({ data }) => data));
  }
  return found;
}

/** Makes blocks until some epochs have passed since evidence was first attested. */
export async function withEpochs(town: Town, epochs: number): Promise<void> {
  const seen = async () => (await eventsOf(town, 'yuma.evidenceAttested')).map(({ epoch }) => Number(epoch));
  await town.until('evidence is attested', async () => (await seen()).length > 0, 300);
  const first = Math.min(...(await seen()));
  const current = async () =>
    (await town.chain.ledger.query<{ epoch: number }>('yuma_seed', { netuid: town.netuid })).epoch;
  await town.until('epochs have passed', async () => (await current()) >= first + epochs, 300);
}
