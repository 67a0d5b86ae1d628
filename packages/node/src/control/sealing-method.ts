import { struct, text } from '@cairn/core';
import type { RunningRole } from '../roles/parts.ts';
import { RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';

const rotateShape = struct('RotateSealingParams', { miner: text(64) });

/** Of the owner of a node that is asked by others: a new key for what they seal to it. */
export function rotateSealingMethod({
  roles,
}: {
  readonly roles: () => readonly Pick<RunningRole, 'name' | 'address' | 'rotateSealing'>[];
}): RpcMethod {
  return {
    name: 'node_rotateSealing',
    help: 'Gives a miner, or who runs functions or sells data, a new sealing key and puts it on the ledger; the old one opens until its offers expire.',
    params: rotateShape.schema,
    result: { type: 'object' },
    async run(given) {
      const { miner } = parseParams(rotateShape, given);
      const role = roles().find(({ name, rotateSealing }) => name === miner && rotateSealing != null);
      if (role?.rotateSealing == null) {
        const reason = `There is no miner ${miner} with a sealing key here.`;
        throw new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
      }
      return { miner, provider: role.address, key: await role.rotateSealing() };
    },
  };
}
