import { suiteOf } from './original.ts';

/** The only version that spells the keys of its records in the old way. */
export const suite = suiteOf('v1.0.0', 'old');
