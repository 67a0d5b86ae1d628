/**
 * Running models: llama.cpp in this process, any OpenAI-compatible upstream, and an echo for tests; where model
 * files come from, what they contain and what they hash to; what this machine can run. Running strangers' code: as
 * functions on threads, as OCI images in containers.
 *
 * @module
 */
export {
  type ContainerHost,
  type ContainerHostOptions,
  type ContainerHostParts,
  createContainerHost,
  type HostedImage,
  type ImageOrder,
} from './container/container-host.ts';
export {
  createEchoEngine,
  type EchoEngineOptions,
  type EchoEngineParts,
  type EchoFault,
  echoTokenId,
} from './echo-engine.ts';
export { EngineError, type EngineProblem } from './errors.ts';
export { type ImageArchive, openImageArchive } from './image/archive-file.ts';
export { type ImageOutline, outlineImage } from './image/fetch-image.ts';
export type { ImageSource } from './image/image-source.ts';
export {
  type Descriptor,
  imageArchitecture,
  imageRefused,
  MAX_MANIFEST_BYTES,
  NETWORK_LABEL,
} from './image/manifest.ts';
export {
  createRegistrySource,
  nameRepository,
  parseRepository,
  type RegistryOptions,
  type Repository,
} from './image/registry.ts';
export {
  createLlamaEngine,
  type LlamaBuild,
  type LlamaEngine,
  type LlamaEngineOptions,
  type LlamaEngineParts,
} from './llama/llama-engine.ts';
export {
  type EnginePackageKind,
  type EnginePackages,
  findEnginePackages,
  LLAMA_PACKAGE_VERSION,
  type MachineKind,
} from './machine/engine-packages.ts';
export {
  createMachineParts,
  type Gpu,
  type GpuPackage,
  inspectMachine,
  type MachineParts,
  type MachineReport,
} from './machine/inspect-machine.ts';
export { placeEnginePackages } from './machine/place-packages.ts';
export {
  type DownloadedFile,
  type DownloadOptions,
  type DownloadParts,
  type DownloadProgress,
  downloadFile,
} from './models/download.ts';
export { DIGEST_CHUNK_BYTES, digestFile, type FileDigest } from './models/file-digest.ts';
export { type GgufFile, readGgufFile } from './models/gguf-file.ts';
export {
  type GgufArray,
  type GgufHeader,
  GgufIncomplete,
  GgufMalformed,
  type GgufValue,
  parseGgufHeader,
} from './models/gguf-header.ts';
export { type ModelSource, parseModelSource } from './models/model-source.ts';
export {
  createThreadSandbox,
  type ThreadSandboxOptions,
  type ThreadSandboxParts,
} from './sandbox/thread-sandbox.ts';
export { requireSelfTest } from './self-test.ts';
export {
  type Candidate,
  discoverUpstreams,
  type UpstreamServer,
  USUAL_SERVERS,
} from './upstream/discover.ts';
export type { UpstreamKind, UpstreamModel } from './upstream/list-models.ts';
export {
  createUpstreamEngine,
  type UpstreamEngineOptions,
  type UpstreamEngineParts,
} from './upstream/upstream-engine.ts';
