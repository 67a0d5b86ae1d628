import { type Amount, type Clock, formatAmount, PEBBLES_PER_CAIRN } from '@cairn/core';
import { GatewayError } from './errors.ts';
import { createRateBook } from './rate.ts';
import { createUsageBook, type UsageBook, type UsedUnits } from './usage.ts';

/** What one key may spend and how fast. What is left out is not limited. */
export interface CallerLimits {
  /** Pebbles a day. */
  readonly dailyLimit?: Amount;
  /** Pebbles in all. */
  readonly totalLimit?: Amount;
  /** Pebbles a day by model. */
  readonly modelLimits?: Readonly<Record<string, Amount>>;
  /** Models that may be asked. @default any */
  readonly models?: readonly string[];
  readonly requestsPerMinute?: number;
}

export interface MeterOptions extends CallerLimits {
  /** Pebbles one answer may cost at most, whatever its provider asks. @default 1 CAIRN */
  readonly mostPerAnswer?: Amount;
  /** Answers under way at once. @default 256 */
  readonly mostInFlight?: number;
  /** Limits of a caller of its own, which take the place of these. */
  readonly limitsOf?: (caller: string) => CallerLimits | null;
  /** Whether a caller may spend anything now. @default each may */
  readonly isKnown?: (caller: string) => boolean;
}

/** What a reservation is for. */
export interface ReservedFor {
  /** `chat/completions` and the like. */
  readonly endpoint: string;
  readonly model: string;
  /** Most pebbles it may cost, where that is less than any answer may. */
  readonly most?: Amount;
}

export interface Reservation {
  /** Raises or lowers what is held. @throws GatewayError `budget_exceeded` */
  hold(amount: Amount): void;
  /** Replaces what is held by what it came to. */
  settle(cost: Amount, used?: UsedUnits): void;
  /** Changes what it came to, once settled: a receipt came late. */
  correct(change: Amount): void;
  /** Gives back what is held. Does nothing once settled. */
  release(): void;
  /** Pebbles it came to so far; null until it is settled. */
  readonly cost: Amount | null;
}

export interface Usage {
  readonly spent: Amount;
  readonly held: Amount;
  readonly answers: number;
}

/** The one place that every paid request passes: reserve, run, settle. */
export interface Meter {
  /** @throws GatewayError `invalid_api_key`, `too_many_requests`, `model_not_allowed` */
  reserve(caller: string, what?: ReservedFor): Reservation;
  usage(caller: string): Usage;
  /** What was used, by day, caller, model and endpoint. */
  readonly book: UsageBook;
  /** The headers that tell a caller of its limits. */
  limitHeaders(caller: string): Readonly<Record<string, string>>;
  readonly inFlight: number;
}

const DAY_MS = 86_400_000;
const UNKNOWN: ReservedFor = { endpoint: '', model: '' };
/** An answer takes about this long until some were seen. */
const USUAL_ANSWER_MS = 1_000;
const WEIGHT_OF_NEW = 0.1;

interface Purse {
  spent: Amount;
  held: Amount;
}

