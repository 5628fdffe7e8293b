/* What is loaded only where an application has an admin socket. */
export { AdminCommands } from './commands/admin-commands.js';
export { AdminServer } from './socket/admin-server.js';
export { targetOf } from './target-of.js';
