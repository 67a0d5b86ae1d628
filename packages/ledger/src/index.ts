/**
 * The deterministic state machine.
 *
 * @module
 */

export { agenda, agendaCell, type ScheduledCall, scheduledIdOf } from './accounts/agenda.ts';
export { keysSince, speakingKeyOf } from './accounts/keys/speaking.ts';
export {
  type AccountKey,
  accountKeys,
  type KeyChange,
  keyChanges,
  keyConsentBytes,
  MAX_GUARDIANS,
  type Recovery,
  recoveries,
} from './accounts/keys/state.ts';
export { type AddProxy, addProxyShape } from './accounts/messages/add-proxy.ts';
export { type AnnounceProxyCall, announceProxyCallShape } from './accounts/messages/announce-proxy-call.ts';
export { type ApproveMultisig, approveMultisigShape } from './accounts/messages/approve-multisig.ts';
export { type Batch, batchShape } from './accounts/messages/batch.ts';
export { type CancelMultisig, cancelMultisigShape } from './accounts/messages/cancel-multisig.ts';
export { type CancelScheduled, cancelScheduledShape } from './accounts/messages/cancel-scheduled.ts';
export { type CloseAccount, closeShape } from './accounts/messages/close.ts';
export {
  type AnnounceKeyChange,
  type ApproveRecovery,
  announceKeyChangeShape,
  approveRecoveryShape,
  type ChangeKey,
  changeKeyShape,
  type DisputedAccount,
  disputedAccountShape,
  type SetRecovery,
  setRecoveryShape,
} from './accounts/messages/keys.ts';
export { type ProxyCall, proxyCallShape } from './accounts/messages/proxy.ts';
export { type RejectProxyCall, rejectProxyCallShape } from './accounts/messages/reject-proxy-call.ts';
export { type RemoveProxy, removeProxyShape } from './accounts/messages/remove-proxy.ts';
export { type Schedule, scheduleShape } from './accounts/messages/schedule.ts';
export {
  type RemoveSubKey,
  removeSubKeyShape,
  type SetSubKey,
  type SpendAs,
  setSubKeyShape,
  spendAsShape,
} from './accounts/messages/sub-keys.ts';
export { type Transfer, transferShape } from './accounts/messages/transfer.ts';
export {
  type Multisig,
  type MultisigProposal,
  multisigAccountOf,
  multisigFault,
  multisigProposalIdOf,
  multisigProposals,
} from './accounts/multisig.ts';
export { type Announcement, announcements, type ProxyEntry, proxies } from './accounts/proxies.ts';
export { PURPOSE_NAMES, PURPOSES, type Purpose } from './accounts/purposes.ts';
export { type Account, accountShape, accounts } from './accounts/state.ts';
export { SUB_KEY_MESSAGES, type SubKey, type SubKeyLimits, subKeys } from './accounts/sub-keys/state.ts';
export { type ClaimChannel, claimChannelShape } from './channels/messages/claim.ts';
export { type CloseChannel, closeChannelShape } from './channels/messages/close.ts';
export { type OpenChannel, openChannelShape } from './channels/messages/open.ts';
export { type TopUpChannel, topUpChannelShape } from './channels/messages/top-up.ts';
export { type Channel, channelIdOf, channelKeys, channelShape, channels } from './channels/state.ts';
export {
  areTotalsSound,
  isVoucherSignedBy,
  MAX_CHANNEL_ARTIFACTS,
  type Voucher,
  voucherShape,
  voucherSignBytes,
} from './channels/voucher.ts';
export {
  CLOSE_REASONS,
  type CloseReason,
  DEPLOYMENT_KINDS,
  type Deployment,
  type DeploymentSpec,
  deploymentIdOf,
  deploymentShape,
  deployments,
  findSpecFault,
  type Resources,
} from './compute/deployment.ts';
export { dueCell } from './compute/due.ts';
export { type Lease, leaseShape, leases } from './compute/lease.ts';
export {
  type Bid,
  type BidTerms,
  bids,
  type ComputeOrder,
  computeOrders,
  MAX_BIDS,
  orderIdOf,
} from './compute/market.ts';
export {
  type PublishDeployment,
  publishDeploymentShape,
  type RetireDeployment,
  retireDeploymentShape,
} from './compute/messages/deployments.ts';
export {
  type NamedLease,
  namedLeaseShape,
  type TopUpLease,
  topUpLeaseShape,
} from './compute/messages/leases.ts';
export {
  type AcceptBid,
  acceptBidShape,
  type MakeBid,
  makeBidShape,
  type NamedOrder,
  namedOrderShape,
  type OrderCompute,
  placeOrderShape,
} from './compute/messages/market.ts';
export { type Contribute, contributeShape } from './crowdfunding/messages/contribute.ts';
export { type FinaliseFund, finaliseFundShape } from './crowdfunding/messages/finalise.ts';
export { type OpenFund, openFundShape } from './crowdfunding/messages/open.ts';
export { type RefundFund, refundFundShape } from './crowdfunding/messages/refund.ts';
export { type WithdrawContribution, withdrawContributionShape } from './crowdfunding/messages/withdraw.ts';
export { type Contribution, contributions, type Fund, funds, fundsCell } from './crowdfunding/state.ts';
export {
  DATASET_CHUNK_BYTES,
  type Dataset,
  type DatasetCard,
  datasetCardShape,
  datasetIdOf,
  datasetShape,
  datasets,
  findDatasetFault,
} from './datasets/card.ts';
export {
  type PublishDataset,
  publishDatasetShape,
  type RetireDataset,
  retireDatasetShape,
} from './datasets/messages/datasets.ts';
export { type EarningSubnet, injectIntoMarket, shareAmongMarkets } from './emission/accrue.ts';
export { emissionOverSlots, INITIAL_SLOT_EMISSION, slotEmission } from './emission/block-emission.ts';
export { clock, type SlotClock } from './emission/clock.ts';
export { type Injection, type InjectionFacts, injectEmission } from './emission/injection.ts';
export { type RootFacts, rootProportion } from './emission/root-proportion.ts';
export { FLOW_SMOOTHING, nextFlowEma } from './emission/share-rules/flow.ts';
export { raiseToPower } from './emission/share-rules/powers.ts';
export { shareByPrice } from './emission/share-rules/price.ts';
export type { SharedEmission, SubnetFacts } from './emission/share-rules/share-rule.ts';
export {
  type DividendFacts,
  type SplitDividends,
  splitByMechanism,
  splitDividends,
} from './emission/split.ts';
export { pendingCell } from './emission/state.ts';
export { LedgerError, type LedgerProblem } from './errors.ts';
export { type Call, type CallFilter, type Calls, callHashOf, callShape } from './execution/calls.ts';
export type {
  BlockContext,
  BlockHeader,
  EventValue,
  LedgerEvent,
  MessageContext,
  Misbehavior,
} from './execution/context.ts';
export {
  type BlockInput,
  type BlockOutcome,
  checkBlockLimits,
  createLedger,
  type Ledger,
  type LedgerParts,
  type TransactionResult,
  type ValidatorUpdate,
} from './execution/ledger.ts';
export {
  defineMessage,
  type MessageDefinition,
  problem,
  type TransactionProblem,
  type Verdict,
} from './execution/message.ts';
export type { LedgerModule } from './execution/module.ts';
export { defineQuery, type QueryContext, type QueryDefinition } from './execution/query.ts';
export { issuance, outstanding, type Supply, supplyCell } from './flows/supply.ts';
export { FLOWS, type FlowDefinition, type FlowName, type Pot } from './flows/table.ts';
export { ONE_Q96 } from './fraction/exponential.ts';
export type { Ratio } from './fraction/ratio.ts';
export { type Beacon, roundFrom, roundTimeMs } from './genesis/beacon.ts';
export { chainIdOf, type Genesis, genesisShape, genesisState } from './genesis/genesis.ts';
export { beaconCell, genesisCell } from './genesis/state.ts';
export { stakeLocks } from './governance/locks.ts';
export {
  type CancelProposal,
  type CouncilAct,
  cancelProposalShape,
  councilActShape,
  type MilestoneAct,
  milestoneActShape,
} from './governance/messages/proposals.ts';
export { type Propose, proposeShape } from './governance/messages/propose.ts';
export {
  type CastVote,
  type DelegateVotes,
  delegateVotesShape,
  type UndelegateVotes,
  undelegateVotesShape,
  voteMessageShape,
  type WithdrawVote,
  withdrawVoteShape,
} from './governance/messages/votes.ts';
export { MAX_CONVICTION, type VotingPower } from './governance/power.ts';
export {
  delegations,
  lentPowers,
  PROPOSAL_KINDS,
  type Proposal,
  type ProposalKind,
  proposalAgendaCell,
  proposals,
  type Vote,
  votes,
  withheldPowers,
} from './governance/state.ts';
export { treasuryCell } from './governance/treasury.ts';
export { MODULES } from './modules.ts';
export type { ParameterDefinition } from './parameters/definition.ts';
export { parameterValues, readParameters } from './parameters/state.ts';
export {
  PARAMETER_NAMES,
  PARAMETERS,
  type ParameterName,
  type Parameters,
  whoChanges,
} from './parameters/table.ts';
export { limitOf } from './pools/clear.ts';
export { addToReserves, tokenPrice } from './pools/market.ts';
export {
  type Assets,
  type BatchFill,
  type BatchOrder,
  type BatchOutcome,
  type BatchRules,
  clearBatch,
  type FillStatus,
} from './pools/math/batch.ts';
export { baseNeededForQuote, inputToPrice, outputOf, type Side } from './pools/math/curve.ts';
export { FEE_SCALE } from './pools/math/fee.ts';
export { medianPrice } from './pools/math/median-price.ts';
export {
  addLiquidity,
  createPool,
  EVEN_WEIGHT,
  type Pool,
  PRICE_ONE,
  poolPrice,
  WEIGHT_ONE,
  type WeighedPool,
  type WeightRefusal,
} from './pools/math/pool.ts';
export { scaledPower } from './pools/math/power.ts';
export { nextPriceEma, type PriceEmaRules } from './pools/math/price-ema.ts';
export {
  mostInput,
  type Swap,
  type SwapOrder,
  type SwapOutcome,
  type SwapRefusal,
  type SwapRules,
  swap,
} from './pools/math/swap.ts';
export { type BuyTokens, buyShape } from './pools/messages/buy.ts';
export { type OpenOrder, openOrderShape } from './pools/messages/open-order.ts';
export { type SealOrder, sealOrderShape } from './pools/messages/seal-order.ts';
export { type SellTokens, sellShape } from './pools/messages/sell.ts';
export { type SwapTokens, swapShape } from './pools/messages/swap.ts';
export { type TransferTokens, transferTokensShape } from './pools/messages/transfer.ts';
export { type Leg, legsCell, type Order, orders } from './pools/orders.ts';
export {
  type Sealed,
  type SealedOrder,
  type SealedOrderSecret,
  sealedOrderCommitment,
  sealedOrderShape,
  sealedOrders,
} from './pools/sealed.ts';
export {
  EMA_BITS,
  FLOW_SCALE,
  FLOW_ZERO,
  type Holding,
  holdings,
  type Market,
  markets,
  tokenIssuance,
} from './pools/state.ts';
export {
  type DepositedRecord,
  depositOfModel,
  depositOfProvider,
  depositOfRecord,
} from './record-deposits.ts';
export { type Alias, aliasShape, MAX_ALIAS_MODELS } from './registry/alias.ts';
export {
  ARTIFACT_FORMATS,
  type Artifact,
  artifactShape,
  type ClaimedEvaluation,
  findCardFault,
  isTask,
  MAX_ARTIFACTS,
  MODEL_KINDS,
  type ModelCard,
  type ModelKind,
  modelCardShape,
  modelIdOf,
} from './registry/card.ts';
export {
  type Evaluation,
  evaluationShape,
  type Measurement,
  measurementShape,
} from './registry/evaluation.ts';
export {
  type RemoveAlias,
  removeAliasShape,
  type SetAlias,
  setAliasShape,
} from './registry/messages/aliases.ts';
export {
  type PostEvaluation,
  postEvaluationShape,
  type WithdrawEvaluation,
  withdrawEvaluationShape,
} from './registry/messages/evaluations.ts';
export {
  type ClearRoyalties,
  clearRoyaltiesShape,
  type PublishModel,
  publishModelShape,
  type RetireModel,
  retireModelShape,
} from './registry/messages/models.ts';
export {
  type PublishOffer,
  publishOfferShape,
  type WithdrawOffer,
  withdrawOfferShape,
} from './registry/messages/offers.ts';
export {
  type RemoveProvider,
  removeProviderShape,
  type SetProvider,
  setProviderShape,
} from './registry/messages/providers.ts';
export {
  type BilledUsage,
  batchPriceOf,
  MAX_REGIONS,
  type Offer,
  type OfferTerms,
  offerIdOf,
  offerShape,
  offerTermsShape,
  type Price,
  priceOf,
  priceOfAudio,
  priceOfImages,
  priceOfUsage,
  priceShape,
} from './registry/offer.ts';
export {
  type Device,
  deviceShape,
  isRegion,
  MAX_DEVICES,
  type Provider,
  type ProviderTerms,
  providerShape,
  providerTermsShape,
  type Sealing,
  sealingShape,
  X_WING_KEY_BYTES,
} from './registry/provider.ts';
export {
  inheritRoyalties,
  MAX_ROYALTIES,
  MAX_ROYALTY_BPS,
  type Royalty,
  royaltiesShape,
  type SoldArtifact,
  soldArtifactOf,
  sumOfRoyalties,
} from './registry/royalties.ts';
export {
  aliases,
  evaluations,
  modelNames,
  models,
  offers,
  providers,
  soldArtifacts,
} from './registry/state.ts';
export { autoStakes } from './staking/auto-stake.ts';
export { readSpokenStake, type SpokenStake } from './staking/children/spoken-stake.ts';
export { type Lending, lendings, parents } from './staking/children/state.ts';
export { type KeptPosition, keptPositions, keptRates } from './staking/kept/state.ts';
export { lockedAtHotkey, rollTokenLock } from './staking/locks/roll.ts';
export { type HotkeyLocks, hotkeyLocks, type TokenLock, tokenLocks } from './staking/locks/state.ts';
export {
  CONVICTION_BITS,
  decayOver,
  rollLock,
  type StakeLock,
  type StakeLockRules,
} from './staking/math/lock.ts';
export { type ParentDividends, type ParentFacts, shareWithParents } from './staking/math/parent-dividends.ts';
export { CHILD_PROPORTION_ONE } from './staking/math/stake-of.ts';
export { type AssociateHotkey, associateHotkeyShape } from './staking/messages/associate-hotkey.ts';
export { type ClaimRoot, claimRootShape } from './staking/messages/claim-root.ts';
export { type DissociateHotkey, dissociateHotkeyShape } from './staking/messages/dissociate-hotkey.ts';
export { type LockStake, lockStakeShape } from './staking/messages/lock-stake.ts';
export { type MoveStake, moveStakeShape } from './staking/messages/move-stake.ts';
export { type Release, releaseShape } from './staking/messages/release.ts';
export { type SetAutoStake, setAutoStakeShape } from './staking/messages/set-auto-stake.ts';
export { type SetChildTake, setChildTakeShape } from './staking/messages/set-child-take.ts';
export { type Child, type SetChildren, setChildrenShape } from './staking/messages/set-children.ts';
export { type SetRootClaim, setRootClaimShape } from './staking/messages/set-root-claim.ts';
export { type SetTake, setTakeShape } from './staking/messages/set-take.ts';
export { type Stake, stakeShape } from './staking/messages/stake.ts';
export { type StakeTokens, stakeTokensShape } from './staking/messages/stake-tokens.ts';
export { type TransferStake, transferStakeShape } from './staking/messages/transfer-stake.ts';
export { type Unlock, unlockShape } from './staking/messages/unlock.ts';
export { type Unstake, unstakeShape } from './staking/messages/unstake.ts';
export { type UnstakeTokens, unstakeTokensShape } from './staking/messages/unstake-tokens.ts';
export { payoutAccountOf } from './staking/payout.ts';
export { buyShares, type SharePool, type ShareTrade, sellShares, valueOfShares } from './staking/pool.ts';
export {
  type Hotkey,
  hotkeyShape,
  hotkeySignBytes,
  hotkeys,
  type Position,
  positionShape,
  positions,
  rootStakeOf,
} from './staking/state.ts';
export { tokenPools, tokenPositions } from './staking/token-stake.ts';
export { SLASH_WHOLE, slashHotkey } from './staking/unbonding/slash.ts';
export { type Departure, departures } from './staking/unbonding/state.ts';
export { type Cell, defineCell, defineTable, numberId, type Table } from './state/table.ts';
export {
  createOverlay,
  type ListableView,
  type Overlay,
  type StateChange,
  type StateView,
} from './state/view.ts';
export { type BurnPriceRules, decayBurnPrice, decayFactorQ32, raiseBurnPrice } from './subnets/burn-price.ts';
export {
  changeHyperparameters,
  type HyperparameterChange,
  type HyperparameterRefusal,
  initialHyperparameters,
} from './subnets/change-hyperparameters.ts';
export {
  HYPERPARAMETER_NAMES,
  HYPERPARAMETERS,
  type HyperparameterDefinition,
} from './subnets/hyperparameter-table.ts';
export {
  type HyperparameterName,
  type Hyperparameters,
  hyperparametersShape,
  MAX_UIDS,
} from './subnets/hyperparameters.ts';
export {
  type Challenge,
  challenges,
  type DissolvedStake,
  type DissolvedSubnet,
  dissolvedStakes,
  dissolvedSubnets,
  type Notice,
  noticesCell,
} from './subnets/lifecycle/state.ts';
export { type CreateSubnet, createSubnetShape } from './subnets/messages/create.ts';
export { type DeclareMeasure, declareMeasureShape } from './subnets/messages/declare-measure.ts';
export {
  type CancelDissolve,
  type ClaimDissolved,
  cancelDissolveShape,
  claimDissolvedShape,
  type DissolveSubnet,
  dissolveSubnetShape,
  type MatchChallenge,
  matchChallengeShape,
} from './subnets/messages/lifecycle.ts';
export { type RegisterNeuron, registerNeuronShape } from './subnets/messages/register-neuron.ts';
export { type SetHyperparameters, setHyperparametersShape } from './subnets/messages/set-hyperparameters.ts';
export { type SetMechanisms, setMechanismsShape } from './subnets/messages/set-mechanisms.ts';
export { type LockRules, lockCost, neuronPrice, nextLockCost } from './subnets/price.ts';
export { chooseNeuronToPrune, type PruningCandidate } from './subnets/pruning.ts';
export {
  type Neuron,
  neuronShape,
  neurons,
  type Subnet,
  subnetShape,
  subnets,
  subnetsCell,
  uids,
} from './subnets/state.ts';
export { availableOf } from './training/availability.ts';
export {
  type Bitmap,
  bitmapOf,
  both,
  EMPTY_BITMAP,
  hasPlace,
  isWithin,
  placesOf,
} from './training/bitmap.ts';
export {
  type TrainingCase,
  type TrainingVerdict,
  trainingCaseShape,
  trainingCases,
  VERDICTS,
} from './training/case.ts';
export { type Checkpoint, checkpointShape, checkpoints } from './training/checkpoint.ts';
export { scoreCommitmentOf } from './training/commitment.ts';
export {
  LOSS_NOT_FINITE,
  LOSS_NOT_MEASURED,
  MAX_INNER_STEPS,
  MAX_JUDGES,
  MAX_ROSTER,
  MAX_WITNESSES,
  MISSED_ROUNDS_LIMIT,
  RESERVE_RAMP_BPS,
} from './training/limits.ts';
export {
  type AppealStep,
  appealStepShape,
  type ChallengeStep,
  challengeStepShape,
  type JudgeStep,
  judgeStepShape,
} from './training/messages/cases.ts';
export {
  type PostCheckpoint,
  postCheckpointShape,
  type SignCheckpoint,
  signCheckpointShape,
} from './training/messages/checkpoints.ts';
export {
  type CommitScores,
  type CommitUpdate,
  commitScoresShape,
  commitUpdateShape,
  type RevealScores,
  revealScoresShape,
  type SettleRound,
  settleRoundShape,
  type WitnessUpdates,
  witnessUpdatesShape,
} from './training/messages/rounds.ts';
export {
  type CreateRun,
  createRunShape,
  type EndRun,
  endRunShape,
  type FundRun,
  fundRunShape,
} from './training/messages/runs.ts';
export { type JoinRun, joinRunShape, type LeaveRun, leaveRunShape } from './training/messages/seats.ts';
export {
  type JudgeLine,
  type PaidRound,
  type PayLine,
  paidRoundShape,
  paidRounds,
} from './training/paid-round.ts';
export { type Judge, type Round, roundShape, rounds, type Update, updateShape } from './training/round.ts';
export {
  COOLDOWN_REASONS,
  type CooldownReason,
  RUN_PHASES,
  type Run,
  type RunPhase,
  runIdOf,
  runShape,
  runs,
} from './training/run.ts';
export { type Seat, seatShape, seats } from './training/seat.ts';
export { isReplayed, RUN_ENGINES, type RunTerms, runTermsShape } from './training/terms.ts';
export {
  type CheckOptions,
  checkSigner,
  checkTransaction,
  declaredWork,
  type Parsed,
  type ParsedTransaction,
  parseTransaction,
  requiredFee,
  signatureInvalid,
  transactionToBytes,
  verifySignature,
} from './transaction/check.ts';
export {
  authorizationBytesOf,
  MAX_CALL_BYTES,
  signBytesOf,
  type Transaction,
  type TransactionBody,
  transaction,
  transactionBody,
  transactionId,
  transactionSignBytes,
} from './transaction/transaction.ts';
export { answerableKeys } from './validators/conduct.ts';
export { type JoinValidators, joinValidatorsShape } from './validators/messages/join.ts';
export { type LeaveValidators, leaveValidatorsShape } from './validators/messages/leave.ts';
export { type UnjailValidator, unjailValidatorShape } from './validators/messages/unjail.ts';
export { proposerPayee } from './validators/reward.ts';
export { rosterCell, type Validator, validatorSignBytes } from './validators/state.ts';
export { type PublishCalibration, publishCalibrationShape } from './verification/messages/calibrations.ts';
export {
  type Accuse,
  type Answer,
  accuseShape,
  answerShape,
  type Support,
  supportShape,
} from './verification/messages/cases.ts';
export { calibrations, cases } from './verification/state.ts';
export { type SecretWeights, TIMELOCK_SCHEME, weightsCommitment } from './yuma/commit-scheme.ts';
export {
  DEFAULT_EPOCH_PARAMETERS,
  DEFAULT_LIQUID_ALPHA,
  type EpochInput,
  type EpochOutput,
  type EpochParameters,
  type LiquidAlpha,
  type SparseRow,
} from './yuma/math/epoch-input.ts';
export { resetBonds } from './yuma/math/rows.ts';
export { runEpoch } from './yuma/math/run-epoch.ts';
export { choosePermits } from './yuma/math/stake.ts';
export { capStakes } from './yuma/math/stake-cap.ts';
export { weighByTrust } from './yuma/math/trusted-dividends.ts';
export { type AttestEvidence, attestEvidenceShape, MAX_ATTESTED } from './yuma/messages/attest-evidence.ts';
export { type CommitSalt, commitSaltShape, MAX_BOUND_SALTS } from './yuma/messages/commit-salt.ts';
export {
  type CommitTimelocked,
  commitTimelockedShape,
  MAX_TIMELOCKED_BYTES,
  type TimelockedWeights,
  timelockedWeightsShape,
} from './yuma/messages/commit-timelocked.ts';
export { type CommitWeights, commitWeightsShape } from './yuma/messages/commit-weights.ts';
export { type PostPulse, postPulseShape } from './yuma/messages/post-pulse.ts';
export { type RevealWeights, revealWeightsShape } from './yuma/messages/reveal-weights.ts';
export { type SetWeights, setWeightsShape } from './yuma/messages/set-weights.ts';
export { bytesToRow, rowToBytes } from './yuma/row-bytes.ts';
export { isSaltRipe } from './yuma/salt-rules.ts';
export { firstSeed, nextSeed } from './yuma/seed.ts';
export {
  attestations,
  bonds,
  epochs,
  mechanismResults,
  type Salt,
  type ScheduledEpoch,
  saltCommitment,
  salts,
  scheduleCell,
  type Weights,
  type WeightsCommit,
  weights,
  weightsCommits,
} from './yuma/state.ts';
export { lockOfEpoch } from './yuma/timelock/rounds.ts';
export {
  openingsCell,
  type SealedWeights,
  sealedWeights,
  type Timelock,
  timelocks,
} from './yuma/timelock/state.ts';
