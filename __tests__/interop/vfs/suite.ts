import { suiteOf } from './original.ts';

export const suite = suiteOf('v1.2.0', 'new');
