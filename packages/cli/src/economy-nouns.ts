import type { Command } from 'commander';
import { createAccountBatchCommand } from './account/batch.ts';
import { createAccountCloseCommand } from './account/close.ts';
import { createAccountShowCommand } from './account/show.ts';
import type { Cli } from './cli.ts';
import { defineNoun } from './command.ts';
import { createDelegateAddCommand } from './delegate/add.ts';
import { createDelegateListCommand } from './delegate/list.ts';
import { createDelegateRejectCommand } from './delegate/reject.ts';
import { createDelegateRemoveCommand } from './delegate/remove.ts';
import { createDelegateRunCommand } from './delegate/run.ts';
import { createFundFinishCommand } from './fund/finish.ts';
import { createFundGiveCommand } from './fund/give.ts';
import { createFundOpenCommand } from './fund/open.ts';
import { createFundRefundCommand } from './fund/refund.ts';
import { createFundShowCommand } from './fund/show.ts';
import { createFundWithdrawCommand } from './fund/withdraw.ts';
import { createAccountHistoryCommand } from './history/account-history.ts';
import { createHotkeyLendCommand } from './hotkey/lend.ts';
import { createHotkeyAddCommand, createHotkeyRemoveCommand } from './hotkey/ownership.ts';
import { createHotkeyShowCommand } from './hotkey/show.ts';
import { createHotkeyChildTakeCommand, createHotkeyTakeCommand } from './hotkey/take.ts';
import { createKeyAnnounceCommand } from './key/announce.ts';
import { createKeyApproveCommand } from './key/approve.ts';
import { createKeyChangeCommand } from './key/change.ts';
import { createKeyClearCommand } from './key/clear.ts';
import { createKeyDisputeCommand } from './key/dispute.ts';
import { createKeyGuardCommand } from './key/guard.ts';
import { createKeyStatusCommand } from './key/status.ts';
import { createMultisigAddressCommand } from './multisig/address.ts';
import { createMultisigApproveCommand } from './multisig/approve.ts';
import { createMultisigCancelCommand } from './multisig/cancel.ts';
import { createMultisigListCommand } from './multisig/list.ts';
import { createMultisigProposeCommand } from './multisig/propose.ts';
import { createScheduleAddCommand } from './schedule/add.ts';
import { createScheduleCancelCommand } from './schedule/cancel.ts';
import { createScheduleListCommand } from './schedule/list.ts';
import { createStakeAddCommand } from './stake/add.ts';
import { createStakeAutoCommand } from './stake/auto.ts';
import { createStakeClaimCommand } from './stake/claim.ts';
import { createStakeDividendsCommand } from './stake/dividends.ts';
import { createStakeListCommand } from './stake/list.ts';
import { createStakeLockCommand } from './stake/lock.ts';
import { createStakeLocksCommand } from './stake/locks.ts';
import { createStakeMoveCommand } from './stake/move.ts';
import { createStakeReleaseCommand } from './stake/release.ts';
import { createStakeRemoveCommand } from './stake/remove.ts';
import { createStakeSendCommand } from './stake/send.ts';
import { createStakeUnlockCommand } from './stake/unlock.ts';
import { createSubkeyListCommand } from './subkey/list.ts';
import { createSubkeyRemoveCommand } from './subkey/remove.ts';
import { createSubkeyRunCommand } from './subkey/run.ts';
import { createSubkeySetCommand } from './subkey/set.ts';
import { createTokenBuyCommand } from './token/buy.ts';
import { createTokenListCommand } from './token/list.ts';
import { createTokenSellCommand } from './token/sell.ts';
import { createTokenSendCommand } from './token/send.ts';
import { createTokenShowCommand } from './token/show.ts';
import { createTokenSwapCommand } from './token/swap.ts';
import { createValidatorJoinCommand } from './validator/join.ts';
import { createValidatorLeaveCommand } from './validator/leave.ts';
import { createValidatorListCommand } from './validator/list.ts';
import { createValidatorShowCommand } from './validator/show.ts';
import { createValidatorUnjailCommand } from './validator/unjail.ts';

