export { restated as suite } from './original.ts';
