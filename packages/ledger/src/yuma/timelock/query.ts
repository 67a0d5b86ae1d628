import { bytesToHex, struct, u16, u32, u64 } from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { roundTimeMs } from '../../genesis/beacon.ts';
import { beaconCell } from '../../genesis/state.ts';
import { readParameters } from '../../parameters/state.ts';
import { subnets } from '../../subnets/state.ts';
import { epochs } from '../state.ts';
import { hasPulse, lockOfEpoch } from './rounds.ts';
import { timelocks } from './state.ts';

export const timelockQuery = defineQuery({
  name: 'yuma_timelock',
  help: "The network's randomness beacon, the round to which a subnet's weights of this epoch are sealed, and the epochs that wait for a pulse; null when the network has no beacon or there is no such subnet.",
  params: struct('TimelockParams', { netuid: u16 }),
  result: {
    anyOf: [
      {
        type: 'object',
        properties: {
          publicKey: { type: 'string' },
          genesisMs: u64.schema,
          periodMs: u64.schema,
          round: { ...u64.schema, description: 'What commits of the current epoch are sealed to.' },
          closesMs: { ...u64.schema, description: 'Block time from which no more of them are taken.' },
          epochs: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                epoch: u32.schema,
                revealEpoch: u32.schema,
                round: u64.schema,
                roundMs: { ...u64.schema, description: 'Time at which the round is out.' },
                byHandMs: {
                  ...u64.schema,
                  description:
                    'Block time from which they may be revealed by hand if the pulse is not there.',
                },
                uids: { type: 'array', items: u16.schema, description: 'Whose weights are still closed.' },
                hasPulse: { type: 'boolean' },
                isDue: { type: 'boolean', description: 'Whether the pulse is taken now.' },
              },
            },
          },
        },
      },
      { type: 'null' },
    ],
  },
  run({ view }, { netuid }) {
    const beacon = beaconCell.get(view);
    const subnet = subnets.get(view, netuid);
    if (beacon === null || subnet === undefined) return null;
    const { epoch } = epochs.get(view, netuid)!;
    const { revealEpochs } = subnet.hyperparameters;
    const lock = lockOfEpoch({ state: view, parameters: readParameters(view) }, netuid, epoch, revealEpochs)!;
    return {
      publicKey: bytesToHex(beacon.publicKey),
      genesisMs: beacon.genesisMs.toString(),
      periodMs: beacon.periodMs.toString(),
      round: lock.round.toString(),
      closesMs: lock.closesMs.toString(),
      epochs: timelocks.get(view, netuid).map((each) => ({
        epoch: each.epoch,
        revealEpoch: each.revealEpoch,
        round: each.round.toString(),
        roundMs: roundTimeMs(beacon, each.round).toString(),
        byHandMs: each.byHandMs.toString(),
        uids: each.uids,
        hasPulse: hasPulse(each),
        isDue: !hasPulse(each) && each.revealEpoch <= epoch,
      })),
    };
  },
});
