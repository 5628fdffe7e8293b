import { describeName } from '../../words/describe-name.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { nameOf } from '../discovery/class-of.js';

/** Where a decorator stands, as the compiler tells it; what it means, nobody has checked. */
export interface DecoratorPlace {
  readonly target: unknown;
  readonly member?: unknown;
  /** Of a parameter its index, of a method or an accessor the descriptor. */
  readonly index?: unknown;
}

/** A decorator that was called, for messages. */
export interface CalledDecorator {
  /** As it stands in the source: `@PooledResource('pg')`. */
  readonly name: string;
  /** Where it belongs, to follow "put it on". */
  readonly belongs: string;
}

/** Where it stands, for messages: `OrdersController.find (parameter 0)`. */
export function describePlace({ target, member, index }: DecoratorPlace): string {
  const owner = nameOf(ownerOf(target) as { name?: unknown } | undefined);
  if (member === undefined)
    return typeof index === 'number' ? `${owner} (constructor parameter ${index})` : `${owner} (class)`;
  const name = `${owner}.${typeof member === 'symbol' ? member.toString() : describeName(member)}`;
  if (typeof target === 'function') return `${name} (static)`;
  if (typeof index === 'number') return `${name} (parameter ${index})`;
  const descriptor = descriptorOf(index);
  if (descriptor === undefined) return `${name} (property)`;
  return typeof descriptor.value === 'function' ? `${name} (method)` : `${name} (accessor)`;
}

/** Whether two decorators of one class stand in the same place of it. Two members may be described alike: symbols, and long names. */
export function isSamePlace(one: DecoratorPlace, other: DecoratorPlace): boolean {
  return one.member === other.member && parameterOf(one) === parameterOf(other);
}

/** A decorator of injected values: not on a class, a static member, a method or an accessor. */
export function checkInjectable(decorator: CalledDecorator, place: DecoratorPlace): void {
  refuseStandard(decorator, place);
  const { target, member, index } = place;
  const isStatic = typeof target === 'function' && member !== undefined;
  if (isStatic || (member === undefined && index === undefined) || descriptorOf(index) !== undefined)
    throw misplaced(decorator, place);
}

/** A decorator of methods: not on anything else, nor on a static one. */
export function checkMethod(decorator: CalledDecorator, place: DecoratorPlace): void {
  refuseStandard(decorator, place);
  if (typeof place.target !== 'function' && typeof descriptorOf(place.index)?.value === 'function') return;
  throw misplaced(decorator, place);
}

/** A decorator of classes: not on a member. */
export function checkClass(decorator: CalledDecorator, place: DecoratorPlace): void {
  if (typeof place.target === 'function' && typeof place.member !== 'string') return;
  throw misplaced(decorator, place);
}

/** A decorator that stands there without parentheses, and so got what it decorates in place of its arguments. */
export function refuseBare(given: unknown, caller: string, example: string): void {
  if (typeof given !== 'function' && !isPrototype(given)) return;
  const owner = nameOf(ownerOf(given) as { name?: unknown } | undefined);
  throw new InvalidOptionsError(
    caller,
    `stands in ${owner} without its arguments, or got a class in their place. Write ${caller}(${example}).`,
  );
}

/** The same decorator twice in one place: only one of them could be obeyed. */
export function standsTwice(decorator: string, place: string): InvalidOptionsError {
  return new InvalidOptionsError(
    `${decorator} of ${place}`,
    'stands where there is one already, and only one can take effect. Remove one of the two.',
  );
}

function parameterOf({ index }: DecoratorPlace): number | undefined {
  return typeof index === 'number' ? index : undefined;
}

function isPrototype(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'constructor');
  } catch {
    return false; // a proxy that tells nothing
  }
}

function ownerOf(target: unknown): unknown {
  return typeof target === 'object' && target !== null ? target.constructor : target;
}

/** The descriptor of a method or an accessor. Of a property, some compilers give one that has neither. */
function descriptorOf(index: unknown): PropertyDescriptor | undefined {
  if (typeof index !== 'object' || index === null) return undefined;
  const descriptor = index as PropertyDescriptor;
  return typeof descriptor.value === 'function' ||
    descriptor.get !== undefined ||
    descriptor.set !== undefined
    ? descriptor
    : undefined;
}

/** To a standard decorator, the compiler gives a context in place of the member. */
function refuseStandard({ name }: CalledDecorator, { member }: DecoratorPlace): void {
  if (typeof member !== 'object' || member === null) return;
  throw new InvalidOptionsError(
    `${name} of ${describeName((member as { name?: unknown }).name)}`,
    `was compiled as a standard decorator, which neither Nest nor this package can use. Set "experimentalDecorators" in tsconfig.json.`,
  );
}

function misplaced({ name, belongs }: CalledDecorator, place: DecoratorPlace): InvalidOptionsError {
  return new InvalidOptionsError(
    `${name} of ${describePlace(place)}`,
    `does nothing there. Put it on ${belongs}.`,
  );
}
