import type {
  Checker,
  ConformanceCase,
  ConformanceCounts,
  ConformanceFailure,
  ConformanceReport,
} from './case.ts';
import { blockEmissionKinds } from './kinds/block-emission.ts';
import { emissionKinds } from './kinds/emission.ts';
import { epochKinds } from './kinds/epoch.ts';
import { epochSequenceKinds } from './kinds/epoch-sequence.ts';
import { mathKinds } from './kinds/math.ts';
import { poolKinds } from './kinds/pools.ts';
import { priceKinds } from './kinds/prices.ts';
import { registrationKinds } from './kinds/registration.ts';
import { shareKinds } from './kinds/shares.ts';

const CHECKERS: ReadonlyMap<string, Checker> = new Map(
  [
    blockEmissionKinds,
    emissionKinds,
    epochKinds,
    epochSequenceKinds,
    mathKinds,
    poolKinds,
    priceKinds,
    registrationKinds,
    shareKinds,
  ].flatMap((kinds) => Object.entries(kinds)),
);

/** Kinds that are checked; every other kind is skipped and named in the report. */
export const CONFORMANCE_KINDS: readonly string[] = [...CHECKERS.keys()].sort();

/**
 * Checks every case against the rules of the network.
 *
 * @example runConformance(await loadConformanceCases(['vectors/']))
 */
export function runConformance(cases: Iterable<ConformanceCase>): ConformanceReport {
  const totals: ConformanceCounts = { passed: 0, failed: 0, skipped: 0 };
  const kinds = new Map<string, ConformanceCounts>();
  const failures: ConformanceFailure[] = [];
  for (const conformanceCase of cases) {
    const { kind, file, index, test } = conformanceCase;
    const counts = kinds.get(kind) ?? { passed: 0, failed: 0, skipped: 0 };
    kinds.set(kind, counts);
    const checker = CHECKERS.get(kind);
    if (checker === undefined) {
      counts.skipped += 1;
      totals.skipped += 1;
      continue;
    }
    const differences = differencesOf(checker, conformanceCase);
    const outcome = differences.length === 0 ? 'passed' : 'failed';
    counts[outcome] += 1;
    totals[outcome] += 1;
    if (outcome === 'failed') failures.push({ file, index, kind, test, differences });
  }
  const sorted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...totals, kinds: Object.fromEntries(sorted), failures };
}

/** A case the rule cannot compute has failed; its error is the difference. */
function differencesOf(checker: Checker, conformanceCase: ConformanceCase): string[] {
  try {
    return checker(conformanceCase);
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
  }
}
