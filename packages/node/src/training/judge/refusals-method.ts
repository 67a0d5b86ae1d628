import { accountIdToAddress, bytes32, bytesToHex, hexToBytes, struct, u32 } from '@cairn/core';
import type { RecordStore, RunReader } from '@cairn/protocol';
import type { RpcMethod } from '../../rpc/method.ts';
import { parseParams } from '../../rpc/params.ts';
import { judgementsOf } from './judgement.ts';

const refusalsShape = struct('RefusalsParams', { run: bytes32, round: u32 });
const text = { type: 'string' };

export interface RefusalsParts {
  readonly ledger: Pick<RunReader, 'paidRound'>;
  /** Where the validators of this node keep what they found. */
  readonly records: RecordStore;
}

/** Why updates of a settled round were refused, in the words of the validators that this node runs. */
export function refusalsMethod({ ledger, records }: RefusalsParts): RpcMethod {
  return {
    name: 'training_refusals',
    help: 'Which updates of a settled round the validators of this node refused, and why: missing, malformed, stale, copy, harmful, useless, noise or excluded. They keep their latest sixteen rounds; empty when this node judged none.',
    params: refusalsShape.schema,
    result: {
      type: 'array',
      items: {
        type: 'object',
        properties: { validator: text, place: { type: 'integer' }, reason: text },
      },
    },
    async run(given) {
      const { run, round } = parseParams(refusalsShape, given);
      // Until then it would say what others are to find by themselves.
      if ((await ledger.paidRound(run, round)) === null) return [];
      return judgementsOf(records, bytesToHex(run), round).flatMap(({ hotkey, refused }) =>
        refused.map(([place, reason]) => ({
          validator: accountIdToAddress(hexToBytes(hotkey)),
          place,
          reason,
        })),
      );
    },
  };
}
