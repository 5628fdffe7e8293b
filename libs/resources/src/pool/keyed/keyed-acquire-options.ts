import { checkSignal } from '../../hooks/abort-signals.js';
import type { LeaseInfo } from '../../reports/lease-info.js';
import { describeName } from '../../words/describe-name.js';
import { type AcquireOptions, checkNames, checkPriority, readTimeout } from '../acquire-options.js';

/** What one `acquire` of a keyed pool asks for. */
export interface KeyedAcquireOptions extends AcquireOptions {
  /** For whom: a tenant's name. Any non-empty string. */
  key: string;
}

/** Reads each option once: what was checked is what is used. */
export function readKeyedOptions(options: KeyedAcquireOptions, type: string): KeyedAcquireOptions {
  const { key, signal, timeout, owner, tenant, priority, reserve, unit } = options;
  checkSignal(signal, type);
  checkNames(owner === undefined ? '' : owner, tenant === undefined ? '' : tenant, type);
  if (priority !== undefined) checkPriority(priority, type);
  if (timeout !== undefined) readTimeout(timeout, type);
  return { key, signal, timeout, owner, tenant, priority, reserve, unit };
}

/** A lease as it is told of a keyed type. */
export function ofKey(lease: LeaseInfo, key: string): LeaseInfo {
  const type = describeName(lease.type);
  return { ...lease, key, id: `${type}[${describeName(key)}]${lease.id.slice(type.length)}` };
}
