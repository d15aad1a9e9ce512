import type { Services } from '../services.ts';

/** The commands that change one thing about what the Images view shows. VS Code has no toggles in menus: each way is one. */

export async function clearImageFilter({ images }: Services): Promise<void> {
  await images.state.clearFilter();
}

export async function showOnlyDangling({ images }: Services): Promise<void> {
  await images.state.setFilter({ dangling: 'only' });
}

export async function hideDangling({ images }: Services): Promise<void> {
  await images.state.setFilter({ dangling: 'hidden' });
}

export async function showDangling({ images }: Services): Promise<void> {
  await images.state.setFilter({ dangling: 'shown' });
}

export async function showIntermediate({ images }: Services): Promise<void> {
  await images.state.setFilter({ intermediate: true });
}

export async function hideIntermediate({ images }: Services): Promise<void> {
  await images.state.setFilter({ intermediate: false });
}
