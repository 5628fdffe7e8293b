import { BadRequestException } from '@nestjs/common';
import type { LeaseContext } from 'nestjs-resources';

const ZONES: ReadonlySet<unknown> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** The key of a request's session. It is asked before any pipe is, and so it has to refuse for itself. */
export function zoneOf({ request }: LeaseContext): string {
  const { zone = 'UTC' } = (request as { query: { zone?: unknown } }).query;
  if (!ZONES.has(zone)) throw new BadRequestException('zone must be a time zone such as Europe/Vienna');
  return zone as string;
}
