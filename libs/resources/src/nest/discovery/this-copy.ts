/**
 * Stands for this copy of the package. A process may have several: in two applications with a version each, or because a test
 * loads its modules anew. That harms nobody, so nothing is registered globally; but what two of them declare in *one* application
 * carries its copy, under names that all copies share, and there they are told apart.
 */
export const THIS_COPY: object = Object.freeze({ package: 'nestjs-resources' });

/** Carried by whatever a decorator declares. */
export interface OfCopy {
  readonly copy: object;
}
