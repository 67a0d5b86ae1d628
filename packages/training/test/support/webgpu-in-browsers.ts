/** ONNX Runtime with WebGPU as a page imports it: with its glue, without the binary. */
import * as ort from 'onnxruntime-web/webgpu';

export { ort };
