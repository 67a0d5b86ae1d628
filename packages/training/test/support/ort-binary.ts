import { fileURLToPath } from 'node:url';

/** The binary of the exact engine in this installation. */
export const ortBinary = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));

/** The same with WebGPU. */
export const webgpuBinary = fileURLToPath(
  import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm'),
);
