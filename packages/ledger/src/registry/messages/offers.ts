import { bytes32, struct, type ValueOf } from '@cairn/core';
import { offerTermsShape } from '../offer.ts';

export const publishOfferShape = struct('PublishOffer', { terms: offerTermsShape });
export type PublishOffer = ValueOf<typeof publishOfferShape>;

export const withdrawOfferShape = struct('WithdrawOffer', { offer: bytes32 });
export type WithdrawOffer = ValueOf<typeof withdrawOfferShape>;
