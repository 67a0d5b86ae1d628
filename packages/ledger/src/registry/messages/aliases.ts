import { bytes32, list, struct, text, type ValueOf } from '@cairn/core';
import { aliasKeyShape, MAX_ALIAS_MODELS } from '../alias.ts';

export const setAliasShape = struct('SetAlias', {
  /** A registered name of the sender. */
  name: text(96),
  tag: text(32),
  /** Ids of registered models, the preferred one first. */
  models: list(bytes32, MAX_ALIAS_MODELS),
});
export type SetAlias = ValueOf<typeof setAliasShape>;

export const removeAliasShape = aliasKeyShape;
export type RemoveAlias = ValueOf<typeof removeAliasShape>;
