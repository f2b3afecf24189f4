import {
  alternativesByColumn,
  ConditionError,
  isCoded,
  type Column,
  type ColumnCoding,
  type Condition,
  type SimpleCondition,
} from '../../../core/plugin-api/index.js';

/** Whether a row of generated columns meets all conditions. */
export type RowTest = (columns: readonly Column[], row: number) => boolean;

/** @throws ConditionError for a column or a category that the model does not know, or conditions that exclude one another. */
export function compileConditions(codings: readonly ColumnCoding[], conditions: readonly Condition[]): RowTest {
  const tests = [...alternativesByColumn(conditions)].map(([name, alternatives]) => {
    return compileColumn(codings, name, alternatives);
  });
  return (columns, row) => tests.every((test) => test(columns, row));
}

function compileColumn(
  codings: readonly ColumnCoding[],
  name: string,
  alternatives: readonly SimpleCondition[],
): RowTest {
  const index = codings.findIndex((coding) => coding.name === name);
  const coding = codings[index];
  if (!coding) throw new ConditionError(name, `There is no column "${name}"`);
  const tests = alternatives.map((condition) => cellTest(coding, condition));
  return (columns, row) => {
    const column = columns[index]!;
    const cell = isCoded(column) ? column.codes[row]! : column.values[row]!;
    return tests.some((test) => test(cell));
  };
}

function cellTest(coding: ColumnCoding, condition: SimpleCondition): (cell: number) => boolean {
  const fail = (message: string) => new ConditionError(condition.column, `Column "${condition.column}" ${message}`);
  if (!('value' in condition)) {
    if ('categories' in coding.values) throw fail('has categories, which have no minimum or maximum');
    const { minimum = -Infinity, maximum = Infinity } = condition;
    return (cell) => cell >= minimum && cell <= maximum;
  }
  const { value } = condition;
  if (value === null) {
    if (!coding.missing) throw fail('has no missing cells in this model');
    return 'categories' in coding.values ? (cell) => cell === -1 : Number.isNaN;
  }
  if ('categories' in coding.values) {
    const code = coding.values.categories.indexOf(String(value));
    if (code < 0) throw fail(`has no category "${String(value)}" in this model`);
    return (cell) => cell === code;
  }
  return (cell) => cell === Number(value);
}
