import {
  type Context,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelApiTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { VERSION } from '../app/version.js';
import type { Span, SpanEnd, SpanKind, SpanStart, Tracer } from './tracer.js';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** Milliseconds between two batches: a trace is looked at soon after it happened. */
const BATCH_DELAY = 1000;
const EXPORT_TIMEOUT = 5000;
const CLOSE_TIMEOUT = 1000;

/** Sends spans to a collector by OTLP over HTTP, in batches; a collector that is away costs spans, never requests. */
export class OtlpTracer implements Tracer {
  readonly isOn = true;
  readonly #provider: TracerProvider;
  readonly #tracer: OtelApiTracer;

  constructor(endpoint: string, serviceName: string) {
    const exporter = new OTLPTraceExporter({
      url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
      timeoutMillis: EXPORT_TIMEOUT,
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': VERSION }),
      spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_DELAY })],
    });
    this.#tracer = this.#provider.getTracer('synthetic-data-studio', VERSION);
  }

  start({ name, kind, parent, attributes, at }: SpanStart): Span {
    const options = { kind: KINDS[kind], attributes: { ...attributes }, ...(at !== undefined && { startTime: at }) };
    return new OtlpSpan(this.#tracer.startSpan(name, options, contextOf(parent)));
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT)));
    await Promise.race([this.#provider.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  }
}

class OtlpSpan implements Span {
  constructor(private readonly span: OtelSpan) {}

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  end({ name, attributes, error, at }: SpanEnd = {}): void {
    if (name !== undefined) this.span.updateName(name);
    if (attributes !== undefined) this.span.setAttributes({ ...attributes });
    if (error !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    this.span.end(at);
  }
}

function contextOf(traceparent: string | undefined): Context {
  const match = TRACEPARENT.exec(traceparent ?? '');
  if (match === null) return ROOT_CONTEXT;
  const [, traceId, spanId, flags] = match as unknown as [string, string, string, string];
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
