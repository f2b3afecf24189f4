import { readFileSync } from 'node:fs';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { normal, pick } from './draws.js';

/** A table to learn, one part to train on and one to score against, as lines of CSV. */
export interface BenchTable {
  readonly name: string;
  readonly what: string;
  /** The column that classifiers are trained to tell; its rarest value counts as positive. */
  readonly target: string;
  readonly header: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** Share of the rows that no generator learns from. */
const TEST_SHARE = 0.2;

type Row = readonly (string | number | null)[];

/** The adult table, and three made ones whose relations are known to be there: long, wide, and with dates, gaps and many categories. */
export const BENCH_TABLES: Readonly<Record<string, () => BenchTable>> = {
  adult: () => {
    const [header, ...lines] = readFileSync('assets/adult.csv', 'utf8').trimEnd().split('\n');
    return split('adult', 'census, 15 columns', 'income', header!, lines);
  },
  long: () => made('long', '12 columns of 5 kinds of people', 'bought', LONG_NAMES, 325_610, longRow),
  wide: () => made('wide', '60 columns of 6 hidden factors', 'label', WIDE_NAMES, 10_000, wideRow),
  orders: () =>
    made('orders', 'times of day, gaps, 2,000 products', 'returned', ORDER_NAMES, 30_000, orderRow(new Products())),
};

function made(
  name: string,
  what: string,
  target: string,
  names: readonly string[],
  rowCount: number,
  row: (random: RandomStream) => Row,
): BenchTable {
  const random = new RandomStream(1, `bench.table.${name}`);
  const lines = Array.from({ length: rowCount }, () =>
    row(random)
      .map((cell) => cell ?? '')
      .join(','),
  );
  return split(name, what, target, names.join(','), lines);
}

function split(name: string, what: string, target: string, header: string, lines: readonly string[]): BenchTable {
  const order = new RandomStream(1, 'bench.split').shuffle([...lines.keys()]);
  const testRows = Math.round(lines.length * TEST_SHARE);
  const rows = Array.from(order, (line) => lines[line]!);
  return {
    name,
    what,
    target,
    header,
    train: rows.slice(testRows),
    test: rows.slice(0, testRows),
  };
}

const LONG_NAMES = 'age,region,plan,months,visits,spend,discount,children,owner,channel,score,bought'.split(',');
const REGIONS = ['north', 'south', 'east', 'west', 'centre'];
const PLANS = ['free', 'basic', 'plus', 'pro'];
const CHANNELS = ['web', 'shop', 'phone', 'partner', 'post', 'fair'];

/** Five hidden kinds of people, within which columns still depend on each other. */
function longRow(random: RandomStream): Row {
  const kind = pick(random, [30, 25, 20, 15, 10]);
  const age = Math.min(95, Math.max(18, Math.round([24, 38, 52, 67, 45][kind]! + 7 * normal(random))));
  const region = pick(random, [3, 2, 2, 1, 1 + kind]);
  const plan = pick(random, [6 - kind, 3, 1 + kind, 1 + (region === 4 ? 4 : 0)]);
  const months = Math.floor(-Math.log(1 - random.next()) * (10 + 12 * plan));
  const visits = Math.floor(-Math.log(1 - random.next()) * (2 + 3 * kind + (months < 6 ? 8 : 0)));
  const spend = plan === 0 ? 0 : Math.exp(1.5 + 0.8 * plan + 0.4 * normal(random)) * Math.sqrt(visits + 1);
  const discount = random.next() < 0.6 ? 0 : 5 * (1 + pick(random, [5, 3, 1 + plan]));
  const children = age < 25 ? 0 : pick(random, [4, 3, 4, 1]);
  const owner = random.next() < 1 / (1 + Math.exp(-(age - 45) / 8)) ? 'yes' : 'no';
  const channel = pick(random, [age < 40 ? 12 : 3, 4, age > 60 ? 8 : 1, region, age > 70 ? 5 : 0.2, 0.5]);
  const score = Math.round(300 + 5 * age + 40 * plan - 2 * discount + 30 * normal(random));
  const wish =
    -2 + 0.15 * visits + (owner === 'yes' ? 0.8 : 0) - 0.4 * children + 0.05 * discount + (channel === 0 ? 0.5 : 0);
  const bought = random.next() < 1 / (1 + Math.exp(-wish)) ? 'yes' : 'no';
  const texts = [REGIONS[region]!, PLANS[plan]!, CHANNELS[channel]!];
  return [
    age,
    texts[0]!,
    texts[1]!,
    months,
    visits,
    spend.toFixed(2),
    discount,
    children,
    owner,
    texts[2]!,
    score,
    bought,
  ];
}

const WIDE_COLUMNS = 59;
const FACTORS = 6;
const WIDE_NAMES = [
  ...Array.from({ length: WIDE_COLUMNS }, (_, c) => `${c % 3 === 2 ? 'group' : 'value'}${c}`),
  'label',
];

/** Sums and products of hidden factors; every third column is one cut into five groups. */
function wideRow(random: RandomStream): Row {
  const factors = Array.from({ length: FACTORS }, () => normal(random));
  const cells = Array.from({ length: WIDE_COLUMNS }, (_, c) => {
    const [a, b] = [factors[c % FACTORS]!, factors[(3 * c + 1) % FACTORS]!];
    const x = (c % 4 === 0 ? a * b : a + 0.5 * b) + 0.3 * normal(random);
    if (c % 3 === 2) return `g${Math.min(4, Math.max(0, Math.floor(x + 2.5)))}`;
    return c % 5 === 0 ? Math.round(20 + 8 * x) : (c % 5 === 1 ? Math.exp(x) : x).toFixed(3);
  });
  const label = factors[0]! * factors[1]! + factors[2]! + 0.5 * normal(random) > 1 ? 'high' : 'low';
  return [...cells, label];
}

const PRODUCTS = 2000;
const DEPARTMENTS = ['books', 'toys', 'garden', 'kitchen', 'sport', 'music', 'shoes', 'tools'];

/** Popularity falls by rank; each has a department and a price of its own. */
class Products {
  readonly cumulated: number[] = [];
  readonly department: number[] = [];
  readonly price: number[] = [];

