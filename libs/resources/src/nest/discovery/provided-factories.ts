import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { type DeclaredFactory, factoriesOf } from '../decorators/declared-factory.js';
import { classOf, nameOf, nameOfToken } from './class-of.js';
import { staticProviders } from './static-providers.js';
import type { Modules } from './importers-of.js';

/** A factory that the application provides. */
export interface ProvidedFactory {
  readonly declared: DeclaredFactory;
  /** Of this class; where something else is provided under it and has none of its own, the class that declares the type. */
  readonly owner: object;
  /** The provider that it was found at first: `SftpFactory in SftpModule`. */
  readonly place: string;
  /** Whether it is a factory is for the registration to check. */
  readonly instance: unknown;
}

/**
 * The factories of an application: a provider is one if its class is declared to be, or the class under which it is provided. So the
 * double that a test provides for a factory's class is the factory, whether it is an object, of another class, or what a function makes.
 *
 * @throws InvalidOptionsError when the two declare different types: then it is the factory of one by mistake
 */
export function providedFactories(modules: Modules): ProvidedFactory[] {
  const found: ProvidedFactory[] = [];
  for (const { token, module, instance } of staticProviders(modules)) {
    const own = typeof instance === 'object' && instance !== null ? classOf(instance) : undefined;
    const asked = typeof token === 'function' ? token : undefined;
    const owner = own ?? asked;
    if (owner === undefined) continue;
    const ofOwn = own === undefined ? [] : factoriesOf(own);
    const ofAsked = asked === undefined ? [] : factoriesOf(asked);
    refuseOther(ofAsked, asked, ofOwn, own);
    for (const declared of [...ofOwn, ...ofAsked]) {
      if (found.some((known) => known.instance === instance && isSame(known.declared, declared))) continue;
      found.push({ declared, owner, place: `${nameOfToken(token)} in ${module}`, instance });
    }
  }
  return found;
}

/** What stands under several tokens, or in several modules, is one factory. */
function isSame(one: DeclaredFactory, other: DeclaredFactory): boolean {
  return one.source === other.source && one.type === other.type;
}

function refuseOther(
  ofAsked: readonly DeclaredFactory[],
  asked: object | undefined,
  ofOwn: readonly DeclaredFactory[],
  own: object | undefined,
): void {
  for (const { source, type } of ofAsked) {
    const other = ofOwn.find((each) => each.source === source);
    if (other === undefined || other.type === type) continue;
    throw new InvalidOptionsError(
      nameOf(asked),
      `is the factory of "${type}", and the ${nameOf(own)} that is provided for it is one of "${other.type}". ` +
        `Provide a factory of "${type}", or one of a class without a decorator.`,
      type,
    );
  }
}
