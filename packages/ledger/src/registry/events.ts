import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { ModelCard } from './card.ts';
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
