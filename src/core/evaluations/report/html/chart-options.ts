import type { Chart } from '../../../plugin-api/index.js';

export type DrawnChart = Exclude<Chart, { type: 'table' }>;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** ECharts' options: plain data. */
  readonly option: Readonly<Record<string, unknown>>;
}

// Colours that stay apart for the colour-blind, and legible on white and on black.
const COLOURS = ['#2f7ed8', '#e07b1f', '#2a9d6f', '#b0559b', '#8a8f98'];
const DIVERGING = ['#b3541e', '#e9a36b', '#eceef0', '#7fb2e5', '#1f5fa8'];
const INK = { color: 'currentColor', fontSize: 11, fontFamily: 'system-ui, sans-serif' };
const FAINT = { lineStyle: { color: 'currentColor', opacity: 0.18 } };
const AXIS_LINE = { lineStyle: { color: 'currentColor', opacity: 0.5 } };
const LABEL_LENGTH = 16;
const POINTS_DRAWN = 500;
const BASE = { animation: false, backgroundColor: 'transparent', color: COLOURS, textStyle: INK };

export function drawingOf(chart: DrawnChart): Drawing {
  if (chart.type === 'bars') return barsDrawing(chart);
  if (chart.type === 'lines') return linesDrawing(chart);
  return heatmapDrawing(chart);
}

function shorten(text: string): string {
  const oneLine = text.replace(/\s+/g, ' ').trim();
  return oneLine.length <= LABEL_LENGTH ? oneLine : `${oneLine.slice(0, LABEL_LENGTH - 1)}…`;
}

function legend(names: readonly string[]) {
  return { data: names, top: 0, left: 0, itemGap: 18, itemWidth: 14, itemHeight: 10, textStyle: INK };
}

function valueAxis(name?: string) {
  return {
    type: 'value',
    scale: name !== undefined,
    axisLabel: INK,
    splitLine: FAINT,
    axisLine: AXIS_LINE,
    ...(name !== undefined && { name, nameLocation: 'middle', nameGap: 28, nameTextStyle: INK }),
  };
}

function barsDrawing({ categories, series }: Extract<Chart, { type: 'bars' }>): Drawing {
  const axisLabel = { ...INK, rotate: 45, hideOverlap: true };
  return {
    width: 420,
    height: 260,
    option: {
      ...BASE,
      legend: legend(series.map(({ name }) => name)),
      grid: { left: 46, right: 10, top: 30, bottom: 84 },
      xAxis: {
        type: 'category',
        data: categories.map(shorten),
        axisLabel,
        axisLine: AXIS_LINE,
        axisTick: { show: false },
      },
      yAxis: valueAxis(),
      series: series.map(({ name, values }) => ({
        type: 'bar',
        name,
        data: values,
        barGap: '5%',
        barCategoryGap: '25%',
      })),
    },
  };
}

function linesDrawing({ xLabel, yLabel, series }: Extract<Chart, { type: 'lines' }>): Drawing {
  return {
    width: 420,
    height: 280,
    option: {
      ...BASE,
      legend: legend(series.map(({ name }) => name)),
      grid: { left: 62, right: 14, top: 30, bottom: 46 },
      xAxis: valueAxis(xLabel),
      yAxis: { ...valueAxis(yLabel), nameGap: 44 },
      series: series.map(({ name, points }) => ({
        type: 'line',
        name,
        data: thinned(points),
        showSymbol: points.length === 1,
        lineStyle: { width: 1.6 },
      })),
    },
  };
}

/** Each n-th point and the last one: more than that cannot be seen. */
function thinned<T>(points: readonly T[]): readonly T[] {
  const stride = Math.ceil(points.length / POINTS_DRAWN);
  return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}

function heatmapDrawing({ rows, columns, values, range }: Extract<Chart, { type: 'heatmap' }>): Drawing {
  const cell = Math.max(13, Math.min(26, 420 / columns.length));
  const axis = (names: readonly string[]) => ({
    type: 'category',
    data: names.map(shorten),
    axisLabel: { ...INK, fontSize: 10, interval: 0 },
    axisLine: { show: false },
    axisTick: { show: false },
  });
  const data = values.flatMap((row, y) => row.flatMap((value, x) => (value === null ? [] : [[x, y, value]])));
  const horizontal = axis(columns);
  return {
    width: Math.round(112 + cell * columns.length),
    height: Math.round(142 + cell * rows.length),
    option: {
      ...BASE,
      grid: { left: 104, right: 8, top: 8, bottom: 134 },
      xAxis: { ...horizontal, axisLabel: { ...horizontal.axisLabel, rotate: 90 } },
      yAxis: { ...axis(rows), inverse: true },
      visualMap: {
        min: range[0],
        max: range[1],
        orient: 'horizontal',
        left: 104,
        bottom: 0,
        itemHeight: 120,
        itemWidth: 10,
        precision: 1,
        calculable: false,
        text: [String(range[1]), String(range[0])],
        inRange: { color: DIVERGING },
        textStyle: INK,
      },
      series: [{ type: 'heatmap', data }],
    },
  };
}
