import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/**
 * The process's own figures under Prometheus' usual names. By hand, since prom-client's own set keeps observers that
 * nothing can stop. Returns what ends the measuring.
 */
export function addProcessMetrics(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    registry.registerMetric(metric);
  };
  gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', () => {
    return Math.round(Date.now() / 1000 - process.uptime());
  });
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of all threads, in seconds.',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / MICROSECONDS);
    },
  });
  registry.registerMetric(cpu);
  gauge('process_resident_memory_bytes', 'Resident memory, in bytes.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_used_bytes', 'Memory of JavaScript in use, in bytes.', () => process.memoryUsage().heapUsed);
  gauge('process_open_fds', 'Open files and connections; 0 where the system does not tell.', openFiles);
  gauge('nodejs_eventloop_lag_p50_seconds', 'Median lag of the event loop since the last scrape.', () => {
    return delay.percentile(50) / NANOSECONDS;
  });
  gauge('nodejs_eventloop_lag_p99_seconds', '99th percentile of it.', () => delay.percentile(99) / NANOSECONDS);
  gauge('nodejs_eventloop_lag_max_seconds', 'The longest.', () => {
    const longest = delay.max / NANOSECONDS;
    // The last of the three: the next scrape tells of the time from here.
    delay.reset();
    return longest;
  });
  return () => delay.disable();
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
