// A worker module for tests: has nothing of Nest, and tells what its thread has loaded.
import { Session } from 'node:inspector';

export function loaded() {
  const session = new Session();
  const urls = [];
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
  session.post('Debugger.enable'); // tells of all that there are
  session.disconnect();
  return urls.filter((url) => url.includes('/node_modules/') || url.includes('/libs/resources/'));
}
