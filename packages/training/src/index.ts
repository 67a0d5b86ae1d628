/**
 * Pre-training models together: rounds, updates, scores, checkpoints and the formats they are kept in. This door opens
 * in Node and in browsers; what needs Node (native engines, files) is behind `@cairn/training/node`.
 */
export { TrainingError, type TrainingProblem } from './errors.ts';
export { END_OF_TEXT, isLicence, type SourceRecipe, type TokenizerRecipe } from './recipe/read-data.ts';
export type { BatchRecipe, ModelRecipe } from './recipe/read-model.ts';
export type { InnerRecipe, OuterRecipe } from './recipe/read-optimiser.ts';
export { RELEASE_TYPES, type ReleaseRecipe, type ReleaseType } from './recipe/read-release.ts';
export { MAX_RECIPE_BYTES, modelOf, parseRecipe, type Recipe, readRecipe } from './recipe/recipe.ts';
export {
  ASSISTANT_MARK,
  CHAT_TEMPLATE,
  type ChatMessage,
  type ChatTokens,
  encodeChat,
  encodeQuestion,
  USER_MARK,
} from './tokenizer/chat-template.ts';
export type { LongWork } from './tokenizer/count-words.ts';
export { createTokenizer, type Tokenizer, type TokenizerModel } from './tokenizer/tokenizer.ts';
export { parseTokenizerJson, writeTokenizerJson } from './tokenizer/tokenizer-json.ts';
export {
  type ByteTokenizerOptions,
  trainByteTokenizer,
  trainCharacterTokenizer,
} from './tokenizer/train-tokenizer.ts';
export { type AdapterDescription, writeAdapterGguf } from './weights/adapter-gguf.ts';
export { createInitialWeights } from './weights/initial-weights.ts';
export { type GgufDescription, writeModelGguf } from './weights/model-gguf.ts';
export {
  ARCHITECTURES,
  type Architecture,
  countParameters,
  elementsOf,
  type ModelShape,
  NORM_EPSILON,
  ROPE_THETA,
  tensorsOf,
} from './weights/model-shape.ts';
export {
  assembleWeights,
  decodePageList,
  encodePageList,
  listPages,
  PAGE_BYTES,
  type PageList,
  type PagePlace,
  pageListShape,
  placePages,
  readPage,
  type WeightAssembly,
  weightRootOf,
} from './weights/pages.ts';
export { readSafetensors, type SafetensorsFile, writeSafetensors } from './weights/safetensors.ts';
