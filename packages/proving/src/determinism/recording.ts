import { bytesToHex, hexToBytes } from '@cairn/core';
import { type BlockInput, type Genesis, genesisShape } from '@cairn/ledger';

/** Blocks of a chain from its genesis on, as JSON. Bytes are hex. */
export interface Recording {
  readonly genesis: unknown;
  readonly blocks: readonly RecordedBlock[];
}

interface RecordedBlock {
  readonly height: number;
  readonly timeMs: number;
  readonly hash: string;
  readonly proposer: string;
  readonly votes: readonly { readonly validator: string; readonly signed: boolean }[];
  readonly misbehavior: readonly {
    readonly validator: string;
    readonly height: number;
    readonly kind: BlockInput['misbehavior'][number]['kind'];
  }[];
  readonly txs: readonly string[];
}

export function recordBlock(block: BlockInput): RecordedBlock {
  const { height, timeMs, hash, proposer, votes, misbehavior, txs } = block;
  return {
    ...{ height, timeMs },
    hash: bytesToHex(hash),
    proposer: bytesToHex(proposer),
    votes: votes.map(({ validator, signed }) => ({ validator: bytesToHex(validator), signed })),
    misbehavior: misbehavior.map((fault) => ({ ...fault, validator: bytesToHex(fault.validator) })),
    txs: txs.map(bytesToHex),
  };
}

/** Fresh objects each time: nothing is known about them. */
export function readBlock(block: RecordedBlock): BlockInput {
  const { height, timeMs, hash, proposer, votes, misbehavior, txs } = block;
  return {
    ...{ height, timeMs },
    hash: hexToBytes(hash),
    proposer: hexToBytes(proposer),
    votes: votes.map(({ validator, signed }) => ({ validator: hexToBytes(validator), signed })),
    misbehavior: misbehavior.map((fault) => ({ ...fault, validator: hexToBytes(fault.validator) })),
    txs: txs.map((tx) => hexToBytes(tx)),
  };
}

export function readGenesis({ genesis }: Recording): Genesis {
  return genesisShape.fromJson(genesis);
}
