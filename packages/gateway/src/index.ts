/**
 * OpenAI-compatible HTTP in front of the open market: routing, metering, payment.
 *
 * @module
 */
export type { AgentPorts, AgentWallet, DeployOrder, DeployOutcome, PaymentOutcome } from './agents/ports.ts';
export type { X402Parts } from './agents/x402/gate.ts';
export type { Preferences } from './api/preferences.ts';
export { GatewayError, type GatewayProblem } from './errors.ts';
export { createGateway, type Gateway, type GatewayOptions, type GatewayParts } from './gateway.ts';
export { type ApiError, errorToApi } from './http/api-error.ts';
export { type Caller, type Control, type ControlOptions, createControl } from './http/control.ts';
export { createMeter, type Meter, type MeterOptions, type Reservation, type Usage } from './meter.ts';
export {
  type Catalogue,
  type CatalogueOptions,
  createLedgerCatalogue,
  type ListedModel,
  listModels,
  type RegisteredModel,
} from './route/catalogue.ts';
