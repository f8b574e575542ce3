// Bottleneck with ioredis: so many jobs of one limit that several processes share.
// node cluster.mjs SOCKET NAME LIMIT JOBS; it says "ready", begins when told, and says its times.
import Bottleneck from "bottleneck";
import { once } from "node:events";

const [path, id, limit, jobs] = process.argv.slice(2);
const limiter = new Bottleneck({
  id,
  datastore: "ioredis",
  clientOptions: { path },
  maxConcurrent: Number(limit),
});
limiter.on("error", (error) => { console.error(error); process.exit(1); });
await limiter.ready();
console.log("ready");
await once(process.stdin, "data");
const [began, cpu] = [process.hrtime.bigint(), process.cpuUsage()];
await Promise.all(Array.from({ length: Number(jobs) }, () => limiter.schedule(async () => {})));
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({
  seconds: Number(process.hrtime.bigint() - began) / 1e9,
  cpu: (used.user + used.system) / 1e6,
}));
process.exit(0);
