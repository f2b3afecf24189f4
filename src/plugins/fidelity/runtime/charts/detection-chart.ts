import { type Chart, type MetricSubject, rocCurve } from '../../../../core/plugin-api/index.js';
import type { Detection } from '../detection/detect.js';

const POINTS = 200;
const NAMES: Readonly<Record<MetricSubject, string>> = {
  synthetic: 'Synthetic rows',
  independent: 'Independent columns',
  holdout: 'Held-out rows',
};

export function detectionChart(detections: ReadonlyMap<MetricSubject, Detection>): Chart {
  return {
    type: 'lines',
    id: 'detection-roc',
    title: 'Detection',
    description:
      'The share of rows rightly called not real, against the share of real rows called so: the nearer to the diagonal, the less the rows can be told from real ones.',
    xLabel: 'Real rows called not real',
    yLabel: 'Other rows called not real',
    series: [...detections].flatMap(([subject, { suspicion, labels }]) => {
      const curve = rocCurve(suspicion, labels);
      const stride = Math.max(1, Math.ceil(curve.length / POINTS));
      const points = curve.filter((_, i) => i % stride === 0 || i === curve.length - 1);
      return points.length === 0 ? [] : [{ name: NAMES[subject], points }];
    }),
  };
}
