import {
  account,
  bytes32,
  bytesToHex,
  list,
  struct,
  text,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/** Most models that one alias stands for, best first. */
export const MAX_ALIAS_MODELS = 8;

export const aliasKeyShape = struct('AliasKey', {
  /** `owner/model`: a registered name, whose owner alone decides what its aliases mean. */
  name: text(96),
  /** What stands behind the colon: `latest`, `small`. */
  tag: text(32),
});
export type AliasKey = ValueOf<typeof aliasKeyShape>;

/** `owner/model:tag` for one model or several. It counts while its owner still has the name. */
export const aliasShape = struct('Alias', {
  name: text(96),
  tag: text(32),
  owner: account,
  /** Ids, the preferred one first. They need not be of the same name. */
  models: list(bytes32, MAX_ALIAS_MODELS),
  recordDeposit: u64,
});
export type Alias = ValueOf<typeof aliasShape>;

/** Key of the record. A tag has no colon, so no two aliases meet. */
export const aliasId = ({ name, tag }: AliasKey): string => bytesToHex(utf8ToBytes(`${name}:${tag}`));

export function isTag(tag: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/.test(tag);
}
