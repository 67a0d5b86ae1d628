/** What a cloud asks for running functions, beyond what it gives for nothing. US dollars. */
export interface ReferencePrice {
  readonly name: string;
  readonly perMillionCalls: number;
  /** For a second of one core while it works. */
  readonly perCoreSecond: number;
  /** For a GiB of memory for a second while it works. */
  readonly perGibSecond: number;
  readonly source: string;
  /** When the price was read. */
  readonly readOn: string;
  readonly note: string;
}

/** List prices of the cheapest usual region, read on the date beside each. Change them here when they change. */
export const REFERENCE_PRICES: readonly ReferencePrice[] = [
  {
    name: 'AWS Lambda, x86, us-east-1',
    perMillionCalls: 0.2,
    perCoreSecond: 0,
    perGibSecond: 0.0000166667,
    source: 'https://aws.amazon.com/lambda/pricing/',
    readOn: '2026-11-21',
    note: 'billed by memory and time; a core comes with 1,769 MB, a smaller function is slower for its money',
  },
  {
    name: 'Google Cloud Run, by request, tier 1',
    perMillionCalls: 0.4,
    perCoreSecond: 0.000024,
    perGibSecond: 0.0000025,
    source: 'https://cloud.google.com/run/pricing',
    readOn: '2026-11-21',
    note: 'time is rounded up to 100 ms, which is not counted here',
  },
  {
    name: 'Cloudflare Workers, standard',
    perMillionCalls: 0.3,
    perCoreSecond: 0.00002,
    perGibSecond: 0,
    source: 'https://developers.cloudflare.com/workers/platform/pricing/',
    readOn: '2026-11-21',
    note: '128 MB at most; the plan costs 5 a month, which is not counted here',
  },
];
