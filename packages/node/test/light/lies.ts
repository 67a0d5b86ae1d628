import { bytesToHex, decode, encode, hexToBytes } from '@cairn/core';
import { accountShape } from '@cairn/ledger';
import {
  consensusAddress,
  headerHash,
  type LightBlock,
  lightBlockShape,
  validatorsHash,
  voteSignBytes,
} from '@cairn/protocol';
import { aSigner, crypto, type Json, type Lie } from './lying-node.ts';

const about =
  (method: string, change: (result: Json, params: Json) => Json): Lie =>
  (asked, result, params) =>
    asked === method ? change(result, params) : result;

/** Hex of an account that has more. */
function richer(value: string): string {
  const account = decode(accountShape, hexToBytes(value));
  return bytesToHex(encode(accountShape, { ...account, spendable: account.spendable * 7n }));
}

const changedBlock = (change: (block: LightBlock) => LightBlock | Promise<LightBlock>): Lie =>
  about('chain_lightBlock', async (result) =>
    lightBlockShape.toJson(await change(lightBlockShape.fromJson(result))),
  );

/** A block whose header names another state, by a key of its own, with every part fitting the others. */
async function forged(block: LightBlock): Promise<LightBlock> {
  const thief = aSigner('thief');
  const validators = [{ publicKey: thief.publicKey, power: 1n }];
  const set = validatorsHash(crypto, validators);
  const header = {
    ...block.header,
    ...{ validatorsHash: set, nextValidatorsHash: set, appHash: crypto.sha256(new Uint8Array()) },
    proposerAddress: consensusAddress(crypto, thief.publicKey),
  };
  const hash = headerHash(crypto, header);
  const { time } = header;
  const commit = { height: header.height, round: 0, blockId: { hash, partsTotal: 1, partsHash: hash } };
  const signature = await thief.sign(voteSignBytes(header.chainId, commit, time));
  const validatorAddress = header.proposerAddress;
  const signatures = [{ flag: 'commit' as const, validatorAddress, time, signature }];
  return { header, commit: { ...commit, signatures }, validators };
}

/** What a node may say that is not so, and the code with which it is refused. */
export const LIES: Readonly<Record<string, { readonly lie: Lie; readonly code: string }>> = {
  'an account that has more': {
    lie: about('chain_proof', (result) =>
      result.key.startsWith('accounts/') ? { ...result, value: richer(result.value) } : result,
    ),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'that there is no account': {
    lie: about('chain_proof', (result) => ({ ...result, value: null })),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'a proof with one bit changed': {
    lie: about('chain_proof', ({ proof, ...rest }) => ({
      ...rest,
      proof: { ...proof, depth: proof.depth + 1 },
    })),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'a proof that is none': {
    lie: about('chain_proof', (result) => ({ ...result, proof: { siblings: 'yes' } })),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'the value of another height': {
    lie: about('chain_proof', (result) => ({ ...result, height: result.height - 1 })),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'a value that is no hexadecimal': {
    lie: about('chain_proof', (result) => ({ ...result, value: 'a lot' })),
    code: 'LIGHT_VALUE_REFUSED',
  },
  'a header with another state root': {
    lie: changedBlock((block) =>
      block.header.height < 3n
        ? block
        : { ...block, header: { ...block.header, appHash: crypto.sha256(new Uint8Array()) } },
    ),
    code: 'LIGHT_INVALID',
  },
  'a header of its own making, signed by itself': {
    lie: changedBlock((block) => (block.header.height < 3n ? block : forged(block))),
    code: 'LIGHT_INVALID',
  },
  'a vote with one bit changed': {
    lie: changedBlock((block) => ({
      ...block,
      commit: {
        ...block.commit,
        signatures: block.commit.signatures.map((entry) => ({
          ...entry,
          signature: entry.signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
        })),
      },
    })),
    code: 'LIGHT_INVALID',
  },
  'a header that is none': {
    lie: about('chain_lightBlock', () => ({ header: {}, commit: [], validators: 'many' })),
    code: 'LIGHT_INVALID',
  },
  'that it has no headers': { lie: about('chain_lightBlock', () => null), code: 'LIGHT_HEADER_UNKNOWN' },
  'a header of another height than asked': {
    lie: about('chain_lightBlock', (result, params) =>
      params.height === undefined ? result : { ...result, header: { ...result.header, height: '7' } },
    ),
    code: 'LIGHT_HEADER_UNKNOWN',
  },
};
