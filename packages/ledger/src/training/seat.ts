import {
  type AccountId,
  account,
  bool,
  bytesToHex,
  struct,
  text,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';

/** One machine of a wallet in a run. Numbers are given once: who comes back has another seat. */
export const seatShape = struct('Seat', {
  /** Who put up the bond and is paid. */
  wallet: account,
  /** Whose key speaks for the machine. */
  device: account,
  /** Name or address of the machine on the network. */
  peer: text(200),
  joinedSlot: u64,
  /** Slot at which it left or lost its place; 0: it has it. */
  leftSlot: u64,
  /** Pebbles that are held. */
  bond: u64,
  /** Rounds that it was paid for. */
  paidRounds: u32,
  /** Rounds it missed one after another. */
  missed: u16,
  /** The latest round in which it committed an update; 0: none. */
  lastRound: u32,
  openCases: u16,
  /** What it earned vests no more. */
  isConvicted: bool,
  /** Pay whose window closed while a case is open, in pebbles. */
  heldPay: u64,
  /** Pay that vested. */
  paid: u64,
  /** Refundable deposit of its records, paid by the wallet. */
  deposit: u64,
});
export type Seat = ValueOf<typeof seatShape>;

/** `<run hex>/<seat>` → seat. */
export const seats = defineTable('training', 'seat', seatShape);

/** Decimal of fixed width for numbers below 2^32, so that ids order as numbers. */
export const wideId = (number: number): string => number.toString().padStart(10, '0');
export const seatKey = (run: Uint8Array, seat: number): string => `${bytesToHex(run)}/${wideId(seat)}`;

/** `<run hex>/<device hex>` → the seat that a device has now. */
export const devices = defineTable('training', 'device', struct('SeatOfDevice', { seat: u32 }));
export const deviceKey = (run: Uint8Array, device: AccountId): string =>
  `${bytesToHex(run)}/${bytesToHex(device)}`;