export function createMeter(
  clock: Clock,
  options: MeterOptions = {},
  book: UsageBook = createUsageBook({ clock }),
): Meter {
  const mostInFlight = options.mostInFlight ?? 256;
  const mostPerAnswer = options.mostPerAnswer ?? PEBBLES_PER_CAIRN;
  const held = new Map<string, Amount>();
  const rates = createRateBook(clock);
  /** When those that were sent away were told to come back, the soonest first. */
  let waiting: number[] = [];
  let inFlight = 0;
  let answerMs = USUAL_ANSWER_MS;

  const resetIn = () => `${Math.ceil((DAY_MS - (clock.nowMs() % DAY_MS)) / 1_000)}s`;
  const limitsOf = (caller: string): CallerLimits => options.limitsOf?.(caller) ?? options;
  const heldOf = (name: string) => held.get(name) ?? 0n;
  const addHeld = (name: string, amount: Amount) => {
    const now = heldOf(name) + amount;
    if (now === 0n) held.delete(name);
    else held.set(name, now);
  };

  function purses(
    caller: string,
    { model }: ReservedFor,
    { dailyLimit, totalLimit, modelLimits }: CallerLimits,
  ) {
    const modelLimit = modelLimits?.[model];
    const all = heldOf(caller);
    const mine = heldOf(`${caller} ${model}`);
    const purse = (what: string, limit: Amount | undefined, used: () => Purse) =>
      limit === undefined ? [] : [{ what, limit, ...used() }];
    return [
      ...purse('a day', dailyLimit, () => ({ spent: book.spentToday(caller), held: all })),
      ...purse(`a day on ${model}`, modelLimit, () => ({
        spent: book.spentToday(caller, model),
        held: mine,
      })),
      ...purse('in all', totalLimit, () => ({ spent: book.spentInAll(caller), held: all })),
    ];
  }

  function checkPurses(
    { caller, what, limits }: { caller: string; what: ReservedFor; limits: CallerLimits },
    amount: Amount,
    mine: Amount,
  ): void {
    const most = what.most !== undefined && what.most < mostPerAnswer ? what.most : mostPerAnswer;
    const whose = most < mostPerAnswer ? 'that were offered for it' : 'this gateway pays for one';
    if (amount > most) {
      throw new GatewayError(
        { code: 'budget_exceeded' },
        `This answer may cost ${formatAmount(amount)} CAIRN, more than the ${formatAmount(most)} CAIRN ${whose}. Lower max_tokens.`,
      );
    }
    for (const { what: per, limit, spent, held: others } of purses(caller, what, limits)) {
      const before = spent + others - mine;
      if (before + amount <= limit) continue;
      const resetMs = per === 'in all' ? null : DAY_MS - (clock.nowMs() % DAY_MS);
      const until =
        resetMs === null ? 'have the key given more' : `wait ${Math.ceil(resetMs / 60_000)} minutes`;
      throw new GatewayError(
        { code: 'budget_exceeded', limit, left: limit > before ? limit - before : 0n, resetMs },
        `This answer may cost ${formatAmount(amount)} CAIRN; ${formatAmount(before)} of ${formatAmount(limit)} CAIRN ${per} are spent or held. Lower max_tokens or ${until}.`,
      );
    }
  }

  function checkCrowd(): void {
    const nowMs = clock.nowMs();
    waiting = waiting.filter((untilMs) => untilMs > nowMs);
    if (inFlight < mostInFlight) return;
    const position = waiting.length + 1;
    const resetMs = Math.max(Math.ceil((position * answerMs) / Math.max(mostInFlight, 1)), 100);
    if (waiting.length < 4 * mostInFlight) waiting.push(nowMs + resetMs);
    throw new GatewayError(
      { code: 'too_many_requests', limit: mostInFlight, resetMs, position },
      `${inFlight} answers are under way; this gateway takes ${mostInFlight} at once. You are number ${position} in the queue: try again in ${resetMs} ms.`,
    );
  }

  function checkKnown(caller: string): void {
    if (options.isKnown?.(caller) !== false) return;
    throw new GatewayError(
      { code: 'invalid_api_key' },
      'The key of this request was removed or has ended. Ask the operator of this gateway for another one.',
    );
  }

  function checkModel({ model }: ReservedFor, { models }: CallerLimits): void {
    if (models === undefined || models.length === 0 || model === '' || models.includes(model)) return;
    throw new GatewayError(
      { code: 'model_not_allowed', model },
      `This key may not ask ${model.slice(0, 100)}. It may ask ${models.slice(0, 10).join(', ')}.`,
    );
  }

  return {
    get inFlight() {
      return inFlight;
    },
    book,
    usage: (caller) => ({
      spent: book.spentToday(caller),
      held: heldOf(caller),
      answers: book.answersOf(caller),
    }),
    limitHeaders(caller) {
      const limits = limitsOf(caller);
      const { requestsPerMinute } = limits;
      const [purse] = purses(caller, UNKNOWN, limits);
      const left = purse === undefined ? 0n : purse.limit - purse.spent - purse.held;
      return {
        ...(requestsPerMinute === undefined ? {} : rates.headers(caller, requestsPerMinute)),
        ...(purse === undefined
          ? {}
          : {
              'x-ratelimit-limit-cairn': formatAmount(purse.limit),
              'x-ratelimit-remaining-cairn': formatAmount(left > 0n ? left : 0n),
              ...(purse.what === 'in all' ? {} : { 'x-ratelimit-reset-cairn': resetIn() }),
            }),
      };
    },
    reserve(caller, what = UNKNOWN) {
      checkKnown(caller);
      // Those of its start hold for all of it, also when its key is removed meanwhile.
      const limits = limitsOf(caller);
      checkModel(what, limits);
      checkCrowd();
      const { requestsPerMinute } = limits;
      if (requestsPerMinute !== undefined) rates.take(caller, requestsPerMinute);
      const startMs = clock.nowMs();
      let mine = 0n;
      let cost: Amount | null = null;
      let settledMs = 0;
      let isOver = false;
      inFlight += 1;
      const put = (amount: Amount) => {
        addHeld(caller, amount - mine);
        addHeld(`${caller} ${what.model}`, amount - mine);
        mine = amount;
      };
      const end = () => {
        if (isOver) return false;
        put(0n);
        isOver = true;
        inFlight -= 1;
        return true;
      };
      return {
        get cost() {
          return cost;
        },
        hold(amount) {
          checkPurses({ caller, what, limits }, amount, mine);
          if (!isOver) put(amount);
        },
        settle(paid, used = {}) {
          if (!end()) return;
          cost = paid;
          settledMs = clock.nowMs();
          answerMs += WEIGHT_OF_NEW * (clock.nowMs() - startMs - answerMs);
          book.add({ caller, ...what }, paid, used);
        },
        correct(change) {
          if (cost === null) return;
          cost += change;
          book.correct({ caller, ...what }, change, settledMs);
        },
        release() {
          end();
        },
      };
    },
  };
}
