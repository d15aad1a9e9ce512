import { expect, it } from 'vitest';
import { testImage } from './testImages.ts';
import { LayerUses } from './totals.ts';

const base = testImage('base', { layers: ['a100'] });
// The same layer twice: images have that.
const app = testImage('app', { layers: ['a100', 'b20', 'b20'] });
const other = testImage('other', { layers: ['c3'] });
const uses = new LayerUses([base, app, other]);

it('counts each layer once, and as their own what no other image has', () => {
  expect(uses.totals([])).toEqual({ count: 0, size: 0, ownSize: 0 });
  expect(uses.totals([base])).toEqual({ count: 1, size: 100, ownSize: 0 });
  expect(uses.totals([app])).toEqual({ count: 1, size: 120, ownSize: 20 });
  expect(uses.totals([app, base])).toEqual({ count: 2, size: 120, ownSize: 120 });
});

it('takes an image that is selected twice for one', () => {
  expect(uses.totals([other, other])).toEqual({ count: 1, size: 3, ownSize: 3 });
});
