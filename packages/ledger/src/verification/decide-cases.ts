import { bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { hotkeys } from '../staking/state.ts';
import { SLASH_WHOLE, slashHotkey } from '../staking/unbonding/slash.ts';
import { caseDropped, providerConvicted } from './events.ts';
import { cases, convicted, openCasesCell, powerBehind } from './state.ts';

const BPS_WHOLE = 10_000n;

/** Most cases decided in one block; the others wait for the next. */
const MAX_DECIDED = 16;

/**
 * Decides the cases whose deadline has come. More than `verdictConvictBps` of the voting power, that of the provider
 * left out, convicts: a part of the stake behind the provider is burned, as for other offences. Less takes nothing.
 *
 * Cost: up to 16 cases, each of them the roster, three records and a slash of two.
 */
export function decideCases(context: BlockContext): void {
  const { state, slot } = context;
  const open = openCasesCell.get(state);
  const due = open.filter(({ untilSlot }) => untilSlot <= slot).slice(0, MAX_DECIDED);
  if (due.length === 0) return;
  openCasesCell.set(
    state,
    open.filter((entry) => !due.includes(entry)),
  );
  for (const { receipt } of due) decide(context, receipt);
}

function decide(context: BlockContext, receipt: Uint8Array): void {
  const { state, block, parameters } = context;
  const hex = bytesToHex(receipt);
  const decided = cases.get(state, hex);
  if (decided === undefined) return;
  cases.delete(state, hex);
  releaseDeposit(context, decided.accuser, decided.deposit);
  const { provider, supporters, offenceHeight } = decided;
  const { power, total } = powerBehind(state, provider, supporters);
  if (total === 0n || power * BPS_WHOLE <= total * parameters.verdictConvictBps) {
    caseDropped(context, receipt, decided, { power, total });
    return;
  }
  const fraction = (parameters.slashVerdictBps * SLASH_WHOLE) / BPS_WHOLE;
  const hasStake = hotkeys.get(state, provider) !== undefined;
  const slashed = hasStake ? slashHotkey(context, provider, Number(offenceHeight), fraction) : 0n;
  const before = convicted.get(state, provider);
  convicted.set(state, provider, {
    verdicts: before.verdicts + 1,
    slashed: before.slashed + slashed,
    lastHeight: BigInt(block.height),
    receipts: [...before.receipts, receipt],
  });
  providerConvicted(context, receipt, decided, { power, total, slashed });
}
