import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MESSAGE_NAMES } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));

/** Messages without a verb, sent with `tx send`, and why. */
const ONLY_TX_SEND: Readonly<Record<string, string>> = {
  'channels.claim':
    "a voucher is the payer's signature, which the provider's node keeps and claims by itself",
  'compute.accept': 'a bid is taken by deploy, once the node has compared those there are',
  'compute.bid': 'made by the program that will run the code, after it has loaded it',
  'compute.cancelOrder': 'deploy and deployment stop have the node do it',
  'compute.order': 'one part of deploy, whose lease is the answer',
  'compute.publish': 'deploy has the node make it from the file, whose hash it holds',
  'compute.retire': 'the end of deployment stop',
  'compute.withdrawBid': 'a program that has bid takes it back',
  'datasets.publish': 'dataset publish has the node make it, which cuts and hashes the file',
  'datasets.retire': 'dataset retire has the node make it, which then sells no more',
  'registry.postEvaluation': 'a count of trials, which the validator program that ran them sends',
  'registry.withdrawEvaluation': 'the same, taken back by the same program',
  'registry.publishOffer':
    'names hashes of files: model add and model serve have the node make it, and renew it',
  'training.commitScores': 'a hash of scores and a salt, once in a round, by the validator program',
  'training.commitUpdate': 'a hash of an update, which the machine that made it sends',
  'training.createRun': 'names hashes of files that a program makes from a recipe',
  'training.join': 'made out to the key and the engine of a machine, whose program makes it',
  'training.judge': 'says that a validator program has replayed the step of a case itself',
  'training.postCheckpoint': 'names hashes of files that the publishing program has written',
  'training.revealScores': 'opens that commit in the same round, by the validator program',
  'training.settle': 'names the weights that a validator program has computed from a round',
  'training.witness': 'says which updates a machine has fetched and holds itself',
  'verification.accuse': 'names the evidence of a check, which a validator program makes and serves',
  'verification.answer': "names what a provider shows in a case, which the provider's program serves",
  'verification.support': 'says that a validator program has run the check of a case itself',
  'yuma.attestEvidence': 'says what a validator program has fetched and opened itself',
  'yuma.commitSalt': 'the salt is a secret that the validator program makes and keeps',
  'yuma.commitWeights': 'a hash under such a salt, once in an epoch, by the validator program',
  'yuma.commitTimelocked': 'the same, sealed to a round of a beacon, by the validator program',
  'yuma.postPulse': 'a pulse of the beacon, which the validator program brings in as it comes',
  'yuma.revealWeights': 'opens that commit in the epoch that is due, by the validator program',
  'yuma.setWeights': 'weights come out of scores, which the validator program derives',
};

/** Source files of verbs: all but those that send messages by name. */
const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SOURCE, path), 'utf8') }));
const verbs = sources.filter(({ path }) => !path.startsWith('tx/'));

/** Whether a verb gives this message to `spend`. */
const isSent = (message: string): boolean => {
  const given = new RegExp(`message:[^,;{}]*'${message.replace('.', '\\.')}'`);
  return verbs.some(({ text }) => given.test(text));
};

describe('every message of the ledger', () => {
  it('has a verb, or a reason to have none', () => {
    const without = MESSAGE_NAMES.filter((message) => !isSent(message));
    expect(without.sort()).toEqual(Object.keys(ONLY_TX_SEND).sort());
  });

  it('is named as the ledger names it', () => {
    const named = verbs.flatMap(({ path, text }) =>
      [...text.matchAll(/message:[^,;{}]*?'([a-z]+\.[A-Za-z]+)'/g)].map(([, message]) => ({ path, message })),
    );
    expect(named.length).toBeGreaterThan(50);
    for (const { path, message } of named) expect(MESSAGE_NAMES, path).toContain(message);
  });
});

describe('every answer of a node', () => {
  it('is checked before it is used: nothing is cast to what it should be', () => {
    for (const { path, text } of sources) {
      const casts = text.match(/\.(call|query)<(?!unknown>)/g) ?? [];
      expect(casts, path).toEqual([]);
      const reads = text.match(/ledger\.(status|block|transaction|proof)\(/g) ?? [];
      expect(reads, path).toEqual([]);
    }
  });
});
