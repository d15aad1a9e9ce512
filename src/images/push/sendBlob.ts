import { uploadBlob } from '../../registry/index.ts';
import type { Digest } from '../../oci/digest.ts';
import { openContent } from './content.ts';
import type { UploadJob, UploadResult } from './messages.ts';
import type { RemotePorts } from './remoteBytes.ts';

export interface SendPorts extends RemotePorts {
  /** Bytes of the size that a person was told. */
  readonly onProgress: (current: number) => void;
}

/**
 * Sends one blob, on whichever thread it is called.
 * @throws StrataError `registry-*`, `push-denied`, `file-unreadable`, `size-mismatch`, `digest-mismatch`
 */
export async function sendBlob(job: Omit<UploadJob, 'transport'>, ports: SendPorts): Promise<UploadResult> {
  const content = openContent(job.content, ports);
  let reportedAt = 0;
  const onProgress = (current: number): void => {
    const now = performance.now();
    if (now - reportedAt < job.progressIntervalMs) return;
    reportedAt = now;
    ports.onProgress(content.shown(current));
  };
  try {
    const digest: Digest = await uploadBlob(job.request, content, { ...ports, onProgress });
    return { digest, size: content.length() };
  } finally {
    await content.close();
  }
}
