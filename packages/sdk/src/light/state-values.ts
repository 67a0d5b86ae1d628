import { type AccountId, bytesToHex, decode, type Shape, utf8ToBytes, type ValueOf } from '@cairn/core';
import {
  type Account,
  accounts,
  modelNames,
  models,
  PARAMETERS,
  type Parameters,
  type Proposal,
  type Provider,
  parameterValues,
  proposals,
  providers,
} from '@cairn/ledger';

/** Where the state keeps an account. */
export const accountStateKey = (id: AccountId): string => accounts.table.prefix + bytesToHex(id);

/** Where the state keeps which model is the newest of a name. */
export const modelNameStateKey = (name: string): string => modelNames.prefix + bytesToHex(utf8ToBytes(name));

/** Where the state keeps a model's record. */
export const modelStateKey = (id: Uint8Array): string => models.prefix + bytesToHex(id);

/** Where the state keeps the keys and machines of a provider. */
export const providerStateKey = (id: AccountId): string => providers.prefix + bytesToHex(id);

/** Where the state keeps a proposal; a grant is part of the one that asked for it. */
export const proposalStateKey = (id: number): string => proposals.table.prefix + proposals.key(id);

/** @throws CoreError when the bytes are no account */
export const accountFromState = (value: Uint8Array): Account => decode(accounts.table.shape, value);

/** @throws CoreError */
export const modelNameFromState = (value: Uint8Array): ValueOf<typeof modelNames.shape> =>
  decode(modelNames.shape, value);

/** @throws CoreError */
export const modelFromState = (value: Uint8Array): ValueOf<typeof models.shape> =>
  decode(models.shape, value);

/** Proved, no node can put a key of its own in place of a provider's. @throws CoreError */
export const providerFromState = (value: Uint8Array): Provider => decode(providers.shape, value);

/** @throws CoreError */
export const proposalFromState = (value: Uint8Array): Proposal => decode(proposals.table.shape, value);

/** Where the state keeps a parameter that was ever set. */
export const parameterStateKey = (name: keyof Parameters): string => parameterValues.prefix + name;

/** Null: it was never set, and has the value it begins with. @throws CoreError */
export const parameterFromState = (name: keyof Parameters, value: Uint8Array | null): bigint =>
  value === null ? PARAMETERS[name].initial : decode(parameterValues.shape, value);

const SHAPES: readonly { readonly prefix: string; readonly shape: Shape<unknown> }[] = [
  accounts.table,
  modelNames,
  models,
  proposals.table,
  parameterValues,
  providers,
].map(({ prefix, shape }) => ({ prefix, shape: shape as Shape<unknown> }));

/** JSON form of a value, where this version knows what is kept under such keys; else null. */
export function describeStateValue(key: string, value: Uint8Array): unknown {
  const known = SHAPES.find(({ prefix }) => key.startsWith(prefix));
  return known === undefined ? null : known.shape.toJson(decode(known.shape, value));
}
