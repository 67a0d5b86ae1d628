import { type AccountId, CairnError, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { BlobStore, PeerName, RecordStore, Transport } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { createAccuser } from '../checking/accuse.ts';
import { askCanary } from '../checking/ask-canary.ts';
import { createBlobFinder } from '../checking/blob-finder.ts';
import { checkEvidence } from '../checking/check-evidence.ts';
import { createProviderChecks, type ProviderStanding } from '../checking/check-providers.ts';
import { followCases } from '../checking/follow-cases.ts';
import { fetchPeersOf } from '../checking/judges.ts';
import { createLimitsBook } from '../checking/limits-book.ts';
import { createReviewSender, openReviewDesk, type ReviewAnswer } from '../checking/review-desk.ts';
import type { Reviewers } from '../checking/reviewers.ts';
import { createSuspicionBook } from '../checking/suspicion-book.ts';
import { createEvidenceServer } from '../evidence/evidence-server.ts';
import { createSealParts } from '../sealing/seal-parts.ts';
import { backgroundTask } from './background-task.ts';
import { openPayer } from './open-payer.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface CheckingRoleOptions {
  readonly name: string;
  /** Accuses and joins cases, if it has voting power; else it reports to those who have. */
  readonly client: AccountClient;
  /** Asks and pays as users do: an account of its own, so that no provider knows who asks. */
  readonly shopper: AccountClient;
  /** Where others reach `client`; taken over. */
  readonly transport: Transport;
  /** Where questions go out; taken over. */
  readonly shopperTransport: Transport;
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly reviewers: Reviewers;
  /** Nodes that this one joined. */
  readonly nodes: readonly PeerName[];
  /** Providers of the same owner, which are not checked. @default none */
  readonly own?: readonly AccountId[];
  /** Done before the first round, such as publishing calibrations. @default nothing */
  readonly prepare?: (publish: (bytes: Uint8Array) => Promise<string>) => Promise<void>;
}

export interface CheckingRole extends RunningRole {
  /** What it makes of each offer. */
  standings(): readonly ProviderStanding[];
  /** Keeps a calibration, or other evidence, and hands it to peers. @returns its id in hex */
  publish(bytes: Uint8Array): Promise<string>;
}

/** Blocks between two rounds. */
const ROUND_BLOCKS = 5;
/** What a shopper is given when it runs short, and what it puts into a channel, in pebbles. */
const SHOPPER_MONEY = 5n * PEBBLES_PER_CAIRN;
const SHOPPER_LEAST = PEBBLES_PER_CAIRN;
const SHOPPER_DEPOSIT = PEBBLES_PER_CAIRN / 5n;

/**
 * Checks providers: asks them as a user, puts answers through the same file by the published limits, accuses with
 * evidence, and looks at the cases of others.
 */
export function startCheckingRole(parts: NodeParts, options: CheckingRoleOptions): CheckingRole {
  const { name, client, shopper, transport, records, blobs, reviewers, nodes } = options;
  const log = parts.log.child(name);
  const server = createEvidenceServer({ ...parts, log, transport, blobs, records });
  const publish = (bytes: Uint8Array) => server.publish(bytes);
  const finder = createBlobFinder({ ...parts, log, transport, nodes });
  const limits = createLimitsBook({
    ...{ ledger: parts.ledger, blobs, publish, log },
    fetch: finder.fetch,
    sources: (owner) => fetchPeersOf(parts.ledger, nodes, owner),
  });
  const checking = { ...parts, log, limits, reviewers };
  const book = createSuspicionBook(parts.crypto, records);
  const send = createReviewSender({ ...parts, log, transport, nodes });
  const accuser = createAccuser({ ...parts, log, client, publish, send });

  async function review(evidence: Uint8Array): Promise<ReviewAnswer> {
    const { height } = await parts.ledger.status();
    const checked = await checkEvidence(checking, evidence);
    if (!checked.ok) return 'notJudged';
    for (const { answer, verdict } of checked.answers) {
      const heard = { verdict, hasLogprobs: answer.logprobs !== null };
      await book.hear(checked.provider, answer.receipt.artifact, heard);
    }
    if (checked.convicts) await accuser.accuse(evidence, checked, height);
    if (checked.answers.some(({ verdict }) => verdict.kind === 'failed')) return 'failed';
    return checked.answers.every(({ verdict }) => verdict.kind === 'passed') ? 'passed' : 'notJudged';
  }

  const desk = openReviewDesk({ ...parts, log, transport, review });
  let standings: () => readonly ProviderStanding[] = () => [];
  const rounds = backgroundTask(log, 'checking providers', async (signal) => {
    await options.prepare?.(publish);
    const transportOut = options.shopperTransport;
    const payer = await openPayer(parts, { log, client: shopper, records, deposit: SHOPPER_DEPOSIT });
    const asking = { ...parts, log, transport: transportOut, payer, seal: createSealParts(parts) };
    const checks = createProviderChecks({
      ...checking,
      ...{ book, accuser, own: options.own ?? [] },
      ask: (offer, card, cancelled) => askCanary(asking, offer, card, cancelled),
    });
    standings = checks.standings;
    let next = 0;
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal })) {
      if (height < next) continue;
      try {
        await fillShopper(client, shopper);
        await checks.round(height, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof CairnError)) throw error;
        log.warn('providers could not be checked in this block', { code: error.code });
      }
      next = (await parts.ledger.status()).height + ROUND_BLOCKS;
    }
  });
  const cases = backgroundTask(log, 'following cases', (signal) =>
    followCases({ ...checking, client, blobs, fetchFrom: finder.fetchFrom }, signal),
  );
  return {
    kind: 'checker',
    name,
    note: 'checks that providers run the models they name',
    address: client.address,
    standings: () => standings(),
    publish,
    async [Symbol.asyncDispose]() {
      desk[Symbol.dispose]();
      await Promise.all([rounds, cases].map((task) => task[Symbol.asyncDispose]()));
      server[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await options.shopperTransport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

/** A shopper that its owner filled by another way is left alone, and is then not to be connected with it. */
async function fillShopper(client: AccountClient, shopper: AccountClient): Promise<void> {
  if ((await shopper.spendable()) >= SHOPPER_LEAST) return;
  await client.send('accounts.transfer', { to: shopper.account, amount: SHOPPER_MONEY });
}
