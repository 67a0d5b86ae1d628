import { bytes, struct } from '@cairn/core';
import type { CheckingRole } from '../roles/checking-role.ts';
import { NO_PARAMS, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';

/** Largest calibration, in bytes. */
const MAX_CALIBRATION_BYTES = 65_536;

const keepShape = struct('KeepCalibrationParams', { calibration: bytes(MAX_CALIBRATION_BYTES) });

/** What a node that checks providers tells its owner. None when it checks nobody. */
export function checkMethods(checker: CheckingRole | null): RpcMethod[] {
  if (checker === null) return [];
  return [
    {
      name: 'node_checks',
      help: 'What this node makes of the offers of others: how often they were checked, what failed, and why some are not judged.',
      params: NO_PARAMS,
      result: { type: 'array', items: { type: 'object' } },
      run: async () => checker.standings(),
    },
    {
      name: 'node_keepCalibration',
      help: 'Keeps a calibration and hands it to peers that ask for its hash, which is to be published on the ledger.',
      params: keepShape.schema,
      result: { type: 'object' },
      run: async (given) => ({ id: await checker.publish(parseParams(keepShape, given).calibration) }),
    },
  ];
}
