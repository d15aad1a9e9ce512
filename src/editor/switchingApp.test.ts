import { expect, it, vi } from 'vitest';
import type { App } from '../app/index.ts';
import { Emitter } from '../base/events.ts';
import { SwitchingApp } from './switchingApp.ts';

/** The part of an app that matters here. */
function fakeApp(name: string, log: string[]) {
  const changed = new Emitter<undefined>();
  let opens = false;
  const app = {
    store: () => {
      log.push(`${name} opened`);
      return opens ? Promise.resolve({ root: name }) : Promise.reject(new Error('no disk'));
    },
    list: () => Promise.resolve([]),
    onDidChange: changed.event,
    close: () => Promise.resolve(void log.push(`${name} closed`)),
  };
  return {
    app: app as unknown as App,
    changed,
    repair: () => {
      opens = true;
    },
  };
}

it('watches nothing until it is used, and tries again when the store could not be opened', async () => {
  const log: string[] = [];
  const fake = fakeApp('a', log);
  const app = new SwitchingApp(() => fake.app);
  const heard = vi.fn();
  const opened = vi.fn();
  app.onDidChange(heard);
  app.onDidOpen(opened);
  await Promise.resolve();
  expect(log).toEqual([]);
  await app.list();
  await vi.waitFor(() => expect(log).toEqual(['a opened']));
  expect(app.isUsed).toBe(false);
  fake.repair();
  await vi.waitFor(async () => {
    await app.list();
    expect(app.isUsed).toBe(true);
  });
  // Whoever opened it reads it anyway: a change would have the view read it twice.
  expect(opened).toHaveBeenCalledTimes(1);
  expect(heard).not.toHaveBeenCalled();
  fake.changed.fire(undefined);
  expect(heard).toHaveBeenCalledTimes(1);
});

it('closes the old app, does what is between, and goes on with the new one', async () => {
  const log: string[] = [];
  const fakes = [fakeApp('a', log), fakeApp('b', log)];
  for (const fake of fakes) fake.repair();
  let next = 0;
  const app = new SwitchingApp(() => {
    const fake = fakes[next];
    next += 1;
    if (fake === undefined) throw new Error('too many');
    return fake.app;
  });
  const heard = vi.fn();
  app.onDidChange(heard);
  await app.list();
  await vi.waitFor(() => expect(app.isUsed).toBe(true));
  await app.reopen(() => Promise.resolve(void log.push('between')));
  expect(log).toEqual(['a opened', 'a closed', 'between']);
  await app.list();
  await vi.waitFor(() => expect(app.isUsed).toBe(true));
  heard.mockClear();
  fakes[0]?.changed.fire(undefined);
  expect(heard).not.toHaveBeenCalled();
  fakes[1]?.changed.fire(undefined);
  expect(heard).toHaveBeenCalledTimes(1);
});
