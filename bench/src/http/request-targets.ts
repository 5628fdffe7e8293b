import type { Target } from '../command/target.js';
import type { RequestCost } from './request-cost.js';

export interface RequestFigures {
  node: number;
  adapter: string;
  costs: readonly RequestCost[];
}

/** What the design promises of a request through Nest. */
export function requestTargets(figures: readonly RequestFigures[]): Target[] {
  const target = (what: string, variant: string, node: number, bound: number): Target => {
    const cost = figures
      .find((one) => one.node === node && one.adapter === 'fastify')
      ?.costs.find((cost) => cost.variant === variant);
    return {
      what: `CPU of a request, ${what}, against a bare handler, Fastify, Node ${node}`,
      bound,
      kind: 'at most',
      unit: 'x',
      measured: cost?.share,
      note: cost === undefined ? `--nodes ${node}` : `over sockets alone ${cost.ratio.toFixed(2)} x`,
    };
  };
  return [
    target('handler parameter', 'handler parameter', 24, 1.15),
    target('handler parameter', 'handler parameter', 20, 1.35),
    target('borrows nothing', 'with the module, borrows nothing', 24, 1.05),
  ];
}
