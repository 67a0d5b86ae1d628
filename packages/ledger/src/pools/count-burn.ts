import type { Amount } from '@cairn/core';
import type { Overlay } from '../state/view.ts';
import { markets } from './state.ts';

/** Counts what a claim burned for the subnet it names, which emission by usage may pay back. */
export function countBurn(state: Overlay, netuid: number, burned: Amount): void {
  const market = markets.get(state, netuid);
  if (market !== undefined) markets.set(state, netuid, { ...market, burnCaused: market.burnCaused + burned });
}
