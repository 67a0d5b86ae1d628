const encoder = new TextEncoder();

/** Writes protocol buffers: the few wire types that ONNX models need. */
export interface ProtobufWriter {
  /** A varint field. Negative numbers take ten bytes, as `int64` fields have it. */
  integer(field: number, value: number | bigint): ProtobufWriter;
  float(field: number, value: number): ProtobufWriter;
  bytes(field: number, value: Uint8Array): ProtobufWriter;
  text(field: number, value: string): ProtobufWriter;
  message(field: number, value: ProtobufWriter): ProtobufWriter;
  /** All that was written so far. */
  finish(): Uint8Array;
}

const VARINT = 0;
const DELIMITED = 2;
const FIXED_32 = 5;

export function createProtobufWriter(): ProtobufWriter {
  let buffer = new Uint8Array(64);
  let length = 0;

  function reserve(extra: number): void {
    if (length + extra <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + extra));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  }

  function varint(value: bigint): void {
    reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      buffer[length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    buffer[length++] = Number(rest);
  }

  const tag = (field: number, wireType: number): void => varint(BigInt((field << 3) | wireType));

  const writer: ProtobufWriter = {
    integer(field, value) {
      tag(field, VARINT);
      varint(BigInt(value));
      return writer;
    },
    float(field, value) {
      tag(field, FIXED_32);
      reserve(4);
      new DataView(buffer.buffer).setFloat32(length, value, true);
      length += 4;
      return writer;
    },
    bytes(field, value) {
      tag(field, DELIMITED);
      varint(BigInt(value.length));
      reserve(value.length);
      buffer.set(value, length);
      length += value.length;
      return writer;
    },
    text: (field, value) => writer.bytes(field, encoder.encode(value)),
    message: (field, value) => writer.bytes(field, value.finish()),
    finish: () => buffer.slice(0, length),
  };
  return writer;
}
