// The floor of a pull: reads an image's layers from a registry, three at a time, inflates and hashes both sides on
// worker threads, and writes the blobs. It indexes nothing, resumes nothing and syncs nothing.
//
//   node bench/pull/floor.mjs HOST/REPOSITORY:TAG FOLDER
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { Agent, request } from 'undici';

const CONCURRENCY = 3;
const BATCH_BYTES = 1024 * 1024;
/** The workers' young generation holds only dead socket buffers; a small one stays in the processor's cache. */
const YOUNG_GENERATION_MB = 4;

const agent = new Agent();

if (isMainThread) {
  const [name, folder] = process.argv.slice(2);
  if (name === undefined || folder === undefined)
    throw new Error('usage: floor.mjs HOST/REPOSITORY:TAG FOLDER');
  await main(name, folder);
} else {
  parentPort?.on(
    'message',
    (layer) => void fetchLayer(layer).then((facts) => parentPort?.postMessage(facts)),
  );
}

/**
 * @param {string} name
 * @param {string} folder
 */
async function main(name, folder) {
  const { base, tag } = /^(?<base>.+):(?<tag>[^:/]+)$/.exec(name)?.groups ?? {};
  const [host, ...path] = (base ?? name).split('/');
  const url = `http://${host}/v2/${path.join('/')}`;
  const workers = Array.from(
    { length: CONCURRENCY },
    () =>
      new Worker(new URL(import.meta.url), {
        workerData: { url, folder },
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      }),
  );
  const manifest = JSON.parse((await readAll(`${url}/manifests/${tag}`)).toString());
  const config = JSON.parse((await readAll(`${url}/blobs/${manifest.config.digest}`)).toString());
  // The biggest first: none is left over to run alone at the end.
  const queue = manifest.layers
    .map((/** @type {object} */ layer, /** @type {number} */ index) => ({
      ...layer,
      diffId: config.rootfs.diff_ids[index],
    }))
    .sort((/** @type {{size: number}} */ a, /** @type {{size: number}} */ b) => b.size - a.size);
  await Promise.all(
    workers.map(async (worker) => {
      for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) {
        worker.postMessage(layer);
        const facts = await new Promise((resolve, reject) =>
          worker.once('message', resolve).once('error', reject),
        );
        if (facts.digest !== layer.digest || facts.diffId !== layer.diffId)
          throw new Error(`${layer.digest} differs`);
      }
    }),
  );
  process.exit(0);
}

/** @param {string} url */
async function open(url) {
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
  const { statusCode, body } = await request(url, { dispatcher: agent, headers });
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
  return body;
}

/** @param {string} url */
async function readAll(url) {
  const chunks = [];
  for await (const chunk of await open(url)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {{digest: string}} layer */
async function fetchLayer({ digest }) {
  const compressed = createHash('sha256');
  const unpacked = createHash('sha256');
  const inflate = inflater((bytes) => unpacked.update(bytes));
  const file = openSync(join(workerData.folder, digest.slice('sha256:'.length)), 'w');
  const batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let filled = 0;
  const flush = () => {
    const bytes = batch.subarray(0, filled);
    for (let written = 0; written < filled;) written += writeSync(file, bytes, written);
    compressed.update(bytes);
    inflate(bytes);
    filled = 0;
  };
  for await (const chunk of await open(`${workerData.url}/blobs/${digest}`)) {
    for (let taken = 0; taken < chunk.length;) {
      const copied = chunk.copy(batch, filled, taken);
      taken += copied;
      filled += copied;
      if (filled === BATCH_BYTES) flush();
    }
  }
  flush();
  closeSync(file);
  return { digest: `sha256:${compressed.digest('hex')}`, diffId: `sha256:${unpacked.digest('hex')}` };
}

/**
 * Gunzips on the calling thread, through the handle beneath node:zlib's stream: the stream itself goes to the thread
 * pool and back for each chunk, which costs a fifth of the whole where there are no idle cores.
 * @param {(bytes: Buffer) => void} take gets bytes that are valid only during the call
 */
function inflater(take) {
  const stream = /** @type {any} */ (createGunzip());
  const handle = stream._handle;
  const out = Buffer.allocUnsafeSlow(BATCH_BYTES);
  handle.onerror = (/** @type {string} */ message) => {
    throw new Error(message);
  };
  return (/** @type {Buffer} */ bytes) => {
    for (let left = bytes.length; ;) {
      handle.writeSync(0, bytes, bytes.length - left, left, out, 0, BATCH_BYTES);
      const [room, unread] = stream._writeState;
      if (room < BATCH_BYTES) take(out.subarray(0, BATCH_BYTES - room));
      left = unread;
      if (room > 0) return;
    }
  };
}
