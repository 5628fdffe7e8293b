import type { Answer, Closing, JobMessage, Preparation } from '../protocol.js' with {
  'resolution-mode': 'import',
};

/**
 * What piscina loads, which would require a module of any kind. Node ends its process when a thread is terminated while it requires an ES
 * module, and a thread may be given up at any moment: from here, the host is imported.
 */
const host = import('./host.js');

export = async function perform(message: Preparation | JobMessage | Closing): Promise<Answer> {
  return await (await host).default(message);
};