  constructor() {
    const random = new RandomStream(1, 'bench.products');
    let total = 0;
    for (let rank = 0; rank < PRODUCTS; rank++) {
      this.cumulated.push((total += 1 / (rank + 20)));
      const department = pick(random, [8, 7, 6, 5, 4, 3, 2, 1]);
      this.department.push(department);
      this.price.push(Math.exp(2 + 0.25 * department + 0.5 * normal(random)));
    }
  }

  draw(random: RandomStream): number {
    const at = random.next() * this.cumulated.at(-1)!;
    let [low, high] = [0, PRODUCTS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulated[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const ORDER_NAMES = 'ordered,product,department,quantity,price,coupon,customer,delivered,rating,returned'.split(',');
const CUSTOMERS = ['new', 'regular', 'business'];
const FIRST_DAY = Date.UTC(2023, 0, 2);
const DAY = 86_400_000;

/** Businesses order in the hours and on the days of work; what was not delivered has no rating. */
function orderRow(products: Products): (random: RandomStream) => Row {
  return (random) => {
    const customer = pick(random, [3, 5, 2]);
    const week = Math.floor(104 * Math.sqrt(random.next()));
    const weekday = pick(random, customer === 2 ? [5, 5, 5, 5, 4, 0.2, 0.1] : [2, 2, 2, 2, 3, 5, 4]);
    const hour = Math.min(23.99, Math.max(0, customer === 2 ? 11 + 2 * normal(random) : 18 + 3.5 * normal(random)));
    const ordered = FIRST_DAY + (7 * week + weekday) * DAY + Math.floor(hour * 3600) * 1000;
    const product = products.draw(random);
    const department = products.department[product]!;
    const quantity = customer === 2 ? 1 + Math.floor(-8 * Math.log(1 - random.next())) : 1 + pick(random, [12, 3, 1]);
    const price = (products.price[product]! * (quantity > 10 ? 0.9 : 1)).toFixed(2);
    const coupon = random.next() < (customer === 0 ? 0.5 : 0.15) ? 5 * (1 + pick(random, [3, 2, 1])) : null;
    const isDelivered = random.next() < 0.93;
    const delivered = isDelivered ? ordered + Math.round((1 + department / 2 + 2 * random.next()) * DAY) : null;
    const rating = isDelivered && random.next() < 0.6 ? 1 + pick(random, [1, 1, 2, 4, 6 - department / 2]) : null;
    const dislike =
      -3 + (rating !== null && rating < 3 ? 3 : 0) + (department === 6 ? 1.5 : 0) + (coupon === null ? 0 : 0.5);
    const returned = isDelivered && random.next() < 1 / (1 + Math.exp(-dislike)) ? 'yes' : 'no';
    const texts = [`P${String(product).padStart(4, '0')}`, DEPARTMENTS[department]!, CUSTOMERS[customer]!];
    return [
      moment(ordered),
      texts[0]!,
      texts[1]!,
      quantity,
      price,
      coupon,
      texts[2]!,
      moment(delivered),
      rating,
      returned,
    ];
  };
}

function moment(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}
