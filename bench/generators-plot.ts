/**
 * Draws the tables of docs/generators.md that `npm run bench -- generators` printed: for each table, quality over all pairs
 * against CPU time, and as a line what the learned rows themselves score. Writes docs/generators.svg.
 * Run from the repository's root: npm run bench -- generators-plot
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as echarts from 'echarts';

const [SOURCE, TARGET] = ['docs/generators.md', 'docs/generators.svg'];
const [PANEL_WIDTH, PANEL_HEIGHT] = [440, 300];
const [COLUMNS, MARGIN] = [2, 60];

interface Point {
  readonly generator: string;
  /** Over all pairs of columns. */
  readonly quality: number;
  /** Seconds; null for rows that nobody had to make. */
  readonly seconds: number | null;
}

interface Panel {
  readonly title: string;
  readonly points: readonly Point[];
}

const panels = readPanels(readFileSync(SOURCE, 'utf8'));
if (panels.length === 0) throw new Error(`${SOURCE} holds no table of npm run bench -- generators`);
const height = Math.ceil(panels.length / COLUMNS) * PANEL_HEIGHT;
const width = Math.min(panels.length, COLUMNS) * PANEL_WIDTH;
const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
chart.setOption({ animation: false, ...merge(panels.map(drawPanel)) });
writeFileSync(TARGET, `${chart.renderToSVGString()}\n`);
chart.dispose();
console.log(`${TARGET}: ${panels.length} tables`);

/** A table follows the line that names it: `**adult** (census, 15 columns): …`. */
function readPanels(markdown: string): Panel[] {
  const found = markdown.matchAll(/^\*\*(\w+)\*\* \(([^)]+)\).*\n\n((?:\|.*\n)+)/gm);
  return Array.from(found, ([, name, what, table]) => ({
    title: `${name}: ${what}`,
    points: table!
      .trimEnd()
      .split('\n')
      .slice(2)
      .map((line) => {
        const [generator, quality, , , , , , time] = line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim());
        const seconds = Number.parseFloat(time ?? '');
        return {
          generator: generator!.replaceAll('`', ''),
          quality: Number(quality!.split('/')[1]),
          seconds: Number.isNaN(seconds) ? null : seconds,
        };
      }),
  }));
}

function drawPanel({ title, points }: Panel, index: number) {
  const left = (index % COLUMNS) * PANEL_WIDTH + MARGIN;
  const top = Math.floor(index / COLUMNS) * PANEL_HEIGHT + MARGIN - 10;
  const place = { gridIndex: index, nameLocation: 'middle' as const };
  const made = points.filter(({ seconds }) => seconds !== null);
  const ceiling = points.find(({ seconds }) => seconds === null);
  return {
    title: { text: title, left, top: top - 35, textStyle: { fontSize: 13 } },
    grid: { left, top, width: PANEL_WIDTH - MARGIN - 50, height: PANEL_HEIGHT - 2 * MARGIN },
    xAxis: { ...place, type: 'log' as const, name: 'seconds of CPU time to train and draw', nameGap: 25 },
    yAxis: { ...place, type: 'value' as const, name: 'quality, all pairs', nameGap: 38, max: 1, scale: true },
    series: {
      type: 'scatter' as const,
      xAxisIndex: index,
      yAxisIndex: index,
      data: made.map(({ generator, quality, seconds }) => ({ name: generator, value: [seconds, quality] })),
      label: { show: true, position: 'right' as const, formatter: '{b}', fontSize: 10 },
      ...(ceiling !== undefined && {
        markLine: {
          symbol: 'none',
          data: [
            { yAxis: ceiling.quality, label: { formatter: ceiling.generator, position: 'insideStartTop' as const } },
          ],
        },
      }),
    },
  };
}

function merge(parts: readonly ReturnType<typeof drawPanel>[]) {
  return {
    title: parts.map(({ title }) => title),
    grid: parts.map(({ grid }) => grid),
    xAxis: parts.map(({ xAxis }) => xAxis),
    yAxis: parts.map(({ yAxis }) => yAxis),
    series: parts.map(({ series }) => series),
  };
}
