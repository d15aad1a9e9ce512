export {
  canonicalName,
  canonicalString,
  familiarName,
  familiarParts,
  familiarRepository,
  familiarString,
  parseIdPrefix,
  parseReference,
  registryHost,
  withDefaultTag,
} from './parse.ts';
export type { Reference } from './parse.ts';
