import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { ResourceTypeName } from '../coordinator/resource-types.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import {
  type Finding,
  findingOf,
  findingOfCached,
  GONE,
  inPhase,
  readinessIn,
  regarding,
  servedBy,
  startIn,
  worseOf,
} from './finding.js';

/** Under which key a report shows the coordinator itself. */
const OWN_KEY = 'resources';

/** A report on the coordinator, under `resources`, and on types, each under its name. */
export type ResourcesHealth<Type extends string = never> = HealthIndicatorResult<typeof OWN_KEY | Type>;

/**
 * Answers the three questions of an orchestrator: is the process alive, has it started, may it be given work. All come from what the pools and caches
 * know already: no answer borrows, creates, queries or waits, so that none is late because the application is busy. `degraded` is an answer with status
 * 200, and says why; Terminus 11 knows no `degraded`: there it is `up`, with the same `reason`.
 */
@Injectable()
export class ResourcesHealthIndicator {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** Whether the process is alive: always `up`, because it answers. It depends on no resource, and a restart would mend none. */
  async live(): Promise<ResourcesHealth> {
    return this.report([[OWN_KEY, { status: 'up', data: { phase: this.phase } }]]);
  }

  /**
   * Whether the application may be given work: `down` while it starts or drains, and when a type is closed, paused, or has nothing that works, unless
   * its `readiness` is `'ignored'`: then it is `degraded` at worst. `degraded` is also what is busy.
   *
   * @param types those that count, pooled or cached. Default: all
   * @throws UnknownResourceError for a type that nobody registered
   */
  async ready<const Types extends readonly ResourceTypeName[]>(
    ...types: Types
  ): Promise<ResourcesHealth<Types[number]>> {
    return this.report([
      [OWN_KEY, readinessIn(this.phase, this.coordinator.announced)],
      ...this.each(types, this.readinessOf),
    ]);
  }

  /**
   * Whether one type may be given work, under a key of your choice and with nothing else in the report: for a check of your own, beside those of other
   * indicators. It finds what {@link ready} finds of the type; as it shows no entry of the application, it is also `down` while the application is.
   *
   * @param key the resource type, pooled or cached, and under which the report shows it
   * @throws UnknownResourceError for a type that nobody registered
   */
  check<const Key extends ResourceTypeName>(key: Key): Promise<HealthIndicatorResult<Key>>;
  /**
   * @param key under which the report shows it
   * @param type of the resource
   * @throws UnknownResourceError for a type that nobody registered
   */
  check<const Key extends string>(key: Key, type: ResourceTypeName): Promise<HealthIndicatorResult<Key>>;
  async check<Key extends string>(key: Key, type: string = key): Promise<HealthIndicatorResult<Key>> {
    const application = readinessIn(this.phase, this.coordinator.announced);
    return this.report(
      this.each([type], this.readinessOf).map(([, finding]) => [key, servedBy(application, finding)]),
    );
  }

  /**
   * Whether the application has started: `down` until all pools are warm, and `up` ever after.
   *
   * @param types those that count, pooled or cached. Default: all
   * @throws UnknownResourceError for a type that nobody registered
   */
  async startup<const Types extends readonly ResourceTypeName[]>(
    ...types: Types
  ): Promise<ResourcesHealth<Types[number]>> {
    const start = startIn(this.phase);
    return this.report([[OWN_KEY, start], ...this.each(types, () => [start])]);
  }

  private get phase(): ReturnType<ResourceCoordinator['stats']>['phase'] {
    return this.coordinator.stats().phase;
  }

  /** Of a type that is both pooled and cached, two. */
  private readonly readinessOf = (type: string): Finding[] => {
    const pool = this.coordinator.pools.get(type);
    const cached = this.coordinator.cachedResources.get(type);
    const phase = this.coordinator.phaseOf(type);
    return [
      ...(pool === undefined ? [] : [regarding(pool.options.readiness, inPhase(phase, findingOf(pool)))]),
      ...(cached === undefined ? [] : [regarding(cached.readiness, inPhase(phase, findingOfCached(cached)))]),
    ];
  };

  /** @param find what is known of a type */
  private each(types: readonly string[], find: (type: string) => Finding[]): [string, Finding][] {
    const { pools, cachedResources, draining } = this.coordinator;
    const known = new Set<string>([...pools.keys(), ...cachedResources.keys()]);
    return (types.length === 0 ? [...known] : types).flatMap((type) => {
      if (!known.has(type) && !draining) throw UnknownResourceError.forType(type, [...known]);
      const findings = known.has(type) ? find(type) : [GONE];
      return findings.map((finding): [string, Finding] => [type, finding]);
    });
  }

  private report<Key extends string>(
    findings: readonly (readonly [string, Finding])[],
  ): HealthIndicatorResult<Key> {
    const worst = new Map<string, Finding>();
    for (const [key, finding] of findings) worst.set(key, worseOf(worst.get(key), finding));
    const told = [...worst].map(([key, finding]) => [key, this.told(key, finding)] as const);
    return Object.fromEntries(told) as HealthIndicatorResult<Key>; // of all that was asked for, and perhaps more
  }

  private told(key: string, { status, data }: Finding): HealthIndicatorResult[string] {
    const indicator = this.indicators.check(key);
    const canBeDegraded: boolean = 'degraded' in indicator; // not in Terminus 11
    if (status === 'down') return indicator.down(data)[key];
    return status === 'degraded' && canBeDegraded ? indicator.degraded(data)[key] : indicator.up(data)[key];
  }
}