/** Nouns for tokens, stake, validators, and accounts that act together, for others, later or within limits. */
export function createEconomyNouns(cli: Cli): Command[] {
  return [
    defineNoun('token', 'Tokens of subnets: list, show, buy, sell, swap, send.', [
      createTokenListCommand(cli),
      createTokenShowCommand(cli),
      createTokenBuyCommand(cli),
      createTokenSellCommand(cli),
      createTokenSwapCommand(cli),
      createTokenSendCommand(cli),
    ]),
    defineNoun(
      'stake',
      'Stake, on root and in subnets: add, remove, list, move, send, lock, and what it earns.',
      [
        createStakeAddCommand(cli),
        createStakeRemoveCommand(cli),
        createStakeListCommand(cli),
        createStakeMoveCommand(cli),
        createStakeSendCommand(cli),
        createStakeReleaseCommand(cli),
        createStakeAutoCommand(cli),
        createStakeDividendsCommand(cli),
        createStakeClaimCommand(cli),
        createStakeLockCommand(cli),
        createStakeUnlockCommand(cli),
        createStakeLocksCommand(cli),
      ],
    ),
    defineNoun('hotkey', 'Hotkeys: show, add, remove, take, lend, child-take.', [
      createHotkeyShowCommand(cli),
      createHotkeyAddCommand(cli),
      createHotkeyRemoveCommand(cli),
      createHotkeyTakeCommand(cli),
      createHotkeyLendCommand(cli),
      createHotkeyChildTakeCommand(cli),
    ]),
    defineNoun('validator', 'Who votes on blocks: list, show, join, leave, unjail.', [
      createValidatorListCommand(cli),
      createValidatorShowCommand(cli),
      createValidatorJoinCommand(cli),
      createValidatorLeaveCommand(cli),
      createValidatorUnjailCommand(cli),
    ]),
    defineNoun('account', 'Accounts: show, history, close, and several messages in one transaction.', [
      createAccountHistoryCommand(cli),
      createAccountShowCommand(cli),
      createAccountBatchCommand(cli),
      createAccountCloseCommand(cli),
    ]),
    defineNoun('multisig', 'Accounts that act together: address, propose, approve, cancel, list.', [
      createMultisigAddressCommand(cli),
      createMultisigProposeCommand(cli),
      createMultisigApproveCommand(cli),
      createMultisigCancelCommand(cli),
      createMultisigListCommand(cli),
    ]),
    defineNoun('delegate', 'Delegates that act for an account: add, remove, list, run, reject.', [
      createDelegateAddCommand(cli),
      createDelegateRemoveCommand(cli),
      createDelegateListCommand(cli),
      createDelegateRunCommand(cli),
      createDelegateRejectCommand(cli),
    ]),
    defineNoun('schedule', 'Calls at a later time: add, cancel, list.', [
      createScheduleAddCommand(cli),
      createScheduleCancelCommand(cli),
      createScheduleListCommand(cli),
    ]),
    defineNoun(
      'key',
      'Which key speaks for an account: status, announce, change, dispute, clear, guard, approve.',
      [
        createKeyStatusCommand(cli),
        createKeyAnnounceCommand(cli),
        createKeyChangeCommand(cli),
        createKeyDisputeCommand(cli),
        createKeyClearCommand(cli),
        createKeyGuardCommand(cli),
        createKeyApproveCommand(cli),
      ],
    ),
    defineNoun('subkey', 'Keys that may spend within limits: set, remove, list, run.', [
      createSubkeySetCommand(cli),
      createSubkeyRemoveCommand(cli),
      createSubkeyListCommand(cli),
      createSubkeyRunCommand(cli),
    ]),
    defineNoun('fund', 'Subnets that many pay for: open, give, withdraw, show, finish, refund.', [
      createFundOpenCommand(cli),
      createFundGiveCommand(cli),
      createFundWithdrawCommand(cli),
      createFundShowCommand(cli),
      createFundFinishCommand(cli),
      createFundRefundCommand(cli),
    ]),
  ];
}
