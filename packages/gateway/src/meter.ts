import { type Amount, type Clock, formatAmount, PEBBLES_PER_CAIRN } from '@cairn/core';
import { GatewayError } from './errors.ts';

export interface MeterOptions {
  /** Pebbles one caller may spend in 24 hours. @default unlimited */
  readonly dailyLimit?: Amount;
  /** Pebbles one answer may cost at most, whatever its provider asks. @default 1 CAIRN */
  readonly mostPerAnswer?: Amount;
  /** Answers under way at once. @default 256 */
  readonly mostInFlight?: number;
}

export interface Reservation {
  /** Raises or lowers what is held. @throws GatewayError `budget_exceeded` */
  hold(amount: Amount): void;
  /** Replaces what is held by what it came to. */
  settle(cost: Amount): void;
  /** Changes what it came to, once settled: a receipt came late. */
  correct(change: Amount): void;
  /** Gives back what is held. Does nothing once settled. */
  release(): void;
}

export interface Usage {
  readonly spent: Amount;
  readonly held: Amount;
  readonly answers: number;
}

/** The one place that every paid request passes: reserve, run, settle. */
export interface Meter {
  /** @throws GatewayError `budget_exceeded`, `too_many_requests` */
  reserve(caller: string): Reservation;
  usage(caller: string): Usage;
  readonly inFlight: number;
}

const DAY_MS = 86_400_000;

interface Account {
  spent: Amount;
  held: Amount;
  answers: number;
  dayStartMs: number;
}

export function createMeter(clock: Clock, options: MeterOptions = {}): Meter {
  const mostInFlight = options.mostInFlight ?? 256;
  const mostPerAnswer = options.mostPerAnswer ?? PEBBLES_PER_CAIRN;
  const accounts = new Map<string, Account>();
  let inFlight = 0;

  function accountOf(caller: string): Account {
    const nowMs = clock.nowMs();
    let account = accounts.get(caller);
    if (account === undefined) {
      account = { spent: 0n, held: 0n, answers: 0, dayStartMs: nowMs };
      accounts.set(caller, account);
    }
    if (nowMs - account.dayStartMs >= DAY_MS) {
      account.spent = 0n;
      account.dayStartMs = nowMs;
    }
    return account;
  }

  return {
    get inFlight() {
      return inFlight;
    },
    usage: (caller) => ({ ...accountOf(caller) }),
    reserve(caller) {
      if (inFlight >= mostInFlight) {
        throw new GatewayError(
          { code: 'too_many_requests' },
          `${inFlight} answers are under way; this gateway takes ${mostInFlight} at once. Try again in a second.`,
        );
      }
      const account = accountOf(caller);
      let held = 0n;
      let isOver = false;
      inFlight += 1;
      const end = () => {
        if (isOver) return false;
        isOver = true;
        inFlight -= 1;
        account.held -= held;
        return true;
      };
      return {
        hold(amount) {
          if (amount > mostPerAnswer) {
            throw new GatewayError(
              { code: 'budget_exceeded' },
              `This answer may cost ${formatAmount(amount)} CAIRN, more than the ${formatAmount(mostPerAnswer)} CAIRN this gateway pays for one. Lower max_tokens.`,
            );
          }
          const others = account.spent + account.held - held;
          if (options.dailyLimit !== undefined && others + amount > options.dailyLimit) {
            throw new GatewayError(
              { code: 'budget_exceeded' },
              `This answer may cost ${formatAmount(amount)} CAIRN; ${formatAmount(others)} of ${formatAmount(options.dailyLimit)} CAIRN a day are spent or held. Lower max_tokens or wait.`,
            );
          }
          account.held += amount - held;
          held = amount;
        },
        settle(cost) {
          if (!end()) return;
          account.spent += cost;
          account.answers += 1;
        },
        correct(change) {
          account.spent += change;
        },
        release() {
          end();
        },
      };
    },
  };
}
