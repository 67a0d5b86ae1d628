import { createCrontabMechanism, createServiceRunner } from '@cairn/mechanisms';
import type { BlobStore, RecordStore, Transport } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
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
  readonly blobs: BlobStore;
  readonly tasks: number;
}

/** Measures the miners of a subnet by asking them as a user does, from its own channels. */
export function startValidatorRole(parts: NodeParts, options: ValidatorRoleOptions): RunningRole {
  const { name, netuid, client, transport, records, blobs, tasks } = options;
  const log = parts.log.child(name);
  const runner = createServiceRunner(
    { crypto: parts.crypto, log },
    createCrontabMechanism({ crypto: parts.crypto }),
  );
  const work = backgroundTask(log, 'validation', async (signal) => {
    const payer = await openPayer(parts, { log, client, records });
    const place = { netuid, chainId: parts.chainId, tasks };
    await runValidator({ ...parts, log, client, payer, transport, blobs, records, runner }, place, signal);
  });
  return {
    kind: 'validator',
    name,
    note: `scores subnet ${netuid}`,
    address: client.address,
    coldkey: options.coldkey,
    async [Symbol.asyncDispose]() {
      await work[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
