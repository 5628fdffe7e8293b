import { run } from './run/run.js'; import { DEFAULT_RUN } from './run/run-defaults.js';
const [adapter = 'express', requests = '4000', handlers] = process.argv.slice(2);
const report = await run({ ...DEFAULT_RUN, adapter: adapter as never, requests: Number(requests), keepGoing: true, handlers: handlers?.split(',') as never}, (...a) => console.log(...a));
const by = new Map<string, [number, string, Set<string>]>();
for (const v of report.violations) { const p = v.requests[0]; const k = [v.invariant, /[A-Za-z]+Error|no answer[^<]*$/.exec(v.detail)?.[0]].join(' | ');
  const what = [p?.handler, p?.losses.join('+'), p?.fault, v.ends[0]?.kind === 'hang-up' ? 'HU' : ''].join('/');
  const e = by.get(k) ?? [0, v.detail.slice(0,250), new Set<string>()] as [number, string, Set<string>];
  e[0]++; e[2].add(what); by.set(k, e); 
  if (v.invariant === 'reachable') for (const [i, p] of v.requests.entries()) console.log('   R ', p.id, [p.handler, p.losses.join('+'), p.borrowers, p.fault].join('/'), JSON.stringify(v.ends[i])); }
for (const [k, [n, d, s]] of [...by].sort()) console.log(n, k, '\n       ', d, '\n       ', [...s].slice(0, 8).join('  '));
const cpu = process.cpuUsage();
console.log(report.requests, report.seconds, 'cpu ms per request', (cpu.user + cpu.system) / 1000 / report.requests);
process.exit();
