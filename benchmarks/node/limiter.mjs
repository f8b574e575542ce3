// One measurement of one JavaScript limiter: prints one JSON line and ends.
//   node --expose-gc limiter.mjs yield|uncontended|waiting bottleneck|p-queue|p-limit JOBS
// yield and uncontended: jobs, and the microseconds of processor time of this process;
// waiting: jobs, and the bytes of heap that they hold while they wait.
import Bottleneck from "bottleneck";
import pLimit from "p-limit";
import PQueue from "p-queue";

const makers = {
  bottleneck(width) {
    const limiter = new Bottleneck({ maxConcurrent: width });
    return (job) => limiter.schedule(job);
  },
  "p-queue"(width) {
    const queue = new PQueue({ concurrency: width });
    return (job) => queue.add(job);
  },
  "p-limit"(width) {
    return pLimit(width);
  },
};

const once = () => new Promise((done) => setImmediate(done));
const nothing = async () => {};

function cpu(before) {
  const used = process.cpuUsage(before);
  return used.user + used.system;
}

async function queued(add, jobs) {
  const before = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: jobs }, () => add(once)));
  return { cpu: cpu(before), wall: (performance.now() - started) * 1000 };
}

async function alone(add, jobs) {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let count = 0; count < jobs; count++) await add(nothing);
  return { cpu: cpu(before), wall: (performance.now() - started) * 1000 };
}

async function waiting(add, jobs) {
  const never = () => new Promise(() => {});
  const held = [];
  for (let count = 0; count < 10; count++) held.push(add(never));
  const settle = async () => {
    for (let count = 0; count < 20; count++) await once();
    globalThis.gc();
  };
  await settle();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < jobs; count++) held.push(add(nothing));
  await settle();
  return { bytes: process.memoryUsage().heapUsed - before };
}

const [kind, name, count] = process.argv.slice(2);
const jobs = Number(count);
const measure = { yield: queued, uncontended: alone, waiting }[kind];
const result = await measure(makers[name](10), jobs);
console.log(JSON.stringify({ jobs, ...result }));
process.exit(0);
