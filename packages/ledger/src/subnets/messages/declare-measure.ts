import { struct, text, u8, u16, type ValueOf, withDefault } from '@cairn/core';

export const declareMeasureShape = struct('DeclareMeasure', {
  netuid: u16,
  /** Number of the mechanism on the subnet. */
  mechanism: withDefault(u8, 0),
  /** Id of the program that draws its tasks and scores answers. */
  id: text(64),
  version: u16,
  /** Version of the form of the evidence bundle. */
  evidenceVersion: u16,
});
export type DeclareMeasure = ValueOf<typeof declareMeasureShape>;
