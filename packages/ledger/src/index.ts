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
export { type Injection, type InjectionFacts, injectEmission } from './emission/injection.ts';
export { type RootFacts, rootProportion } from './emission/root-proportion.ts';
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
export { ONE_Q96 } from './fraction/exponential.ts';
export type { Ratio } from './fraction/ratio.ts';
export { chainIdOf, type Genesis, genesisShape, genesisState } from './genesis/genesis.ts';
export { genesisCell } from './genesis/state.ts';
export { MODULES } from './modules.ts';
export type { ParameterDefinition } from './parameters/definition.ts';
export { readParameters } from './parameters/state.ts';
export {
  PARAMETER_NAMES,
  PARAMETERS,
  type ParameterName,
  type Parameters,
} from './parameters/table.ts';
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
export {
  CONVICTION_BITS,
  decayOver,
  rollLock,
  type StakeLock,
  type StakeLockRules,
} from './staking/math/lock.ts';
export { type ParentDividends, type ParentFacts, shareWithParents } from './staking/math/parent-dividends.ts';
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
export { type SecretWeights, weightsCommitment } from './yuma/commit-scheme.ts';
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
export {
  type AttestEvidence,
  attestEvidenceShape,
  MAX_ATTESTED,
} from './yuma/messages/attest-evidence.ts';
export { type CommitSalt, commitSaltShape, MAX_BOUND_SALTS } from './yuma/messages/commit-salt.ts';
export { type CommitWeights, commitWeightsShape } from './yuma/messages/commit-weights.ts';
export { type RevealWeights, revealWeightsShape } from './yuma/messages/reveal-weights.ts';
export { type SetWeights, setWeightsShape } from './yuma/messages/set-weights.ts';
export { bytesToRow, rowToBytes } from './yuma/row-bytes.ts';
export { isSaltRipe } from './yuma/salt-rules.ts';
export { firstSeed, nextSeed } from './yuma/seed.ts';
export {
  attestations,
  bonds,
  epochs,
  type Salt,
  saltCommitment,
  salts,
  type Weights,
  type WeightsCommit,
  weights,
  weightsCommits,
} from './yuma/state.ts';
