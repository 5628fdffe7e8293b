import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Unit } from './unit.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Knows every request and response of a round, without holding one. */
export class Reachable {
  private known: { unit: Unit; request: WeakRef<object>; response: WeakRef<object> }[] = [];

  add(unit: Unit, request: object, response: object): void {
    this.known.push({ unit, request: new WeakRef(request), response: new WeakRef(response) });
  }

  /** After a garbage collection: the units of whose request or response something still knows. */
  left(): Unit[] {
    collect();
    this.known = this.known.filter(
      ({ request, response }) => (request.deref() ?? response.deref()) !== undefined,
    );
    return this.known.map(({ unit }) => unit);
  }

  forget(): void {
    this.known = [];
  }
}
