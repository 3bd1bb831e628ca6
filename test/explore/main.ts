import { singles } from './enumerate';
import { judge } from './judge';
import { parse } from './schedule';

async function main() {
  const [, , mode = 'one', text = ''] = process.argv;
  await judge(parse('one'));
  if (mode === 'replay') {
    const { broken, ends, trace, missed } = await judge(parse(text));
    for (const c of trace.calls) console.log(new Date(c.at).toISOString(), c.by?.run, c.by?.place, c.operation, c.error ?? '', JSON.stringify(c.input).slice(0, 150));
    console.log(trace.elevations.map(x => [x.name, x.status, x.error, x.cause]), trace.recoveries.map(x => [x.name, x.status, x.error, x.cause]), trace.acts, trace.scripts, trace.end, missed);
    console.log(ends, broken); return;
  }
  if (mode === 'sites') { console.log((await judge(parse(text))).sites.map(s => s.name).join('\n')); return; }
  const t0 = process.cpuUsage(); const w0 = performance.now();
  const all = await singles(mode, text ? text.split(',') : []);
  const [i0 = 0, n0 = 1] = (process.env.SHARD ?? '0/1').split('/').map(Number);
  let n = 0, bad = 0; const ends: Record<string, number> = {};
  for (const [i, schedule] of all.entries()) {
    if (i % n0 !== i0) continue;
    n++;
    let v; try { v = await judge(schedule); } catch (e) { bad++; console.log('CRASH', schedule.faults, (e as Error).stack); continue; }
    const k = v.ends.join(',') + ' ' + v.restoredBy; ends[k] = (ends[k] ?? 0) + 1;
    if (v.missed) console.log('MISSED', v.schedule);
    if (v.broken.length) { bad++; console.log(v.schedule, '->', v.ends.join(','), v.restoredBy); for (const b of v.broken) console.log('    ', b.promise, b.says, ':', b.what); }
  }
  const c = process.cpuUsage(t0);
  console.log(mode, text, n, 'schedules', bad, 'bad', ((c.user + c.system) / 1000 / n).toFixed(1), 'ms cpu each', ((performance.now() - w0) / n).toFixed(1), 'ms wall each', ends);
}
void main();
