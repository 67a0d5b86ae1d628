import { account, struct, type ValueOf } from '@cairn/core';

export const releaseShape = struct('Release', {
  /** Whose unstaked CAIRN is due. Anybody may ask. */
  coldkey: account,
});
export type Release = ValueOf<typeof releaseShape>;
