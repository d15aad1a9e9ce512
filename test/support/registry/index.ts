import { requireBasic } from './auth.ts';
import { serveBlob } from './blobs.ts';
import { DiskBlobs } from './diskBlobs.ts';
import { errorReply, RegistryFailure } from './http.ts';
import type { Handler, Middleware, Reply } from './http.ts';
import type { Content } from './manifests.ts';
import { MemoryBlobs } from './memoryBlobs.ts';
import { Repositories } from './repositories.ts';
import { createRouter } from './router.ts';
import { checkDigest } from './routes.ts';
import { startService } from './service.ts';
import type { Service, ServiceOptions } from './service.ts';
import { startTokenService } from './tokens.ts';
import type { TokenOptions, TokenService } from './tokens.ts';
import { Uploads } from './uploads.ts';

export * from './faults.ts';

export interface RegistryOptions extends ServiceOptions {
  /** The folder that keeps everything; in memory unless given. */
  readonly root?: string;
}

/** A running registry that can be told to fail. `faults` stand before the sign-in, so that they see every request. */
export interface TestRegistry extends Service {
  /** From now on a bearer token is asked for, given by a service of its own that this starts. */
  requireTokens(options?: TokenOptions): Promise<TokenService>;
  /** From now on HTTP Basic is asked for: password by name. */
  requireBasic(users: Readonly<Record<string, string>>): void;
  /** Asks for nothing again. */
  allowAnyone(): void;
  /** Starts the other origin that `redirectBlobsTo(url)` sends clients to. It refuses any Authorization, as object stores do. */
  startBlobHost(): Promise<Service>;
  /** Starts another origin that takes this registry's uploads (`sendUploadsTo(url)`), and refuses any Authorization. */
  startUploadHost(): Promise<Service>;
}

/** @throws the system's error when the port is taken. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const blobs = options.root === undefined ? new MemoryBlobs() : await DiskBlobs.open(options.root);
  const content: Content = { blobs, repositories: await Repositories.open(options.root) };
  const uploads = new Uploads(content);
  const router = createRouter(content, uploads);
  const companions: Service[] = [];
  let guard: Middleware | undefined;
  const service = await startService(
    (request) => (guard === undefined ? router(request) : guard(request, router)),
    options,
  );
  return {
    ...service,
    async requireTokens(tokenOptions) {
      const tokens = await startTokenService(tokenOptions);
      companions.push(tokens);
      ({ guard } = tokens);
      return tokens;
    },
    requireBasic(users) {
      guard = requireBasic(users);
    },
    allowAnyone() {
      guard = undefined;
    },
    async startBlobHost() {
      const host = await startService(blobHost(content));
      companions.push(host);
      return host;
    },
    async startUploadHost() {
      const host = await startService(async (request) =>
        request.headers.authorization === undefined ? await router(request) : refused(),
      );
      companions.push(host);
      return host;
    },
    async close() {
      await Promise.all([service, ...companions].map((each) => each.close()));
      await uploads.close();
    },
  };
}

function refused(): Reply {
  return errorReply(400, 'INVALID', 'only one authentication mechanism is allowed');
}

function blobHost(content: Content): Handler {
  return async (request) => {
    if (request.headers.authorization !== undefined) return refused();
    try {
      const digest = checkDigest(request.path.replace('/blobs/', ''));
      return await serveBlob(content.blobs, digest, request.headers.range);
    } catch (error) {
      if (error instanceof RegistryFailure) return error.reply;
      throw error;
    }
  };
}
