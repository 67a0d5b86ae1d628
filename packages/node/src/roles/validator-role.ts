import { createCrontabMechanism, createServiceRunner } from '@cairn/mechanisms';
import type { BlobStore, PeerName, RecordStore, Transport } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import type { BeaconSource } from '../beacon/beacon-source.ts';
import { runPulseRelay } from '../beacon/pulse-relay.ts';
import { runAttesting } from '../evidence/attest.ts';
import { createEvidenceServer } from '../evidence/evidence-server.ts';
import { createSealParts } from '../sealing/seal-parts.ts';
import { runValidator } from '../validator/validator.ts';
import { backgroundTask } from './background-task.ts';
import { openPayer } from './open-payer.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface ValidatorRoleOptions {
  readonly name: string;
  readonly netuid: number;
  /** The hotkey: asks, pays for the questions and sets weights. */
  readonly client: AccountClient;
  readonly coldkey: string;
  readonly transport: Transport;
  readonly records: RecordStore;
  /** Keeps its own evidence and that of the others. */
  readonly blobs: BlobStore;
  /** The peer of another validator's hotkey, by its address. */
  readonly peerOf: (hotkey: string) => PeerName;
  readonly tasks: number;
  /** Brings pulses to the ledger where weights are locked to rounds of a beacon. @default nobody does */
  readonly beacon?: BeaconSource;
}

/**
 * Measures the miners of a subnet by asking them as a user does, from its own channels, and sees to it that the
 * evidence of the other validators can be had.
 */
export function startValidatorRole(parts: NodeParts, options: ValidatorRoleOptions): RunningRole {
  const { name, netuid, client, transport, records, blobs, peerOf, tasks, beacon } = options;
  const log = parts.log.child(name);
  const runner = createServiceRunner(
    { crypto: parts.crypto, log },
    createCrontabMechanism({ crypto: parts.crypto }),
  );
  const evidence = createEvidenceServer({ ...parts, log, transport, blobs, records });
  const { publish } = evidence;
  const work = backgroundTask(log, 'validation', async (signal) => {
    const payer = await openPayer(parts, { log, client, records });
    const place = { netuid, chainId: parts.chainId, tasks };
    const seal = createSealParts(parts);
    const asking = { ...parts, log, client, payer, transport, seal };
    await runValidator({ ...asking, publish, records, runner }, place, signal);
  });
  const attesting = backgroundTask(log, 'attesting', (signal) =>
    runAttesting({ ...parts, log, client, transport, blobs, peerOf }, netuid, signal),
  );
  const relaying = backgroundTask(log, 'relaying pulses', async (signal) => {
    if (beacon !== undefined) await runPulseRelay({ ...parts, log, client, source: beacon }, netuid, signal);
  });
  return {
    kind: 'validator',
    name,
    note: `scores subnet ${netuid}`,
    address: client.address,
    coldkey: options.coldkey,
    async [Symbol.asyncDispose]() {
      await Promise.all([work, attesting, relaying].map((task) => task[Symbol.asyncDispose]()));
      evidence[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
