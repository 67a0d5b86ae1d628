import { account, bytes32, struct, text, type ValueOf } from '@cairn/core';

/** Sent by the wallet, which puts up the bond and is paid. */
export const joinRunShape = struct('JoinRun', {
  run: bytes32,
  /** Account whose key the machine has: it sends updates and pays their fees. May be the wallet. */
  device: account,
  /** Class of its engine; in an exact run that of the run. */
  engineClass: bytes32,
  /** Name or address of the machine on the network. */
  peer: text(200),
});
export type JoinRun = ValueOf<typeof joinRunShape>;

/** Sent by the wallet or the device. */
export const leaveRunShape = struct('LeaveRun', { run: bytes32, device: account });
export type LeaveRun = ValueOf<typeof leaveRunShape>;
