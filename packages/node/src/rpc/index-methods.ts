import { INDEX_QUERIES } from '@cairn/index';
import type { IndexRole } from '../roles/index-role.ts';
import { NO_PARAMS, type RpcMethod } from './method.ts';
import { parseParams } from './params.ts';

/** History by account, subnet, name and height, for anybody. */
export function indexMethods(index: IndexRole): RpcMethod[] {
  const queries = INDEX_QUERIES.map(
    ({ name, help, params, result, run }): RpcMethod => ({
      name,
      help,
      params: params.schema,
      result,
      run: async (given) => run(index.connection().database, parseParams(params, given)),
    }),
  );
  return [...queries, statusMethod(index)];
}

function statusMethod(index: IndexRole): RpcMethod {
  return {
    name: 'index_status',
    help: 'How far the index has come; height is the last one in it, failure the code of what stopped it.',
    params: NO_PARAMS,
    result: { type: 'object' },
    async run() {
      const { chainId, height, chainHeight, isFollowing, failure } = await index.status();
      return { chainId, height, chainHeight, isFollowing, failure: failure?.code ?? null };
    },
  };
}
