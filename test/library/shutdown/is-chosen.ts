/**
 * Whether a row of a table is to be tried.
 *
 * @param names separated by semicolons, since some have commas; none for all
 */
export function isChosen(names: string, name: string): boolean {
  return names === '' || names.split(';').includes(name);
}
