import { bytes32, bytesToHex, struct, u16, u32, u64 } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { subnets } from '../subnets/state.ts';
import { mechanismIndex } from './messages/mechanism-index.ts';
import { bytesToRow } from './row-bytes.ts';
import { type BoundSalt, epochs, salts, weights, weightsCommits } from './state.ts';

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

export const weightsQuery = defineQuery({
  name: 'yuma_weights',
  help: 'The weights of one neuron in one mechanism, the largest scaled to 65535; null when it has set none.',
  params: struct('WeightsParams', { netuid: u16, uid: u16, mechanism: mechanismIndex }),
  result: nullable({
    type: 'object',
    properties: {
      uids: { type: 'array', items: u16.schema },
      values: { type: 'array', items: u16.schema },
      slot: u64.schema,
      epoch: { ...u32.schema, description: 'Epoch in which they came into force.' },
      scoredEpoch: { ...u32.schema, description: 'Epoch whose tasks they score.' },
      version: u32.schema,
      evidenceRoot: bytes32.schema,
    },
  }),
  run({ view }, { netuid, uid, mechanism }) {
    const stored = weights.get(view, netuid, uid, mechanism);
    if (stored === undefined) return null;
    const { uids, values } = bytesToRow(stored.row);
    return {
      uids: [...uids],
      values: [...values],
      slot: stored.slot.toString(),
      epoch: stored.epoch,
      scoredEpoch: stored.scoredEpoch,
      version: stored.version,
      evidenceRoot: bytesToHex(stored.evidenceRoot),
    };
  },
});

const boundSaltSchema = {
  type: 'object',
  properties: { commitment: bytes32.schema, epoch: u32.schema },
};

export const commitsQuery = defineQuery({
  name: 'yuma_commits',
  help: 'Weights of one neuron in one mechanism that are committed and still secret, by epoch; `salt` is the one they reveal.',
  params: struct('CommitsParams', { netuid: u16, uid: u16, mechanism: mechanismIndex }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        epoch: u32.schema,
        revealEpoch: u32.schema,
        slot: u64.schema,
        scheme: { ...u32.schema, description: '1: by hash; 2: locked to a round.' },
        commitment: bytes32.schema,
        evidenceRoot: bytes32.schema,
        salt: boundSaltSchema,
        isSaltShown: {
          type: 'boolean',
          description: 'Whether the reveal in another mechanism has shown the salt.',
        },
      },
    },
  },
  run({ view }, { netuid, uid, mechanism }) {
    return (weightsCommits.get(view, netuid, uid, mechanism) ?? []).map((commit) => ({
      epoch: commit.epoch,
      revealEpoch: commit.revealEpoch,
      slot: commit.slot.toString(),
      scheme: commit.scheme,
      commitment: bytesToHex(commit.commitment),
      evidenceRoot: bytesToHex(commit.evidenceRoot),
      salt: describeBound(commit.salt),
      isSaltShown: commit.isSaltShown,
    }));
  },
});

const describeBound = ({ commitment, epoch }: BoundSalt) => ({ commitment: bytesToHex(commitment), epoch });

const saltSchema = {
  type: 'object',
  properties: {
    uid: u16.schema,
    bound: { type: 'array', items: boundSaltSchema, description: 'Salts to come, in the order of use.' },
    mixed: nullable(bytes32.schema),
    mixedEpoch: u32.schema,
  },
};

export const seedQuery = defineQuery({
  name: 'yuma_seed',
  help: "A subnet's epoch, its seed and the salts its validators are bound to; null when it does not exist. `mixed` is the salt that entered the seed after epoch `mixedEpoch`.",
  params: struct('SeedParams', { netuid: u16 }),
  result: nullable({
    type: 'object',
    properties: {
      epoch: u32.schema,
      seed: bytes32.schema,
      previousSeed: bytes32.schema,
      mixedSalts: { ...u32.schema, description: 'Salts that entered `seed`.' },
      salts: { type: 'array', items: saltSchema },
    },
  }),
  run({ view }, { netuid }) {
    const current = epochs.get(view, netuid);
    const subnet = subnets.get(view, netuid);
    if (current === undefined || subnet === undefined) return null;
    const listed = Array.from({ length: subnet.neuronCount }, (_, uid) => {
      const salt = salts.get(view, netuid, uid);
      return salt === undefined ? [] : [{ uid, salt }];
    }).flat();
    return {
      epoch: current.epoch,
      seed: bytesToHex(current.seed),
      previousSeed: bytesToHex(current.previousSeed),
      mixedSalts: current.mixedSalts,
      salts: listed.map(({ uid, salt }) => ({
        uid,
        bound: salt.bound.map(describeBound),
        mixed: salt.mixedEpoch === 0 ? null : bytesToHex(salt.mixed),
        mixedEpoch: salt.mixedEpoch,
      })),
    };
  },
});
