import { isAbsolute } from 'node:path';
import { struct, text, u16, u32, u64 } from '@cairn/core';
import { RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';
import type { LocalNetwork } from '../up/local-network.ts';

const makeShape = struct('MakeRunParams', { recipe: text(4096) });
const makingShape = struct('MakingParams', { making: text(64) });
const createShape = struct('CreateRunParams', {
  manifest: text(64),
  funds: u64,
  rewardPerRound: u64,
  bond: u64,
  minTrainers: u16,
  maxTrainers: u16,
  trainSlots: u32,
});
const object = { type: 'object' };

type Node = Pick<LocalNetwork, 'training' | 'netuid'>;

/** Of the owner of a node: making runs from recipes and putting them on the ledger. */
export function trainingMethods({ training, netuid }: Node): RpcMethod[] {
  return [
    {
      name: 'node_makeRun',
      help: 'Begins to make a training run from a recipe: tokenizer, shards of data, first weights. Answers what node_making is asked with.',
      params: makeShape.schema,
      result: object,
      async run(given) {
        const { recipe } = parseParams(makeShape, given);
        if (!isAbsolute(recipe))
          throw invalid(`The path ${recipe} is relative; a running node wants an absolute one.`);
        return { making: await training.runs.make(recipe) };
      },
    },
    {
      name: 'node_making',
      help: 'How far a run in the making is: working with a step, failed with a reason, or made with what it is.',
      params: makingShape.schema,
      result: object,
      async run(given) {
        const { making } = parseParams(makingShape, given);
        const found = training.runs.making(making);
        if (found === null) throw invalid(`Nothing is made under ${making}.`);
        return found;
      },
    },
    {
      name: 'node_createRun',
      help: 'Puts a run that was made on the ledger with money in its pool, paid by the owner of the subnet.',
      params: createShape.schema,
      result: object,
      async run(given) {
        const { manifest, ...offer } = parseParams(createShape, given);
        return { run: await training.runs.create(manifest, { ...offer, netuid }) };
      },
    },
  ];
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
