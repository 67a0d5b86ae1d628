import { account, bytes32, struct, u64, type ValueOf } from '@cairn/core';

export const accuseShape = struct('Accuse', {
  /** Hotkey that signed the receipt. */
  provider: account,
  /** Id of the receipt. */
  receipt: bytes32,
  /** Block in which the answer was given, at the latest: stake that left before it is not reached. */
  offenceHeight: u64,
  /** SHA-256 of what shows the fault, which peers serve. */
  evidence: bytes32,
});
export type Accuse = ValueOf<typeof accuseShape>;

export const supportShape = struct('Support', {
  receipt: bytes32,
  /** The provider's answer that was looked at; zero when there is none yet. */
  reveal: bytes32,
});
export type Support = ValueOf<typeof supportShape>;

export const answerShape = struct('Answer', {
  receipt: bytes32,
  /** SHA-256 of what the provider shows, which peers serve; not zero. */
  reveal: bytes32,
});
export type Answer = ValueOf<typeof answerShape>;
