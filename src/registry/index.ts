export { openBlob } from './openBlob.ts';
export type { BlobAnswer } from './openBlob.ts';
export { createRegistry } from './registry.ts';
export type { BlobRequest, ManifestAnswer, Registry } from './types.ts';
export { uploadBlob } from './upload/uploadBlob.ts';
export type { RepositoryWriter, UploadContent, UploadRequest } from './upload/types.ts';
export { chainSources } from './auth/credentials.ts';
export type { Credentials, CredentialSource } from './auth/credentials.ts';
export { dockerConfigSource } from './auth/dockerConfig.ts';
