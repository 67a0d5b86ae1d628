import { concatBytes, u64ToBytes } from '@cairn/core';

/** Fields of a protobuf message, in ascending order of their numbers. Default values are left out, as gogoproto does. */
export interface ProtoWriter {
  varint(field: number, value: bigint): ProtoWriter;
  fixed64(field: number, value: bigint): ProtoWriter;
  bytes(field: number, value: Uint8Array): ProtoWriter;
  /** An embedded message that is there even when it is empty. */
  message(field: number, value: Uint8Array): ProtoWriter;
  finish(): Uint8Array;
}

export function createProtoWriter(): ProtoWriter {
  const parts: Uint8Array[] = [];
  const tag = (field: number, wireType: number) => parts.push(varintBytes(BigInt((field << 3) | wireType)));
  const writer: ProtoWriter = {
    varint(field, value) {
      if (value === 0n) return writer;
      tag(field, 0);
      parts.push(varintBytes(BigInt.asUintN(64, value)));
      return writer;
    },
    fixed64(field, value) {
      if (value === 0n) return writer;
      tag(field, 1);
      parts.push(u64ToBytes(BigInt.asUintN(64, value)).reverse());
      return writer;
    },
    bytes: (field, value) => (value.length === 0 ? writer : writer.message(field, value)),
    message(field, value) {
      tag(field, 2);
      parts.push(varintBytes(BigInt(value.length)), value);
      return writer;
    },
    finish: () => concatBytes(...parts),
  };
  return writer;
}

export function varintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
