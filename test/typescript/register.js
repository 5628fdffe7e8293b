// For `node --import`: runs TypeScript as it stands, the library from its source, so that a process of a test is never older than its code.
import { register } from 'node:module';

register('./hooks.js', import.meta.url);
