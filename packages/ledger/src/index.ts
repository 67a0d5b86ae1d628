/**
 * The deterministic state machine.
 *
 * @module
 */

export { type Batch, batchShape } from './accounts/messages/batch.ts';
export { type CloseAccount, closeShape } from './accounts/messages/close.ts';
export { type Transfer, transferShape } from './accounts/messages/transfer.ts';
export { type Account, accountShape, accounts } from './accounts/state.ts';
export { type ClaimChannel, claimChannelShape } from './channels/messages/claim.ts';
export { type CloseChannel, closeChannelShape } from './channels/messages/close.ts';
export { type OpenChannel, openChannelShape } from './channels/messages/open.ts';
export { type TopUpChannel, topUpChannelShape } from './channels/messages/top-up.ts';
export { type Channel, channelIdOf, channelShape, channels } from './channels/state.ts';
export {
  areTotalsSound,
  isVoucherSignedBy,
  MAX_CHANNEL_ARTIFACTS,
  type Voucher,
  voucherShape,
  voucherSignBytes,
} from './channels/voucher.ts';
export {
  emissionOverSlots,
  INITIAL_SLOT_EMISSION,
  slotEmission,
} from './emission/block-emission.ts';
export { clock, type SlotClock } from './emission/clock.ts';
export { pendingCell } from './emission/state.ts';
export { LedgerError, type LedgerProblem } from './errors.ts';
export { type Call, callShape } from './execution/calls.ts';
export type {
  BlockContext,
  BlockHeader,
  EventValue,
  LedgerEvent,
  MessageContext,
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
export { chainIdOf, type Genesis, genesisShape, genesisState } from './genesis/genesis.ts';
export { genesisCell } from './genesis/state.ts';
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
  agendaCell,
  delegations,
  lentPowers,
  PROPOSAL_KINDS,
  type Proposal,
  type ProposalKind,
  proposals,
  type Vote,
  votes,
  withheldPowers,
} from './governance/state.ts';
export { treasuryCell } from './governance/treasury.ts';
export { MODULES } from './modules.ts';
export type { ParameterDefinition } from './parameters/definition.ts';
export { readParameters } from './parameters/state.ts';
export {
  PARAMETER_NAMES,
  PARAMETERS,
  type ParameterName,
  type Parameters,
  whoChanges,
} from './parameters/table.ts';
export {
  ARTIFACT_FORMATS,
  type Artifact,
  artifactShape,
  findCardFault,
  MODEL_KINDS,
  type ModelCard,
  modelCardShape,
  modelIdOf,
} from './registry/card.ts';
export {
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
  type Offer,
  type OfferTerms,
  offerIdOf,
  offerShape,
  offerTermsShape,
  type Price,
  priceOf,
  priceShape,
} from './registry/offer.ts';
export { models, offers } from './registry/state.ts';
export { type AssociateHotkey, associateHotkeyShape } from './staking/messages/associate-hotkey.ts';
export { type DissociateHotkey, dissociateHotkeyShape } from './staking/messages/dissociate-hotkey.ts';
export { type SetTake, setTakeShape } from './staking/messages/set-take.ts';
export { type Stake, stakeShape } from './staking/messages/stake.ts';
export { type Unstake, unstakeShape } from './staking/messages/unstake.ts';
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
} from './staking/state.ts';
export { type Cell, defineCell, defineTable, numberId, type Table } from './state/table.ts';
export {
  createOverlay,
  type ListableView,
  type Overlay,
  type StateChange,
  type StateView,
} from './state/view.ts';
export {
  type BurnPriceRules,
  decayBurnPrice,
  decayFactorQ32,
  raiseBurnPrice,
} from './subnets/burn-price.ts';
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
export { type CreateSubnet, createSubnetShape } from './subnets/messages/create.ts';
export { type RegisterNeuron, registerNeuronShape } from './subnets/messages/register-neuron.ts';
export { type SetHyperparameters, setHyperparametersShape } from './subnets/messages/set-hyperparameters.ts';
export { type LockRules, lockCost, neuronPrice, nextLockCost } from './subnets/price.ts';
export { chooseNeuronToPrune, type PruningCandidate } from './subnets/pruning.ts';
export {
  type Neuron,
  neuronShape,
  neurons,
  type Subnet,
  subnetShape,
  subnets,
  uids,
} from './subnets/state.ts';
export {
  type CheckOptions,
  checkTransaction,
  declaredWork,
  isSignerSender,
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
export { type JoinValidators, joinValidatorsShape } from './validators/messages/join.ts';
export { type LeaveValidators, leaveValidatorsShape } from './validators/messages/leave.ts';
export { proposerPayee } from './validators/reward.ts';
export { rosterCell, type Validator, validatorSignBytes } from './validators/state.ts';
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
export { type CommitSalt, commitSaltShape } from './yuma/messages/commit-salt.ts';
export { type SetWeights, setWeightsShape } from './yuma/messages/set-weights.ts';
export { bytesToRow, rowToBytes } from './yuma/row-bytes.ts';
export { firstSeed, nextSeed } from './yuma/seed.ts';
export { bonds, epochs, type Salt, saltCommitment, salts, type Weights, weights } from './yuma/state.ts';
