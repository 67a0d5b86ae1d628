/** ONNX Runtime as a page imports it: with its glue, without the binary. */
import * as ort from 'onnxruntime-web/wasm';

export { ort };
