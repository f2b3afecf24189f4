export type SpanKind = 'server' | 'consumer' | 'internal';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  /** `traceparent` of W3C Trace Context; absent, or not one: the span begins a trace. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
  /** Epoch milliseconds; now where absent. */
  readonly at?: number;
}

export interface SpanEnd {
  /** In place of the name that it began with. */
  readonly name?: string;
  readonly attributes?: SpanAttributes;
  /** Marks the span as failed, and says why. */
  readonly error?: string;
  /** Epoch milliseconds; now where absent. */
  readonly at?: number;
}

export interface Span {
  /** For spans that come of this one, in this process or another; undefined where nothing is traced. */
  readonly traceparent: string | undefined;
  end(end?: SpanEnd): void;
}

/** What the studio asks of tracing: the parts that are traced know no library. */
export interface Tracer {
  readonly isOn: boolean;
  start(span: SpanStart): Span;
  /** Sends what is held back; waits no longer than a second for it. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: undefined, end() {} };

export const NO_TRACES: Tracer = { isOn: false, start: () => NO_SPAN, close: async () => {} };

/** OpenTelemetry is loaded only where there is somewhere to send the traces. */
export async function createTracer(endpoint: string | undefined, serviceName: string): Promise<Tracer> {
  if (endpoint === undefined) return NO_TRACES;
  const { OtlpTracer } = await import('./otlp-tracer.js');
  return new OtlpTracer(endpoint, serviceName);
}
