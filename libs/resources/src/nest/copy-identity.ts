import 'reflect-metadata';

/** Gives a wrapper all that decorators and frameworks read from a function: name, length, own properties, metadata. */
export function copyIdentity(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, key);
    const present = Object.getOwnPropertyDescriptor(to, key);
    if (descriptor !== undefined && present?.configurable !== false)
      Object.defineProperty(to, key, descriptor);
  }
  for (const key of Reflect.getOwnMetadataKeys(from)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
}
