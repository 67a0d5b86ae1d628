/** What a run of tests amounts to. Failures carry the name of the test, so that the summary can list them. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly skips: readonly string[];
  /** Tests that failed beside others and passed when their file ran again by itself; counted as passed. */
  readonly unsteady: readonly string[];
}

export const emptyTally: Tally = {
  ...{ passed: 0, failed: 0, skipped: 0 },
  ...{ failures: [], skips: [], unsteady: [] },
};

export function addTallies(left: Tally, right: Tally): Tally {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
    failures: [...left.failures, ...right.failures],
    skips: [...left.skips, ...right.skips],
    unsteady: [...left.unsteady, ...right.unsteady],
  };
}

/** With `--require` nothing may be left out: every skip counts as a failure. */
export function requireAll(tally: Tally): Tally {
  return {
    ...tally,
    failed: tally.failed + tally.skipped,
    skipped: 0,
    failures: [...tally.failures, ...tally.skips.map((name) => `${name} (skipped)`)],
    skips: [],
  };
}

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * Counts a report. A file that failed without a failing test of its own (it did not load, or a hook threw)
 * counts as one failure, and so does a run that ended badly with no failure to show for it.
 */
export function tallyReport(report: VitestReport | undefined, exitCode: number): Tally {
  let tally = emptyTally;
  for (const file of report?.testResults ?? []) {
    const named = (statuses: readonly string[]): string[] =>
      file.assertionResults
        .filter(({ status }) => statuses.includes(status))
        .map(({ fullName }) => `${file.name}: ${fullName}`);
    const passed = named(['passed']);
    const failures = named(['failed']);
    const skips = named(['skipped', 'pending', 'todo', 'disabled']);
    if (file.status === 'failed' && failures.length === 0) {
      failures.push(`${file.name}: ${file.message.split('\n')[0] || 'the file failed'}`);
    }
    tally = addTallies(tally, {
      ...{ passed: passed.length, failed: failures.length, skipped: skips.length },
      ...{ failures, skips, unsteady: [] },
    });
  }
  if (exitCode === 0 || tally.failed > 0) return tally;
  const failures = [`vitest ended with ${exitCode}; its message is above`];
  return addTallies(tally, { ...emptyTally, failed: 1, failures });
}

/** The files of a report in which something failed. */
export function failedFiles(report: VitestReport | undefined): string[] {
  return (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/**
 * A report in which the files of a second run stand in place of the first's.
 * @returns the report, and the tests that failed at first and passed then
 */
export function replaceFiles(
  first: VitestReport,
  second: VitestReport,
): { report: VitestReport; unsteady: readonly string[] } {
  const again = new Map(second.testResults.map((file) => [file.name, file]));
  const unsteady = tallyReport(first, 0).failures.filter((name) => {
    const file = again.get(name.slice(0, name.indexOf(': ')));
    return file !== undefined && file.status === 'passed';
  });
  return { report: { testResults: first.testResults.map((file) => again.get(file.name) ?? file) }, unsteady };
}

export function formatTally(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}
