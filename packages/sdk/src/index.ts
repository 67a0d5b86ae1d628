/**
 * Wallet, ledger client, inference client, channels. Runs in browsers too.
 *
 * @module
 */

export { type Allowance, createAllowedChannelLedger, fetchAllowance } from './channels/allowance.ts';
export { type ChannelLedger, type FoundChannel, type OwnChannel, createChannelLedger } from './channels/channel-ledger.ts';
export type { ExpectedAnswer, ExpectedCounts, ReceivedAnswer } from './channels/check-receipt.ts';
export { MAX_PREPAY_TOKENS } from './channels/check-terms.ts';
export type { PayerChannelRecord } from './channels/payer-record.ts';
export { type Payer, type PayerOptions, type PayerParts, createPayer } from './channels/payer.ts';
export type { AnswerAsSeen, PayerChannel, Payment, Settlement } from './channels/payment.ts';
export { type Sold, type SoldAs, soldByHub, soldByProvider } from './channels/sold-as.ts';
export { type CallOutcome, type CallParts, type CallRequest, type FunctionPlace, callFunction } from './compute/call-function.ts';
export { type BoughtChunk, type BuyParts, type BuyRequest, type DatasetForSale, buyChunk, chunkPrice, chunkText } from './data/buy-chunk.ts';
export { type SampleParts, fetchSample } from './data/fetch-sample.ts';
export { SdkError, type SdkProblem } from './errors.ts';
export { type HubToPay, addFee } from './inference/hub.ts';
export { type InferEvent, type InferParts, type InferRequest, infer } from './inference/infer.ts';
export { createRelayedTransport } from './inference/relayed-transport.ts';
export { SEAL_MODES, type SealMode, type SealParts } from './inference/seal.ts';
export { type AccountClient, type AccountClientParts, type SendOptions, createAccountClient } from './ledger/account-client.ts';
export { type DescribedCall, describeCall, messageToCall } from './ledger/call.ts';
export { type HttpFetchOptions, type HttpFetchParts, createHttpFetch } from './ledger/http-fetch.ts';
export { MESSAGE_NAMES, findMessage, requireMessage } from './ledger/message-index.ts';
export { fetchPages } from './ledger/pages.ts';
export { fetchParameters } from './ledger/parameters.ts';
export { type PoolState, type QuotedOrder, type TradeQuote, quoteOrder } from './ledger/quote-order.ts';
export { type RpcFetch, type RpcLedger, connectRpcLedger } from './ledger/rpc-ledger.ts';
export { type SealedOrderMessages, type SealedOrderRequest, sealOrder, untilOpenable } from './ledger/sealed-order.ts';
export { type SignedTransaction, type TransactionRequest, signTransaction } from './ledger/transaction-builder.ts';
export { type LightClient, type LightClientOptions, type LightClientParts, type LightSource, type LightStore, type ProvedValue, openLightClient } from './light/light-client.ts';
export { type ProvedState, type ReadProvedOptions, type ReadProvedParts, readProved } from './light/read-proved.ts';
export { type StateSource, createRpcLightSource } from './light/rpc-source.ts';
export { accountFromState, accountStateKey, describeStateValue, modelFromState, modelNameFromState, modelNameStateKey, modelStateKey, parameterFromState, parameterStateKey, proposalFromState, proposalStateKey, providerFromState, providerStateKey } from './light/state-values.ts';
export { trustingPeriodOf } from './light/trusting-period.ts';
export { type Measured, type Score, combineScores, wilsonScore } from './market/confidence.ts';
export { type Standing, measuredTasks, rankModels, scoreOf } from './market/leaderboard.ts';
export { type LicenceTraits, findLicenceFault, findLineageFault, isLicenceAmong, traitsOf } from './market/licence.ts';
export { type Relative, lineageOf } from './market/lineage.ts';
export { type Registry, type RegistryEvaluation, type RegistryModel, type RegistryOffer, fetchEvaluations, fetchModelOffers, fetchModels, fetchRegistry } from './market/registry.ts';
export { type FoundModel, type LatencyOf, type ModelWishes, searchModels } from './market/search.ts';
export { type RunLedgerParts, createRunLedger, createRunReader } from './training/run-ledger.ts';
export { fetchCheckpoints, fetchSeats } from './training/run-views.ts';
export { type KeystoreContents, type SealKeystoreOptions, openKeystore, sealKeystore } from './wallet/keystore.ts';
export { type CreateWalletOptions, type Wallet, type WalletParts, accountPath, createWallet, importWallet, walletSigner } from './wallet/wallet.ts';
export { type PayingFetch, createPayingFetch } from './x402/paying-fetch.ts';
export { type CairnPayment, type PaymentSigner, isPaymentSignedBy, isPlainVoucherSignedBy, paymentFromJson, paymentToJson, signPayment, signPlainVoucher } from './x402/payment.ts';
export { type X402ClientScheme, createX402Scheme } from './x402/scheme.ts';
export { type X402Wallet, type X402WalletOptions, type X402WalletParts, createX402Wallet } from './x402/wallet.ts';
export { type X402Payment, type X402Required, type X402Requirements, type X402Scheme, type X402Settled, X402_ASSET, X402_SCHEMES, X402_VERSION, decodeX402, encodeX402, x402Network } from './x402/wire.ts';
export { CHILD_PROPORTION_ONE, type Call, type DepositedRecord, type FillStatus, MAX_ROYALTY_BPS, MODEL_KINDS, type ModelCard, type ModelKind, type Multisig, PURPOSE_NAMES, SUB_KEY_MESSAGES, X_WING_KEY_BYTES, callHashOf, callShape, depositOfModel, depositOfProvider, depositOfRecord, findCardFault, hotkeySignBytes, inheritRoyalties, isTask, keyConsentBytes, modelCardShape, modelIdOf, multisigAccountOf, multisigFault, royaltiesShape, validatorSignBytes } from '@cairn/ledger';
