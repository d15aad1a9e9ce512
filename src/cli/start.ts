import module from 'node:module';
import { join } from 'node:path';
import envPaths from 'env-paths';

// Compiling the bundle anew would take longer than most commands do. The cache is this user's own: what lies in it is
// run. A folder that cannot be written costs time only; a Node too old to know it is told off by main.ts.
if (typeof module.enableCompileCache === 'function') {
  module.enableCompileCache(join(envPaths('strata', { suffix: '' }).cache, 'compiled'));
}
void import('./main.ts');
