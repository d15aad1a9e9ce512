import { expect, it } from 'vitest';
import { sha256 } from '../oci/digest.ts';
import { diskUsage } from './diskUsage.ts';
import type { ImageSummary } from './types.ts';

/** An image of these layers; a layer is named by a letter, and has that letter's size. */
const SIZES: Readonly<Record<string, number>> = { a: 1000, b: 200, c: 30, d: 4 };

function image(letters: string): ImageSummary {
  const layers = Array.from(letters, (letter) => ({ diffId: sha256(letter), size: SIZES[letter] ?? 0 }));
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  return { id: sha256(letters), layers, size } as unknown as ImageSummary;
}

it('counts each layer once on what stands below it', () => {
  const images = ['ab', 'abc', 'abd', 'b', 'cc'].map(image);
  const usage = diskUsage(images, () => [], 77);
  expect(usage.images.map(({ sharedSize, uniqueSize }) => [sharedSize, uniqueSize])).toEqual([
    [1200, 0],
    [1200, 30],
    [1200, 4],
    // The layer b again, but at the bottom.
    [0, 200],
    [0, 60],
  ]);
  expect(usage.layersSize).toBe(1200 + 30 + 4 + 200 + 60);
  expect(usage.sumOfSizes).toBe(1200 + 1230 + 1204 + 200 + 60);
  expect([usage.reclaimableSize, usage.bytesOnDisk]).toEqual([usage.layersSize, 77]);
});

it('takes what containers use from what can be had back', () => {
  const [base, app] = ['ab', 'abc'].map(image);
  const images = [base, app].filter((each) => each !== undefined);
  const usersOf = (id: string): { id: string; running: boolean }[] =>
    id === app?.id ? [{ id: 'x', running: false }] : [];
  const usage = diskUsage(images, usersOf, 0);
  expect(usage.images.map(({ containers }) => containers)).toEqual([0, 1]);
  expect(usage.reclaimableSize).toBe(1200);
});

it('is nothing where nothing is', () => {
  expect(diskUsage([], () => [], 5)).toEqual({
    images: [],
    layersSize: 0,
    reclaimableSize: 0,
    sumOfSizes: 0,
    bytesOnDisk: 5,
  });
});
