import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { Alias } from './alias.ts';
import type { ModelCard } from './card.ts';
import type { Evaluation } from './evaluation.ts';
import type { Offer } from './offer.ts';
import type { Provider } from './provider.ts';

export function modelPublished(context: BlockContext, model: Uint8Array, card: ModelCard): void {
  const data = {
    model: bytesToHex(model),
    modelName: card.name,
    version: card.version,
    owner: accountIdToAddress(card.owner),
  };
  context.emit('registry.modelPublished', data);
}

export function modelRetired(context: BlockContext, model: Uint8Array, card: ModelCard): void {
  context.emit('registry.modelRetired', { model: bytesToHex(model), modelName: card.name });
}

export function royaltiesCleared(context: BlockContext, model: Uint8Array, artifact: Uint8Array): void {
  context.emit('registry.royaltiesCleared', { model: bytesToHex(model), artifact: bytesToHex(artifact) });
}

export function offerPublished(context: BlockContext, id: Uint8Array, { provider, terms }: Offer): void {
  context.emit('registry.offerPublished', {
    offer: bytesToHex(id),
    provider: accountIdToAddress(provider),
    model: bytesToHex(terms.model),
    netuid: terms.netuid,
  });
}

export function offerWithdrawn(context: BlockContext, id: Uint8Array, { provider }: Offer): void {
  context.emit('registry.offerWithdrawn', { offer: bytesToHex(id), provider: accountIdToAddress(provider) });
}

export function providerSet(context: BlockContext, { account, devices, region }: Provider): void {
  context.emit('registry.providerSet', {
    provider: accountIdToAddress(account),
    devices: devices.length,
    region,
  });
}

export function providerRemoved(context: BlockContext, { account }: Provider): void {
  context.emit('registry.providerRemoved', { provider: accountIdToAddress(account) });
}

export function aliasSet(context: BlockContext, { name, tag, owner, models }: Alias): void {
  context.emit('registry.aliasSet', {
    alias: `${name}:${tag}`,
    owner: accountIdToAddress(owner),
    models: models.map(bytesToHex),
  });
}

export function aliasRemoved(context: BlockContext, { name, tag, owner }: Alias): void {
  context.emit('registry.aliasRemoved', { alias: `${name}:${tag}`, owner: accountIdToAddress(owner) });
}

export function evaluationPosted(context: BlockContext, { validator, measurement }: Evaluation): void {
  const { netuid, model, artifact, task, right, trials } = measurement;
  context.emit('registry.evaluationPosted', {
    netuid,
    model: bytesToHex(model),
    artifact: bytesToHex(artifact),
    validator: accountIdToAddress(validator),
    task,
    right,
    trials,
  });
}

export function evaluationWithdrawn(context: BlockContext, { validator, measurement }: Evaluation): void {
  context.emit('registry.evaluationWithdrawn', {
    model: bytesToHex(measurement.model),
    artifact: bytesToHex(measurement.artifact),
    validator: accountIdToAddress(validator),
    task: measurement.task,
  });
}
