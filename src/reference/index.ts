export {
  canonicalName,
  canonicalString,
  familiarName,
  familiarString,
  parseIdPrefix,
  parseReference,
  registryHost,
  withDefaultTag,
} from './parse.ts';
export type { Reference } from './parse.ts';
