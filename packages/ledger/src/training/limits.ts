/** Most runs of a network that are not ended. */
export const MAX_RUNS = 256;

/** Most trainers of one round: a bitmap over them has 32 bytes. */
export const MAX_ROSTER = 256;

/** Most seats of a run, those that have left and are still liable included. */
export const MAX_SEATS = 512;

/** Most validators that judge one round or one case: those with most stake. */
export const MAX_JUDGES = 32;

/** Most trainers of a round that say which updates can be had. */
export const MAX_WITNESSES = 32;

/** Most rounds of a run whose pay has not vested; the next round waits for the oldest. */
export const MAX_UNVESTED_ROUNDS = 64;

/** Rounds beyond those that are still needed whose updates and factors are kept for readers and late joiners. */
export const KEPT_ROUNDS = 16;

/** Most rounds after a checkpoint: then the weights become the checkpoint whatever the terms say. */
export const MAX_LOG_ROUNDS = 64;

/** Most rounds forgotten when something of a run is due. */
export const MAX_FORGOTTEN = 4;

/** Most open cases of a run, those of one challenger, and those that a round draws. */
export const MAX_CASES = 32;
export const MAX_CASES_OF_ONE = 4;
export const MAX_DRAWS = 4;

/** Steps that were judged in one round, most. */
export const MAX_TRIED = 256;

/** Most people who sign the releases of a run. */
export const MAX_MAINTAINERS = 8;

/** Arrivals of updates that the length of a round is reckoned from. */
export const MAX_ARRIVALS = 128;

/** Rounds missed one after another with which a trainer loses its seat. */
export const MISSED_ROUNDS_LIMIT = 3;

/** Outcomes in a row whose held-out loss is rising, with which a run goes back. */
export const RISING_LIMIT = 3;

/** Most times the learning rate of a run was halved. */
export const MAX_HALVINGS = 32;

/** A held-out loss that is no number, and one that was not measured. Otherwise millionths of a nat per token. */
export const LOSS_NOT_FINITE = 0xffff_ffff;
export const LOSS_NOT_MEASURED = 0;

export const BPS_WHOLE = 10_000n;
/** What a round pays, of 10,000; what rounding leaves stays in the pool. */
export const SPLIT_BPS = { trainers: 8_000n, judges: 1_000n, witnesses: 500n, challenges: 500n } as const;
/** A reserve whose update was not needed, and a trainer that missed two rounds just before; of 10,000. */
export const RESERVE_RAMP_BPS = 2_500n;
export const MISSED_RAMP_BPS = 7_500n;

/** Most inner steps of an update: with more, sums of updates weighted by their steps would be inexact. */
export const MAX_INNER_STEPS = 4_096;
