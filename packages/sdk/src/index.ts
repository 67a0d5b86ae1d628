/**
 * Wallet, ledger client, inference client, channels. Runs in browsers too.
 *
 * @module
 */

export {
  type Call,
  CHILD_PROPORTION_ONE,
  callHashOf,
  callShape,
  type DepositedRecord,
  depositOfModel,
  depositOfProvider,
  depositOfRecord,
  type FillStatus,
  findCardFault,
  hotkeySignBytes,
  inheritRoyalties,
  isTask,
  keyConsentBytes,
  MAX_ROYALTY_BPS,
  MODEL_KINDS,
  type ModelCard,
  type ModelKind,
  type Multisig,
  modelCardShape,
  modelIdOf,
  multisigAccountOf,
  multisigFault,
  PURPOSE_NAMES,
  royaltiesShape,
  SUB_KEY_MESSAGES,
  validatorSignBytes,
  X_WING_KEY_BYTES,
} from '@cairn/ledger';
export { type Allowance, createAllowedChannelLedger, fetchAllowance } from './channels/allowance.ts';
export {
  type ChannelLedger,
  createChannelLedger,
  type FoundChannel,
  type OwnChannel,
} from './channels/channel-ledger.ts';
export type { ExpectedAnswer, ExpectedCounts, ReceivedAnswer } from './channels/check-receipt.ts';
export { MAX_PREPAY_TOKENS } from './channels/check-terms.ts';
export { createPayer, type Payer, type PayerOptions, type PayerParts } from './channels/payer.ts';
export type { PayerChannelRecord } from './channels/payer-record.ts';
export type { AnswerAsSeen, PayerChannel, Payment, Settlement } from './channels/payment.ts';
export { type Sold, type SoldAs, soldByHub, soldByProvider } from './channels/sold-as.ts';
export {
  type CallOutcome,
  type CallParts,
  type CallRequest,
  callFunction,
  type FunctionPlace,
} from './compute/call-function.ts';
export {
  type BoughtChunk,
  type BuyParts,
  type BuyRequest,
  buyChunk,
  chunkPrice,
  chunkText,
  type DatasetForSale,
} from './data/buy-chunk.ts';
export { fetchSample, type SampleParts } from './data/fetch-sample.ts';
export { SdkError, type SdkProblem } from './errors.ts';
export { addFee, type HubToPay } from './inference/hub.ts';
export { type InferEvent, type InferParts, type InferRequest, infer } from './inference/infer.ts';
export { createRelayedTransport } from './inference/relayed-transport.ts';
export { type HowOpened, SEAL_MODES, type SealMode, type SealParts } from './inference/seal.ts';
export {
  type AccountClient,
  type AccountClientParts,
  createAccountClient,
  type SendOptions,
} from './ledger/account-client.ts';
export { type DescribedCall, describeCall, messageToCall } from './ledger/call.ts';
export { createHttpFetch, type HttpFetchOptions, type HttpFetchParts } from './ledger/http-fetch.ts';
export { findMessage, MESSAGE_NAMES, requireMessage } from './ledger/message-index.ts';
export { fetchPages } from './ledger/pages.ts';
export { fetchParameters } from './ledger/parameters.ts';
export { type PoolState, type QuotedOrder, quoteOrder, type TradeQuote } from './ledger/quote-order.ts';
export { connectRpcLedger, type RpcFetch, type RpcLedger } from './ledger/rpc-ledger.ts';
export {
  type SealedOrderMessages,
  type SealedOrderRequest,
  sealOrder,
  untilOpenable,
} from './ledger/sealed-order.ts';
export {
  type SignedTransaction,
  signTransaction,
  type TransactionRequest,
} from './ledger/transaction-builder.ts';
export {
  type LightClient,
  type LightClientOptions,
  type LightClientParts,
  type LightSource,
  type LightStore,
  openLightClient,
  type ProvedValue,
} from './light/light-client.ts';
export {
  type ProvedState,
  type ReadProvedOptions,
  type ReadProvedParts,
  readProved,
} from './light/read-proved.ts';
export { createRpcLightSource, type StateSource } from './light/rpc-source.ts';
export {
  accountFromState,
  accountStateKey,
  describeStateValue,
  modelFromState,
  modelNameFromState,
  modelNameStateKey,
  modelStateKey,
  parameterFromState,
  parameterStateKey,
  proposalFromState,
  proposalStateKey,
  providerFromState,
  providerStateKey,
} from './light/state-values.ts';
export { trustingPeriodOf } from './light/trusting-period.ts';
export { combineScores, type Measured, type Score, wilsonScore } from './market/confidence.ts';
export { measuredTasks, rankModels, type Standing, scoreOf } from './market/leaderboard.ts';
export {
  findLicenceFault,
  findLineageFault,
  isLicenceAmong,
  type LicenceTraits,
  traitsOf,
} from './market/licence.ts';
export { lineageOf, type Relative } from './market/lineage.ts';
export {
  fetchEvaluations,
  fetchModelOffers,
  fetchModels,
  fetchRegistry,
  type Registry,
  type RegistryEvaluation,
  type RegistryModel,
  type RegistryOffer,
} from './market/registry.ts';
export { type FoundModel, type LatencyOf, type ModelWishes, searchModels } from './market/search.ts';
export { createRunLedger, createRunReader, type RunLedgerParts } from './training/run-ledger.ts';
export { fetchCheckpoints, fetchSeats } from './training/run-views.ts';
export {
  type KeystoreContents,
  openKeystore,
  type SealKeystoreOptions,
  sealKeystore,
} from './wallet/keystore.ts';
export {
  accountPath,
  type CreateWalletOptions,
  createWallet,
  importWallet,
  type Wallet,
  type WalletParts,
  walletSigner,
} from './wallet/wallet.ts';
export { createPayingFetch, type PayingFetch } from './x402/paying-fetch.ts';
export {
  type CairnPayment,
  isPaymentSignedBy,
  isPlainVoucherSignedBy,
  type PaymentSigner,
  paymentFromJson,
  paymentToJson,
  signPayment,
  signPlainVoucher,
} from './x402/payment.ts';
export { createX402Scheme, type X402ClientScheme } from './x402/scheme.ts';
export {
  createX402Wallet,
  type X402Wallet,
  type X402WalletOptions,
  type X402WalletParts,
} from './x402/wallet.ts';
export {
  decodeX402,
  encodeX402,
  X402_ASSET,
  X402_SCHEMES,
  X402_VERSION,
  type X402Payment,
  type X402Required,
  type X402Requirements,
  type X402Scheme,
  type X402Settled,
  x402Network,
} from './x402/wire.ts';
