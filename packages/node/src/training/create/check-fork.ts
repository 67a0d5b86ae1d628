import { MAX_ROYALTIES, MAX_ROYALTY_BPS, sumOfRoyalties } from '@cairn/ledger';
import { findLineageFault } from '@cairn/sdk';
import type { Recipe } from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { RunParent } from './find-parent.ts';

/**
 * Refuses a fork whose releases could not be published, before anything is made of it.
 *
 * @throws NodeError `LICENCE_REFUSED`, `ROYALTIES_TOO_HIGH`
 */
export function checkFork(parent: Pick<RunParent, 'model'>, { release }: Pick<Recipe, 'release'>): void {
  const { name, licence } = parent.model.card;
  const fault = findLineageFault(release.licence, [{ name, licence }]);
  if (fault !== null) throw new NodeError({ code: 'LICENCE_REFUSED', licence: release.licence }, fault);
  const { royalties } = parent.model;
  const inherited = sumOfRoyalties(royalties);
  const most = royalties.length < MAX_ROYALTIES ? Math.max(0, MAX_ROYALTY_BPS - inherited) : 0;
  if (release.royaltyBps <= most) return;
  throw new NodeError(
    { code: 'ROYALTIES_TOO_HIGH', bps: release.royaltyBps, mostBps: most },
    `Answers of what is made from ${name} pay ${inherited} hundredths of a percent to ${royalties.length} models already, and ${MAX_ROYALTY_BPS} to ${MAX_ROYALTIES} are the most. Set release.royaltyBps to ${most} or less.`,
  );
}
