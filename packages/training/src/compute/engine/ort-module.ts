import type * as Ort from 'onnxruntime-common';

/** What the engines use of `onnxruntime-node` or `onnxruntime-web`, which are handed in. */
export interface OrtModule {
  readonly Tensor: typeof Ort.Tensor;
  readonly InferenceSession: typeof Ort.InferenceSession;
  readonly env: typeof Ort.env;
}

export type OrtTensor = Ort.Tensor;
export type OrtSession = Ort.InferenceSession;
export type OrtSessionOptions = Ort.InferenceSession.SessionOptions;
